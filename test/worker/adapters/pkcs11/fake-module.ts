/** A module in JavaScript that does what it is told: what SoftHSM never does, other modules may. */
import type {
  Cryptoki,
  FunctionName,
  Ulong,
} from "../../../../src/worker/adapters/pkcs11/native/cryptoki.ts";
import { writeUlong } from "./memory.ts";

export type Handler = (...args: readonly number[]) => Ulong;

export interface FakeModule extends Cryptoki {
  /** Every call, in order. */
  readonly calls: FunctionName[];
}

const OK = 0;
const RW_PUBLIC_SESSION = 2n;

let lists = 0n;

/** What has no handler succeeds and writes nothing, but for sessions: they have handles, and nobody is logged in. */
export function fakeModule(handlers: Readonly<Partial<Record<FunctionName, Handler>>> = {}): FakeModule {
  const calls: FunctionName[] = [];
  let sessions = 0n;
  lists += 1n;
  const defaults: Partial<Record<FunctionName, Handler>> = {
    C_OpenSession: (_slot, _flags, _application, _notify, at = 0) => {
      sessions += 1n;
      writeUlong(at, sessions);
      return OK;
    },
    C_GetSessionInfo: (_session, at = 0) => {
      writeUlong(at + 8, RW_PUBLIC_SESSION);
      return OK;
    },
  };
  return {
    list: lists,
    calls,
    call(name, ...args) {
      calls.push(name);
      const handler = handlers[name] ?? defaults[name];
      return handler === undefined ? OK : handler(...args.map(Number));
    },
  };
}
