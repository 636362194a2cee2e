/** The interface `sessions`. */
import type {
  Sessions,
  SessionsSession,
  SessionsState,
  SessionsUser,
  TypesAttribute,
  TypesMechanism,
} from "./bindings.ts";
import { answer, done, refuse } from "./failure.ts";
import { MAX_RANDOM_BYTES } from "./limits.ts";
import { login, setPins } from "./login.ts";
import { writeMechanism } from "./mechanism.ts";
import { withFrame } from "./native/frame.ts";
import { writtenUlong } from "./native/output.ts";
import type { SessionHandle } from "./native/session-handle.ts";
import { readSessionInfo } from "./native/structures.ts";
import { TokenObject } from "./object.ts";
import { Operation } from "./operation.ts";
import type { Run } from "./run.ts";
import { checkComplete, isWithoutKey } from "./sane-numbers.ts";
import { perform } from "./single-part.ts";
import { writeTemplate } from "./template.ts";

/** `CKS_` */
const STATES: readonly SessionsState[] = [
  "read-only-public",
  "read-only-user",
  "read-write-public",
  "read-write-user",
  "read-write-security-officer",
];

const ULONG_BYTES = 8;

const RW_SESSION = 0x2n;

/** How many handles are asked for at once. */
const FOUND_AT_ONCE = 256;

export function sessionsOf(run: Run): Sessions {
  return {
    open: (slot, mode) => answer(() => new Session(run.open(slot, mode === "read-write"))),
    Session,
  };
}

class Session implements SessionsSession {
  readonly #session: SessionHandle;

  constructor(session: SessionHandle) {
    this.#session = session;
  }

  getInfo(): ReturnType<SessionsSession["getInfo"]> {
    return answer(() => {
      const { slot, state, flags, deviceError } = withFrame((frame) => readSessionInfo(frame, this.#session));
      const mode = (flags & RW_SESSION) === 0n ? "read-only" : "read-write";
      return { slot, state: STATES[Number(state)] ?? refuse("general-error"), mode, deviceError };
    });
  }

  login(user: SessionsUser, pin: Uint8Array | undefined): ReturnType<SessionsSession["login"]> {
    return done(() => login(this.#session, user, pin));
  }

  logout(): ReturnType<SessionsSession["logout"]> {
    return done(() => {
      this.#session.call("C_Logout");
      this.#session.noteLogin(false);
    });
  }

  setPin(old: Uint8Array, replacement: Uint8Array): ReturnType<SessionsSession["setPin"]> {
    return done(() => {
      const { allowPinChange } = this.#session.run.settings;
      setPins(this.#session, "C_SetPIN", [old, replacement], allowPinChange);
    });
  }

  initPin(pin: Uint8Array): ReturnType<SessionsSession["initPin"]> {
    return done(() => {
      const { allowTokenInit } = this.#session.run.settings;
      setPins(this.#session, "C_InitPIN", [pin], allowTokenInit);
    });
  }

  findObjects(
    template: readonly TypesAttribute[],
    limit: number,
  ): ReturnType<SessionsSession["findObjects"]> {
    return answer(() => {
      withFrame((frame) => {
        const { address, count } = writeTemplate(frame, template);
        this.#session.call("C_FindObjectsInit", address, count);
      });
      try {
        return this.#found(limit).map((handle) => new TokenObject(this.#session, handle));
      } finally {
        // The search is over, whatever the module says.
        this.#session.tryCall("C_FindObjectsFinal");
      }
    });
  }

  createObject(template: readonly TypesAttribute[]): ReturnType<SessionsSession["createObject"]> {
    return answer(() =>
      withFrame((frame) => {
        if (!isWithoutKey(template)) this.#session.run.checkImport();
        checkComplete(template);
        const { address, count } = writeTemplate(frame, template);
        return new TokenObject(
          this.#session,
          writtenUlong(frame, (at) => this.#session.tryCall("C_CreateObject", address, count, at)),
        );
      }),
    );
  }

  generateKey(
    mechanism: TypesMechanism,
    template: readonly TypesAttribute[],
  ): ReturnType<SessionsSession["generateKey"]> {
    return answer(() =>
      withFrame((frame) => {
        const mechanismAt = writeMechanism(frame, mechanism);
        const { address, count } = writeTemplate(frame, template);
        return new TokenObject(
          this.#session,
          writtenUlong(frame, (at) =>
            this.#session.tryCall("C_GenerateKey", mechanismAt, address, count, at),
          ),
        );
      }),
    );
  }

  generateKeyPair(
    mechanism: TypesMechanism,
    publicTemplate: readonly TypesAttribute[],
    privateTemplate: readonly TypesAttribute[],
  ): ReturnType<SessionsSession["generateKeyPair"]> {
    return answer(() =>
      withFrame((frame) => {
        const mechanismAt = writeMechanism(frame, mechanism);
        const forPublic = writeTemplate(frame, publicTemplate);
        const forPrivate = writeTemplate(frame, privateTemplate);
        const templates = [forPublic.address, forPublic.count, forPrivate.address, forPrivate.count];
        const { address, view } = frame.room(2 * ULONG_BYTES);
        this.#session.call("C_GenerateKeyPair", mechanismAt, ...templates, address, address + ULONG_BYTES);
        return {
          publicKey: new TokenObject(this.#session, view.getBigUint64(0, true)),
          privateKey: new TokenObject(this.#session, view.getBigUint64(ULONG_BYTES, true)),
        };
      }),
    );
  }

  digest(mechanism: TypesMechanism, data: Uint8Array): ReturnType<SessionsSession["digest"]> {
    return answer(() => perform(this.#session, "digest", mechanism, data));
  }

  startDigest(mechanism: TypesMechanism): ReturnType<SessionsSession["startDigest"]> {
    return answer(() => new Operation(this.#session, "digest", mechanism));
  }

  generateRandom(bytes: number): ReturnType<SessionsSession["generateRandom"]> {
    return answer(() => {
      if (bytes > MAX_RANDOM_BYTES) refuse("data-len-range");
      const random = new Uint8Array(Math.max(bytes, 1));
      withFrame((frame) => this.#session.call("C_GenerateRandom", frame.keep(random.buffer), bytes));
      return random.subarray(0, bytes);
    });
  }

  seedRandom(seed: Uint8Array): ReturnType<SessionsSession["seedRandom"]> {
    return done(() =>
      withFrame((frame) => this.#session.call("C_SeedRandom", frame.lend(seed), seed.length)),
    );
  }

  [Symbol.dispose](): void {
    this.#session.close();
  }

  #found(limit: number): readonly bigint[] {
    const handles: bigint[] = [];
    while (handles.length < limit) {
      const batch = Math.min(limit - handles.length, FOUND_AT_ONCE);
      const found = withFrame((frame) => {
        const { address, view } = frame.room(batch * ULONG_BYTES);
        const count = writtenUlong(frame, (at) => this.#session.tryCall("C_FindObjects", address, batch, at));
        if (count > batch) refuse("general-error");
        return Array.from({ length: Number(count) }, (_, index) =>
          view.getBigUint64(index * ULONG_BYTES, true),
        );
      });
      if (found.length === 0) break;
      handles.push(...found);
    }
    return handles;
  }
}
