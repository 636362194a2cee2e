/** The resource `object`: a handle of the module and the session that it belongs to. */
import type { ObjectsObject, TypesAttribute, TypesAttributeType, TypesMechanism } from "./bindings.ts";
import { answer, done, refuse } from "./failure.ts";
import { Key } from "./key.ts";
import { writeMechanism } from "./mechanism.ts";
import type { Ulong } from "./native/cryptoki.ts";
import { withFrame } from "./native/frame.ts";
import { writtenBytes, writtenUlong } from "./native/output.ts";
import type { SessionHandle } from "./native/session-handle.ts";
import { Operation, ROOM_BYTES } from "./operation.ts";
import { perform, verify } from "./single-part.ts";
import { readAttribute, readAttributes, writeTemplate } from "./template.ts";

const IS_ON_TOKEN: TypesAttributeType = { tag: "token" };

export class TokenObject implements ObjectsObject {
  readonly #key: Key;

  constructor(session: SessionHandle, handle: bigint) {
    this.#key = new Key(session, handle);
  }

  getAttribute(kind: TypesAttributeType): ReturnType<ObjectsObject["getAttribute"]> {
    return answer(() => this.#read(kind));
  }

  getAttributes(kinds: readonly TypesAttributeType[]): ReturnType<ObjectsObject["getAttributes"]> {
    return answer(() => withFrame((frame) => readAttributes(frame, kinds, this.#get)));
  }

  setAttributes(template: readonly TypesAttribute[]): ReturnType<ObjectsObject["setAttributes"]> {
    return done(() =>
      withFrame((frame) => {
        const { address, count } = writeTemplate(frame, template);
        this.#key.session.call("C_SetAttributeValue", this.#key.handle, address, count);
      }),
    );
  }

  copy(template: readonly TypesAttribute[]): ReturnType<ObjectsObject["copy"]> {
    return answer(() =>
      withFrame((frame) => {
        const { address, count } = writeTemplate(frame, template);
        return this.#made(
          writtenUlong(frame, (at) =>
            this.#key.session.tryCall("C_CopyObject", this.#key.handle, address, count, at),
          ),
        );
      }),
    );
  }

  destroy(): ReturnType<ObjectsObject["destroy"]> {
    return done(() => {
      if (!this.#key.session.run.settings.allowDestroy && this.#isOnToken()) refuse("action-prohibited");
      this.#key.session.call("C_DestroyObject", this.#key.handle);
    });
  }

  size(): ReturnType<ObjectsObject["size"]> {
    return answer(() =>
      withFrame((frame) =>
        writtenUlong(frame, (at) => this.#key.session.tryCall("C_GetObjectSize", this.#key.handle, at)),
      ),
    );
  }

  sign(mechanism: TypesMechanism, data: Uint8Array): ReturnType<ObjectsObject["sign"]> {
    return answer(() => perform(this.#key.session, "sign", mechanism, data, this.#key));
  }

  verify(
    mechanism: TypesMechanism,
    data: Uint8Array,
    signature: Uint8Array,
  ): ReturnType<ObjectsObject["verify"]> {
    return done(() => verify(this.#key, mechanism, data, signature));
  }

  encrypt(mechanism: TypesMechanism, data: Uint8Array): ReturnType<ObjectsObject["encrypt"]> {
    return answer(() => perform(this.#key.session, "encrypt", mechanism, data, this.#key));
  }

  decrypt(mechanism: TypesMechanism, data: Uint8Array): ReturnType<ObjectsObject["decrypt"]> {
    return answer(() => perform(this.#key.session, "decrypt", mechanism, data, this.#key));
  }

  wrap(mechanism: TypesMechanism, key: ObjectsObject): ReturnType<ObjectsObject["wrap"]> {
    return answer(() => {
      // Handles are those of one token.
      if (!(key instanceof TokenObject) || key.#key.session.slot !== this.#key.session.slot)
        return refuse("key-handle-invalid");
      key.#key.session.checkOpen();
      this.#key.checkFits(mechanism);
      return withFrame((frame) => {
        const mechanismAt = writeMechanism(frame, mechanism);
        return writtenBytes(frame, ROOM_BYTES, (at, length) =>
          this.#key.session.tryCall("C_WrapKey", mechanismAt, this.#key.handle, key.#key.handle, at, length),
        );
      });
    });
  }

  unwrap(
    mechanism: TypesMechanism,
    wrapped: Uint8Array,
    template: readonly TypesAttribute[],
  ): ReturnType<ObjectsObject["unwrap"]> {
    return answer(() =>
      withFrame((frame) => {
        this.#key.session.run.checkImport();
        this.#key.checkFits(mechanism);
        const mechanismAt = writeMechanism(frame, mechanism);
        const { address, count } = writeTemplate(frame, template);
        const data = frame.lend(wrapped);
        const args = [mechanismAt, this.#key.handle, data, wrapped.length, address, count];
        return this.#made(writtenUlong(frame, (at) => this.#key.session.tryCall("C_UnwrapKey", ...args, at)));
      }),
    );
  }

  derive(
    mechanism: TypesMechanism,
    template: readonly TypesAttribute[],
  ): ReturnType<ObjectsObject["derive"]> {
    return answer(() =>
      withFrame((frame) => {
        this.#key.checkFits(mechanism);
        const mechanismAt = writeMechanism(frame, mechanism);
        const { address, count } = writeTemplate(frame, template);
        const args = [mechanismAt, this.#key.handle, address, count];
        return this.#made(writtenUlong(frame, (at) => this.#key.session.tryCall("C_DeriveKey", ...args, at)));
      }),
    );
  }

  startSign(mechanism: TypesMechanism): ReturnType<ObjectsObject["startSign"]> {
    return answer(() => new Operation(this.#key.session, "sign", mechanism, this.#key));
  }

  startVerify(mechanism: TypesMechanism): ReturnType<ObjectsObject["startVerify"]> {
    return answer(() => new Operation(this.#key.session, "verify", mechanism, this.#key));
  }

  startEncrypt(mechanism: TypesMechanism): ReturnType<ObjectsObject["startEncrypt"]> {
    return answer(() => new Operation(this.#key.session, "encrypt", mechanism, this.#key));
  }

  startDecrypt(mechanism: TypesMechanism): ReturnType<ObjectsObject["startDecrypt"]> {
    return answer(() => new Operation(this.#key.session, "decrypt", mechanism, this.#key));
  }

  readonly #get = (address: number, count: number): Ulong =>
    this.#key.session.tryCall("C_GetAttributeValue", this.#key.handle, address, count);

  #read(kind: TypesAttributeType): TypesAttribute {
    return withFrame((frame) => readAttribute(frame, kind, this.#get));
  }

  /** An object that does not say is one of the token. */
  #isOnToken(): boolean {
    const attribute = this.#read(IS_ON_TOKEN);
    return attribute.tag !== "token" || attribute.val;
  }

  #made(handle: bigint): TokenObject {
    return new TokenObject(this.#key.session, handle);
  }
}
