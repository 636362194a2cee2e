/** Mechanisms with parameters that are right as to form. */
import type { TypesMechanism, TypesMechanismType } from "../../../../src/worker/adapters/pkcs11/bindings.ts";
import { text } from "./serve.ts";

const PSS = { hash: "sha256", mgf: "sha256", saltBytes: 32 } as const;
export const SIXTEEN_BYTES = text("sixteen bytes !!");

/** The mechanism of a type, with some parameter; nothing for those that have no case. */
export function mechanismOf({ tag }: TypesMechanismType): readonly TypesMechanism[] {
  switch (tag) {
    case "other":
      return [];
    case "aes-key-wrap":
    case "aes-key-wrap-pad":
      return [{ tag, val: undefined }];
    case "aes-cbc":
    case "aes-cbc-pad":
      return [{ tag, val: SIXTEEN_BYTES }];
    case "aes-ctr":
      return [{ tag, val: { counterBits: 32, block: SIXTEEN_BYTES } }];
    case "aes-gcm":
      return [{ tag, val: { iv: SIXTEEN_BYTES, additionalData: SIXTEEN_BYTES, tagBits: 96 } }];
    case "rsa-pkcs-oaep":
      return [{ tag, val: { hash: "sha1", mgf: "sha1", label: SIXTEEN_BYTES } }];
    case "ecdh1-derive":
    case "ecdh1-cofactor-derive":
      return [{ tag, val: { kdf: "none", sharedData: new Uint8Array(), publicPoint: SIXTEEN_BYTES } }];
    case "rsa-pkcs-pss":
    case "sha1-rsa-pkcs-pss":
    case "sha224-rsa-pkcs-pss":
    case "sha256-rsa-pkcs-pss":
    case "sha384-rsa-pkcs-pss":
    case "sha512-rsa-pkcs-pss":
      return [{ tag, val: PSS }];
    default: {
      const mechanism = { tag };
      return isPlain(mechanism) ? [mechanism] : [];
    }
  }
}

/** The compiler does not follow a union of this size. */
function isPlain(mechanism: { readonly tag: string }): mechanism is TypesMechanism {
  return Object.hasOwn(mechanism, "tag");
}
