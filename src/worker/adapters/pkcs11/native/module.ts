/**
 * A PKCS#11 module as one thread has it: initialised once, and the sessions that are open in it. Whoever opens the
 * same image in the same thread gets the same object.
 */
import { HostbundleError } from "../../../../shared/errors.ts";
import { describeRv, isOk, isRv } from "../failure.ts";
import type { Cryptoki, Ulong } from "./cryptoki.ts";
import { withFrame } from "./frame.ts";
import type { SessionHandle } from "./session-handle.ts";

/** `CK_C_INITIALIZE_ARGS`: four functions that we leave to the module, flags, a reserved pointer. */
const INITIALIZE_BYTES = 48;
const INITIALIZE_FLAGS = 32;
const OS_LOCKING_OK = 0x2n;

/** A token in use. Login belongs to the token, so one run at a time has it. */
export interface TokenUse {
  /** Identifies the run. */
  readonly owner: object;
  readonly sessions: Set<SessionHandle>;
  isLoggedIn: boolean;
}

export class Pkcs11Module {
  readonly cryptoki: Cryptoki;
  /** By slot. */
  readonly tokens = new Map<bigint, TokenUse>();
  readonly #isOurs: boolean;

  /** Throws HOST_FAULT where the module does not initialise. */
  constructor(cryptoki: Cryptoki, bundle: string) {
    this.cryptoki = cryptoki;
    const rv = initialise(cryptoki);
    this.#isOurs = isOk(rv);
    if (this.#isOurs || isRv(rv, "cryptoki-already-initialized")) return;
    throw new HostbundleError(
      "HOST_FAULT",
      `the PKCS#11 module of host bundle "${bundle}" does not initialise`,
      {
        bundle,
        findings: [{ message: `C_Initialize gives ${describeRv(rv)}` }],
        help: "its own configuration is usually a file named by a variable of the environment",
      },
    );
  }

  /** Undoes what the constructor did. */
  close(): void {
    // What a module says to its end changes nothing for us.
    if (this.#isOurs) this.cryptoki.call("C_Finalize", 0);
  }
}

/** With locks of the system, or without any where the module cannot: one thread uses it anyway. */
function initialise(cryptoki: Cryptoki): Ulong {
  return withFrame((frame) => {
    const args = frame.room(INITIALIZE_BYTES);
    args.view.setBigUint64(INITIALIZE_FLAGS, OS_LOCKING_OK, true);
    const rv = cryptoki.call("C_Initialize", args.address);
    return isRv(rv, "cant-lock", "need-to-create-threads") ? cryptoki.call("C_Initialize", 0) : rv;
  });
}

const opened = new Map<bigint, { readonly module: Pkcs11Module; users: number }>();

export interface ModuleUse {
  readonly module: Pkcs11Module;
  readonly release: () => void;
}

/** The module of this thread; the last to release it ends it. Throws HOST_FAULT. */
export function useModule(cryptoki: Cryptoki, bundle: string): ModuleUse {
  const entry = opened.get(cryptoki.list) ?? { module: new Pkcs11Module(cryptoki, bundle), users: 0 };
  opened.set(cryptoki.list, entry);
  entry.users += 1;
  let isHeld = true;
  return {
    module: entry.module,
    release: () => {
      if (!isHeld) return;
      isHeld = false;
      entry.users -= 1;
      if (entry.users > 0) return;
      opened.delete(cryptoki.list);
      entry.module.close();
    },
  };
}
