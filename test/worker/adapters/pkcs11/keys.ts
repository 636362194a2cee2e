/** Mechanisms, templates and keys that several tests use. */
import { createPublicKey, type KeyObject } from "node:crypto";
import type {
  ObjectsObject,
  SessionsKeyPair,
  SessionsSession,
  TypesAttribute,
  TypesAttributeType,
  TypesMechanism,
} from "../../../../src/worker/adapters/pkcs11/bindings.ts";
import { ATTRIBUTES } from "../../../../src/worker/adapters/pkcs11/tables/attributes.ts";
import { good } from "./serve.ts";

/** prime256v1, DER. */
export const P256 = Uint8Array.of(0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07);

export const RSA_SHA256: TypesMechanism = { tag: "sha256-rsa-pkcs" };

export function rsaPair(session: SessionsSession, ...extra: readonly TypesAttribute[]): SessionsKeyPair {
  return good(
    session.generateKeyPair(
      { tag: "rsa-pkcs-key-pair-gen" },
      [
        { tag: "modulus-bits", val: 2048n },
        { tag: "public-exponent", val: Uint8Array.of(1, 0, 1) },
        { tag: "verify", val: true },
        { tag: "encrypt", val: true },
        { tag: "wrap", val: true },
        ...extra,
      ],
      [{ tag: "sign", val: true }, { tag: "decrypt", val: true }, { tag: "unwrap", val: true }, ...extra],
    ),
  );
}

export function ecPair(session: SessionsSession, ...extra: readonly TypesAttribute[]): SessionsKeyPair {
  return good(
    session.generateKeyPair(
      { tag: "ec-key-pair-gen" },
      [{ tag: "ec-params", val: P256 }, { tag: "verify", val: true }, ...extra],
      [{ tag: "sign", val: true }, { tag: "derive", val: true }, ...extra],
    ),
  );
}

export function aesKey(session: SessionsSession, ...extra: readonly TypesAttribute[]): ObjectsObject {
  return good(
    session.generateKey({ tag: "aes-key-gen" }, [
      { tag: "value-len", val: 32n },
      { tag: "encrypt", val: true },
      { tag: "decrypt", val: true },
      { tag: "wrap", val: true },
      { tag: "unwrap", val: true },
      ...extra,
    ]),
  );
}

/** A secret that we know. */
export function secretKey(
  session: SessionsSession,
  type: "aes" | "generic-secret",
  value: Uint8Array,
): ObjectsObject {
  return good(
    session.createObject([
      { tag: "class", val: { tag: "secret-key" } },
      { tag: "key-type", val: { tag: type } },
      { tag: "value", val: value },
      { tag: "sign", val: true },
      { tag: "verify", val: true },
      { tag: "encrypt", val: true },
      { tag: "decrypt", val: true },
      { tag: "extractable", val: true },
      { tag: "sensitive", val: false },
    ]),
  );
}

/** The bytes of an attribute. */
export function bytesOf(
  object: ObjectsObject,
  tag: "modulus" | "public-exponent" | "ec-point" | "value",
): Uint8Array {
  const attribute = good(object.getAttribute({ tag }));
  if (attribute.tag !== tag) throw new RangeError(`expected ${tag}, got ${attribute.tag}`);
  return attribute.val;
}

function base64Url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}

export function rsaPublic(key: ObjectsObject): KeyObject {
  const jwk = {
    kty: "RSA",
    n: base64Url(bytesOf(key, "modulus")),
    e: base64Url(bytesOf(key, "public-exponent")),
  };
  return createPublicKey({ key: jwk, format: "jwk" });
}

/** The point is an octet string in DER: 04 41, then 04 x y. */
export function ecPublic(key: ObjectsObject): KeyObject {
  const point = bytesOf(key, "ec-point");
  const jwk = {
    kty: "EC",
    crv: "P-256",
    x: base64Url(point.subarray(3, 35)),
    y: base64Url(point.subarray(35)),
  };
  return createPublicKey({ key: jwk, format: "jwk" });
}

const LABELS = Object.keys(ATTRIBUTES);

/** What to ask for to get that attribute. */
export function kindOf(attribute: TypesAttribute): TypesAttributeType {
  if (attribute.tag === "other") return { tag: attribute.tag, val: attribute.val[0] };
  const kind = { tag: attribute.tag };
  if (isKind(kind)) return kind;
  throw new RangeError(`${attribute.tag} has no kind`);
}

function isKind(kind: { readonly tag: string }): kind is TypesAttributeType {
  return LABELS.includes(kind.tag);
}
