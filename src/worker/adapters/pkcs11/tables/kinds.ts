/** Classes, key and certificate types of PKCS#11 v2.40 (pkcs11t.h, errata 1). */
import type { TypesCertificateType, TypesKeyType, TypesObjectClass } from "../bindings.ts";
import { naming, type Numbers } from "./naming.ts";

/** Object classes. */
const CKO = {
  data: 0x00,
  certificate: 0x01,
  "public-key": 0x02,
  "private-key": 0x03,
  "secret-key": 0x04,
  "hw-feature": 0x05,
  "domain-parameters": 0x06,
  mechanism: 0x07,
  "otp-key": 0x08,
} as const satisfies Numbers<TypesObjectClass>;

/** Key types. */
const CKK = {
  rsa: 0x00,
  dsa: 0x01,
  dh: 0x02,
  ec: 0x03,
  "x942-dh": 0x04,
  "generic-secret": 0x10,
  des: 0x13,
  des2: 0x14,
  des3: 0x15,
  aes: 0x1f,
  camellia: 0x25,
  aria: 0x26,
  blowfish: 0x20,
  twofish: 0x21,
  seed: 0x2f,
  "sha1-hmac": 0x28,
  "sha224-hmac": 0x2e,
  "sha256-hmac": 0x2b,
  "sha384-hmac": 0x2c,
  "sha512-hmac": 0x2d,
  securid: 0x22,
  hotp: 0x23,
  gostr3410: 0x30,
  gostr3411: 0x31,
  gost28147: 0x32,
} as const satisfies Numbers<TypesKeyType>;

/** Certificate types. */
const CKC = {
  x509: 0x00,
  "x509-attr-cert": 0x01,
  wtls: 0x02,
} as const satisfies Numbers<TypesCertificateType>;

export const objectClasses = naming<TypesObjectClass>(CKO, "other");
export const keyTypes = naming<TypesKeyType>(CKK, "other");
export const certificateTypes = naming<TypesCertificateType>(CKC, "other");
