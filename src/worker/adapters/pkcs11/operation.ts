/** The resource `operation`: an operation in several parts. */
import type { ObjectsOperation, TypesMechanism } from "./bindings.ts";
import { answer, done, refuse } from "./failure.ts";
import type { Key } from "./key.ts";
import { login } from "./login.ts";
import { writeMechanism } from "./mechanism.ts";
import type { FunctionName, Ulong } from "./native/cryptoki.ts";
import { type Frame, withFrame } from "./native/frame.ts";
import { writtenBytes } from "./native/output.ts";
import type { SessionHandle } from "./native/session-handle.ts";

/** What a block cipher, its padding or a tag may add, and the most that a signature or an RSA block has. */
export const ROOM_BYTES = 2048;

type Kind = "sign" | "verify" | "encrypt" | "decrypt" | "digest";

interface Functions {
  readonly init: FunctionName;
  readonly update: FunctionName;
  readonly final: FunctionName;
  /** All at once; needs a signature for `verify`. */
  readonly single: FunctionName;
  /** `update` gives something. */
  readonly streams: boolean;
}

export const KINDS: Readonly<Record<Kind, Functions>> = {
  sign: {
    init: "C_SignInit",
    update: "C_SignUpdate",
    final: "C_SignFinal",
    single: "C_Sign",
    streams: false,
  },
  verify: {
    init: "C_VerifyInit",
    update: "C_VerifyUpdate",
    final: "C_VerifyFinal",
    single: "C_Verify",
    streams: false,
  },
  encrypt: {
    init: "C_EncryptInit",
    update: "C_EncryptUpdate",
    final: "C_EncryptFinal",
    single: "C_Encrypt",
    streams: true,
  },
  decrypt: {
    init: "C_DecryptInit",
    update: "C_DecryptUpdate",
    final: "C_DecryptFinal",
    single: "C_Decrypt",
    streams: true,
  },
  digest: {
    init: "C_DigestInit",
    update: "C_DigestUpdate",
    final: "C_DigestFinal",
    single: "C_Digest",
    streams: false,
  },
};

/** Begins an operation in a session; digests need no key. Throws return values. */
export function beginIn(session: SessionHandle, kind: Kind, mechanism: TypesMechanism, key?: Key): void {
  key?.checkFits(mechanism);
  withFrame((frame) => {
    const at = writeMechanism(frame, mechanism);
    session.call(KINDS[kind].init, at, ...(key === undefined ? [] : [key.handle]));
  });
}

export class Operation implements ObjectsOperation {
  readonly #session: SessionHandle;
  readonly #kind: Kind;
  #isActive = true;

  /** Begins in a session of its own, so that it neither meets others nor outlives its handle. Throws return values. */
  constructor(parent: SessionHandle, kind: Kind, mechanism: TypesMechanism, key?: Key) {
    this.#kind = kind;
    this.#session = parent.openOperation();
    try {
      beginIn(this.#session, kind, mechanism, key);
    } catch (error) {
      this.#session.close();
      throw error;
    }
  }

  update(data: Uint8Array): ReturnType<ObjectsOperation["update"]> {
    const { update, streams } = KINDS[this.#kind];
    return this.#step((frame) => {
      const at = frame.lend(data);
      if (streams) return this.#written(frame, data.length + ROOM_BYTES, update, at, data.length);
      this.#session.call(update, at, data.length);
      return new Uint8Array();
    });
  }

  finish(): ReturnType<ObjectsOperation["finish"]> {
    return this.#end((frame) => this.#written(frame, ROOM_BYTES, KINDS[this.#kind].final));
  }

  complete(data: Uint8Array): ReturnType<ObjectsOperation["complete"]> {
    const { single } = KINDS[this.#kind];
    return this.#end((frame) =>
      this.#written(frame, data.length + ROOM_BYTES, single, frame.lend(data), data.length),
    );
  }

  check(signature: Uint8Array): ReturnType<ObjectsOperation["check"]> {
    if (this.#kind !== "verify") return answer(() => refuse("operation-not-initialized"));
    return this.#step((frame) => {
      this.#isActive = false;
      this.#session.call("C_VerifyFinal", frame.lend(signature), signature.length);
      return undefined;
    });
  }

  login(pin: Uint8Array | undefined): ReturnType<ObjectsOperation["login"]> {
    return done(() => login(this.#session, "context-specific", pin));
  }

  [Symbol.dispose](): void {
    this.#session.close();
  }

  #written(frame: Frame, guess: number, name: FunctionName, ...args: readonly Ulong[]): Uint8Array {
    return writtenBytes(frame, guess, (at, length) => this.#session.tryCall(name, ...args, at, length));
  }

  #end(work: (frame: Frame) => Uint8Array): ReturnType<ObjectsOperation["finish"]> {
    if (this.#kind === "verify") return answer(() => refuse("operation-not-initialized"));
    return this.#step((frame) => {
      this.#isActive = false;
      return work(frame);
    });
  }

  /** A part of the operation; an error ends it. */
  #step<T>(work: (frame: Frame) => T): ReturnType<typeof answer<T>> {
    const result = answer(() => {
      this.#session.checkOpen();
      if (!this.#isActive) refuse("operation-not-initialized");
      return withFrame(work);
    });
    if (result.tag === "err") this.#isActive = false;
    return result;
  }
}
