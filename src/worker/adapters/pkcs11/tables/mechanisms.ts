/** Mechanisms of PKCS#11 v2.40 (pkcs11t.h, errata 1). */
import type { TypesMechanismType } from "../bindings.ts";
import { naming, type Numbers } from "./naming.ts";

/** The mechanisms that have a name in our WIT. */
export const CKM = {
  "rsa-pkcs-key-pair-gen": 0x00,
  "rsa-x931-key-pair-gen": 0x0a,
  "rsa-pkcs": 0x01,
  "rsa-pkcs-oaep": 0x09,
  "rsa-pkcs-pss": 0x0d,
  "sha1-rsa-pkcs": 0x06,
  "sha224-rsa-pkcs": 0x46,
  "sha256-rsa-pkcs": 0x40,
  "sha384-rsa-pkcs": 0x41,
  "sha512-rsa-pkcs": 0x42,
  "sha1-rsa-pkcs-pss": 0x0e,
  "sha224-rsa-pkcs-pss": 0x47,
  "sha256-rsa-pkcs-pss": 0x43,
  "sha384-rsa-pkcs-pss": 0x44,
  "sha512-rsa-pkcs-pss": 0x45,
  "ec-key-pair-gen": 0x1040,
  ecdsa: 0x1041,
  "ecdsa-sha1": 0x1042,
  "ecdsa-sha224": 0x1043,
  "ecdsa-sha256": 0x1044,
  "ecdsa-sha384": 0x1045,
  "ecdsa-sha512": 0x1046,
  "ecdh1-derive": 0x1050,
  "ecdh1-cofactor-derive": 0x1051,
  "aes-key-gen": 0x1080,
  "aes-ecb": 0x1081,
  "aes-cbc": 0x1082,
  "aes-cbc-pad": 0x1085,
  "aes-ctr": 0x1086,
  "aes-gcm": 0x1087,
  "aes-cmac": 0x108a,
  "aes-key-wrap": 0x2109,
  "aes-key-wrap-pad": 0x210a,
  "generic-secret-key-gen": 0x350,
  sha1: 0x220,
  sha224: 0x255,
  sha256: 0x250,
  sha384: 0x260,
  sha512: 0x270,
  "sha1-hmac": 0x221,
  "sha224-hmac": 0x256,
  "sha256-hmac": 0x251,
  "sha384-hmac": 0x261,
  "sha512-hmac": 0x271,
} as const satisfies Numbers<TypesMechanismType>;

export const mechanismTypes = naming<TypesMechanismType>(CKM, "other");

/** The one type of key that a mechanism works with; nothing where there are several. */
export function keyTypeOf(mechanism: string): "rsa" | "ec" | "aes" | undefined {
  if (/(?:^|-)rsa-/u.test(mechanism)) return "rsa";
  if (/^ec(?:dsa|dh)/u.test(mechanism)) return "ec";
  return mechanism.startsWith("aes-") ? "aes" : undefined;
}
