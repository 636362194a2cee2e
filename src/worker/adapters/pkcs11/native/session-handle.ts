/** One open session of the module: opened once, closed once. */
import { answer, check, fail, isOk, isRv, refuse } from "../failure.ts";
import type { Run } from "../run.ts";
import type { FunctionName, Ulong } from "./cryptoki.ts";
import { withFrame } from "./frame.ts";
import type { TokenUse } from "./module.ts";
import { writtenUlong } from "./output.ts";
import { readSessionInfo } from "./structures.ts";

const RW_SESSION = 0x2;
const SERIAL_SESSION = 0x4;
const LOGGED_IN = new Set([1n, 3n, 4n]);

export class SessionHandle {
  readonly run: Run;
  readonly slot: bigint;
  readonly isReadWrite: boolean;
  readonly #handle: bigint;
  readonly #token: TokenUse;
  /** Sessions of operations that were begun with this one. */
  readonly #operations = new Set<SessionHandle>();
  #parent: SessionHandle | undefined;
  #isOpen = true;

  /** Throws the module's value. The run has checked that it may. */
  constructor(run: Run, slot: bigint, isReadWrite: boolean) {
    this.run = run;
    this.slot = slot;
    this.isReadWrite = isReadWrite;
    const { cryptoki, tokens } = run.module;
    const token = tokens.get(slot);
    // Login would be shared.
    if (token !== undefined && token.owner !== run) refuse("session-count");
    const flags = SERIAL_SESSION | (isReadWrite ? RW_SESSION : 0);
    this.#handle = withFrame((frame) =>
      writtenUlong(frame, (at) => cryptoki.call("C_OpenSession", slot, flags, 0, 0, at)),
    );
    this.#token = token ?? { owner: run, sessions: new Set(), isLoggedIn: false };
    tokens.set(slot, this.#token);
    this.#token.sessions.add(this);
    run.sessions.add(this);
    if (token === undefined) this.#endForeignLogin();
  }

  /** A session beside this one that ends with it at the latest. */
  openOperation(): SessionHandle {
    this.checkOpen();
    const operation = this.run.open(this.slot, this.isReadWrite);
    operation.#parent = this;
    this.#operations.add(operation);
    return operation;
  }

  /** Calls a function whose first argument is the session; gives its return value. */
  tryCall(name: FunctionName, ...args: readonly Ulong[]): Ulong {
    if (!this.#isOpen) refuse("session-handle-invalid");
    return this.run.module.cryptoki.call(name, this.#handle, ...args);
  }

  /** The same for functions that succeed or end what we do. */
  call(name: FunctionName, ...args: readonly Ulong[]): void {
    check(this.tryCall(name, ...args));
  }

  checkOpen(): void {
    if (!this.#isOpen) refuse("session-handle-invalid");
  }

  /** What C_Login and C_Logout did. */
  noteLogin(isLoggedIn: boolean): void {
    this.#token.isLoggedIn = isLoggedIn;
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    for (const operation of this.#operations) operation.close();
    if (this.#parent !== undefined) this.#parent.#operations.delete(this);
    const { cryptoki, tokens } = this.run.module;
    const { sessions } = this.#token;
    sessions.delete(this);
    this.run.sessions.delete(this);
    if (sessions.size === 0) {
      // The standard has the last session end the login; not every module does.
      if (this.#token.isLoggedIn) cryptoki.call("C_Logout", this.#handle);
      tokens.delete(this.slot);
    }
    // A token that was removed has closed it already; whatever the module says, it is not ours any more.
    cryptoki.call("C_CloseSession", this.#handle);
  }

  /** A module that kept a login beyond its last session is logged out. */
  #endForeignLogin(): void {
    const info = answer(() => withFrame((frame) => readSessionInfo(frame, this)));
    if (info.tag === "ok" && !LOGGED_IN.has(info.val.state)) return;
    const rv = this.tryCall("C_Logout");
    if (isOk(rv) || isRv(rv, "user-not-logged-in")) return;
    this.close();
    fail(rv);
  }
}
