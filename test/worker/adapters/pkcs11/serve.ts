/** Runs of the adapter over a module that counts its calls. */
import type {
  Imports,
  SessionsMode,
  SessionsSession,
  TypesError,
} from "../../../../src/worker/adapters/pkcs11/bindings.ts";
import type { Cryptoki } from "../../../../src/worker/adapters/pkcs11/native/cryptoki.ts";
import { Pkcs11Module } from "../../../../src/worker/adapters/pkcs11/native/module.ts";
import { serveRun } from "../../../../src/worker/adapters/pkcs11/serving.ts";
import type { Settings } from "../../../../src/worker/adapters/pkcs11/settings.ts";
import type { Result } from "../../../../src/worker/adapters/types.ts";

export interface CountedCryptoki extends Cryptoki {
  /** Successful calls, by name. */
  readonly counts: Map<string, number>;
}

export function counted(cryptoki: Cryptoki): CountedCryptoki {
  const counts = new Map<string, number>();
  return {
    counts,
    list: cryptoki.list,
    call(name, ...args) {
      const rv = cryptoki.call(name, ...args);
      if (Number(rv) === 0) counts.set(name, (counts.get(name) ?? 0) + 1);
      return rv;
    },
  };
}

/** Sessions that were opened and not closed. */
export function openSessions({ counts }: CountedCryptoki): number {
  return (counts.get("C_OpenSession") ?? 0) - (counts.get("C_CloseSession") ?? 0);
}

/** Ends the module. Throws where a session is still open. */
export function closeModule(module: Pkcs11Module, cryptoki: CountedCryptoki): void {
  const left = openSessions(cryptoki);
  module.close();
  if (left !== 0) throw new RangeError(`${left} sessions were not closed`);
}

const DEFAULTS: Settings = {
  slots: undefined,
  tokenLabels: undefined,
  readPin: undefined,
  readOnly: false,
  allowTokenInit: false,
  allowPinChange: false,
  allowImport: false,
  allowDestroy: false,
};

export interface Run {
  readonly slots: Imports["pkcs11:host/slots@0.1.0"];
  readonly sessions: Imports["pkcs11:host/sessions@0.1.0"];
  open(slot: bigint, mode?: SessionsMode): SessionsSession;
  end(): void;
}

export function beginRun(module: Pkcs11Module, settings: Partial<Settings> = {}): Run {
  const serving = serveRun(module, { ...DEFAULTS, ...settings });
  const sessions = serving.imports["pkcs11:host/sessions@0.1.0"];
  return {
    slots: serving.imports["pkcs11:host/slots@0.1.0"],
    sessions,
    open: (slot, mode = "read-write") => good(sessions.open(slot, mode)),
    end: () => serving.end?.(),
  };
}

export function moduleOf(cryptoki: Cryptoki): Pkcs11Module {
  return new Pkcs11Module(cryptoki, "hsm");
}

/** What a function gave. */
export function good<T>(result: Result<T, TypesError>): T {
  if (result.tag === "ok") return result.val;
  throw new RangeError(`expected ok, got ${result.val.tag}`);
}

/** The name of the error that a function gave. */
export function bad(result: Result<unknown, TypesError>): string {
  return result.tag === "err" ? result.val.tag : "ok";
}

export function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}
