/** Signatures of a token against those of node:crypto, and tampering. */
import { constants, createHmac, generateKeyPairSync, sign, verify } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type {
  SessionsSession,
  TypesAttribute,
  TypesMechanism,
} from "../../../../src/worker/adapters/pkcs11/bindings.ts";
import type { Pkcs11Module } from "../../../../src/worker/adapters/pkcs11/native/module.ts";
import { ecPair, ecPublic, P256, RSA_SHA256, rsaPair, rsaPublic, secretKey } from "./keys.ts";
import { bad, beginRun, closeModule, type CountedCryptoki, good, moduleOf, type Run, text } from "./serve.ts";
import { softhsm, USER_PIN } from "../../../support/softhsm.ts";
import { openSoftHsm } from "./softhsm.ts";

const MESSAGE = text("the quick brown fox");

function tampered(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  copy[copy.length >> 1] = (copy[copy.length >> 1] ?? 0) ^ 1;
  return copy;
}

interface RsaCase {
  readonly mechanism: TypesMechanism;
  readonly hash: string;
  readonly padding: number;
}

const pss = (hash: "sha1" | "sha256" | "sha384" | "sha512", saltBytes: number) => ({
  hash,
  mgf: hash,
  saltBytes,
});
const { RSA_PKCS1_PADDING, RSA_PKCS1_PSS_PADDING } = constants;

const RSA_CASES: readonly RsaCase[] = [
  { mechanism: { tag: "sha1-rsa-pkcs" }, hash: "sha1", padding: RSA_PKCS1_PADDING },
  { mechanism: { tag: "sha224-rsa-pkcs" }, hash: "sha224", padding: RSA_PKCS1_PADDING },
  { mechanism: { tag: "sha256-rsa-pkcs" }, hash: "sha256", padding: RSA_PKCS1_PADDING },
  { mechanism: { tag: "sha384-rsa-pkcs" }, hash: "sha384", padding: RSA_PKCS1_PADDING },
  { mechanism: { tag: "sha512-rsa-pkcs" }, hash: "sha512", padding: RSA_PKCS1_PADDING },
  {
    mechanism: { tag: "sha1-rsa-pkcs-pss", val: pss("sha1", 20) },
    hash: "sha1",
    padding: RSA_PKCS1_PSS_PADDING,
  },
  {
    mechanism: { tag: "sha256-rsa-pkcs-pss", val: pss("sha256", 32) },
    hash: "sha256",
    padding: RSA_PKCS1_PSS_PADDING,
  },
  {
    mechanism: { tag: "sha384-rsa-pkcs-pss", val: pss("sha384", 48) },
    hash: "sha384",
    padding: RSA_PKCS1_PSS_PADDING,
  },
  {
    mechanism: { tag: "sha512-rsa-pkcs-pss", val: pss("sha512", 64) },
    hash: "sha512",
    padding: RSA_PKCS1_PSS_PADDING,
  },
];

describe.skipIf(!softhsm.available)(`signatures ${softhsm.reason}`, () => {
  let cryptoki: CountedCryptoki;
  let module: Pkcs11Module;
  let run: Run;
  let session: SessionsSession;

  beforeAll(() => {
    cryptoki = openSoftHsm("signatures");
    module = moduleOf(cryptoki);
    run = beginRun(module, { allowImport: true });
    session = run.open(good(run.slots.findToken("signatures")));
    good(session.login("user", text(USER_PIN)));
  });

  afterAll(() => {
    run.end();
    closeModule(module, cryptoki);
  });

  describe("RSA", () => {
    let pair: ReturnType<typeof rsaPair>;
    beforeAll(() => (pair = rsaPair(session)));

    test.each(RSA_CASES)("$mechanism.tag", ({ mechanism, hash, padding }) => {
      const { publicKey, privateKey } = pair;
      const signature = good(privateKey.sign(mechanism, MESSAGE));
      const key = { key: rsaPublic(publicKey), padding };
      expect(signature.length).toBe(256);
      expect(verify(hash, MESSAGE, key, signature)).toBe(true);
      expect(verify(hash, tampered(MESSAGE), key, signature)).toBe(false);
      good(publicKey.verify(mechanism, MESSAGE, signature));
      expect(bad(publicKey.verify(mechanism, tampered(MESSAGE), signature))).toBe("signature-invalid");
      expect(bad(publicKey.verify(mechanism, MESSAGE, tampered(signature)))).toBe("signature-invalid");
      expect(bad(publicKey.verify(mechanism, MESSAGE, signature.slice(1)))).toBe("signature-len-range");
    });

    test("without a hash: the block is what was given", () => {
      const signature = good(pair.privateKey.sign({ tag: "rsa-pkcs" }, MESSAGE));
      good(pair.publicKey.verify({ tag: "rsa-pkcs" }, MESSAGE, signature));
      expect(bad(pair.publicKey.verify({ tag: "rsa-pkcs" }, tampered(MESSAGE), signature))).toBe(
        "signature-invalid",
      );
    });

    test("of a message in parts, and of one in one", () => {
      const operation = good(pair.privateKey.startSign(RSA_SHA256));
      for (const part of [MESSAGE.subarray(0, 4), MESSAGE.subarray(4, 4), MESSAGE.subarray(4)])
        expect(good(operation.update(part))).toEqual(new Uint8Array());
      const signature = good(operation.finish());
      expect(signature).toEqual(good(pair.privateKey.sign(RSA_SHA256, MESSAGE)));
      expect(bad(operation.finish())).toBe("operation-not-initialized");

      const atOnce = good(pair.privateKey.startSign(RSA_SHA256));
      expect(good(atOnce.complete(MESSAGE))).toEqual(signature);

      const right = good(pair.publicKey.startVerify(RSA_SHA256));
      good(right.update(MESSAGE));
      expect(bad(right.finish())).toBe("operation-not-initialized");
      good(right.check(signature));
      expect(bad(right.check(signature))).toBe("operation-not-initialized");
      const wrong = good(pair.publicKey.startVerify(RSA_SHA256));
      good(wrong.update(tampered(MESSAGE)));
      expect(bad(wrong.check(signature))).toBe("signature-invalid");
      for (const each of [operation, atOnce, right, wrong]) each[Symbol.dispose]?.();
    });

    test("of a key that node:crypto made", () => {
      const made = generateKeyPairSync("rsa", { modulusLength: 2048 });
      const { n = "", e = "" } = made.publicKey.export({ format: "jwk" });
      const key = good(
        session.createObject([
          { tag: "class", val: { tag: "public-key" } },
          { tag: "key-type", val: { tag: "rsa" } },
          { tag: "modulus", val: Buffer.from(n, "base64url") },
          { tag: "public-exponent", val: Buffer.from(e, "base64url") },
          { tag: "verify", val: true },
        ]),
      );
      const signature = sign("sha256", MESSAGE, made.privateKey);
      good(key.verify(RSA_SHA256, MESSAGE, signature));
      expect(bad(key.verify(RSA_SHA256, MESSAGE, tampered(signature)))).toBe("signature-invalid");
    });
  });

  describe("ECDSA over P-256", () => {
    // SoftHSM 2.6 has only the mechanism without a hash: what is signed is one.
    const DIGEST = Buffer.alloc(32, 0x5a);
    const ECDSA: TypesMechanism = { tag: "ecdsa" };

    test("verified here and by node:crypto", () => {
      const { publicKey, privateKey } = ecPair(session);
      const hash = good(session.digest({ tag: "sha256" }, MESSAGE));
      const signature = good(privateKey.sign(ECDSA, hash));
      expect(signature.length).toBe(64);
      const key = { key: ecPublic(publicKey), dsaEncoding: "ieee-p1363" as const };
      expect(verify("sha256", MESSAGE, key, signature)).toBe(true);
      expect(verify("sha256", tampered(MESSAGE), key, signature)).toBe(false);
      good(publicKey.verify(ECDSA, hash, signature));
      expect(bad(publicKey.verify(ECDSA, tampered(hash), signature))).toBe("signature-invalid");
      expect(bad(publicKey.verify(ECDSA, hash, signature.slice(2)))).toBe("signature-len-range");
    });

    test("of a key that node:crypto made", () => {
      const made = generateKeyPairSync("ec", { namedCurve: "P-256" });
      const { x = "", y = "" } = made.publicKey.export({ format: "jwk" });
      const point = Buffer.concat([
        Uint8Array.of(0x04, 0x41, 0x04),
        Buffer.from(x, "base64url"),
        Buffer.from(y, "base64url"),
      ]);
      const template: readonly TypesAttribute[] = [
        { tag: "class", val: { tag: "public-key" } },
        { tag: "key-type", val: { tag: "ec" } },
        { tag: "ec-params", val: P256 },
        { tag: "ec-point", val: point },
        { tag: "verify", val: true },
      ];
      const key = good(session.createObject(template));
      const signature = sign("sha256", MESSAGE, { key: made.privateKey, dsaEncoding: "ieee-p1363" });
      const hash = good(session.digest({ tag: "sha256" }, MESSAGE));
      good(key.verify(ECDSA, hash, signature));
      expect(bad(key.verify(ECDSA, DIGEST, signature))).toBe("signature-invalid");
    });

    test("a mechanism that the token lacks is a value", () => {
      const { privateKey } = ecPair(session);
      expect(bad(privateKey.sign({ tag: "ecdsa-sha256" }, MESSAGE))).toBe("mechanism-invalid");
      expect(bad(privateKey.sign({ tag: "vendor", val: 0x8000_0001n }, MESSAGE))).toBe("mechanism-invalid");
      expect(bad(privateKey.sign({ tag: "vendor", val: 1n }, MESSAGE))).toBe("mechanism-invalid");
    });
  });

  test.each(["sha1", "sha224", "sha256", "sha384", "sha512"] as const)("HMAC of %s", (hash) => {
    const secret = Buffer.alloc(64, "a secret as long as the longest hash");
    const key = secretKey(session, "generic-secret", secret);
    const mechanism: TypesMechanism = { tag: `${hash}-hmac` };
    const expected = createHmac(hash, secret).update(MESSAGE).digest();
    expect(Buffer.from(good(key.sign(mechanism, MESSAGE)))).toEqual(expected);
    good(key.verify(mechanism, MESSAGE, expected));
    expect(bad(key.verify(mechanism, tampered(MESSAGE), expected))).toBe("signature-invalid");
  });

  test("a key must be of the mechanism's kind, and may do what its template said", () => {
    const { publicKey, privateKey } = rsaPair(session);
    expect(bad(privateKey.sign({ tag: "ecdsa" }, MESSAGE))).not.toBe("ok");
    const secret = secretKey(session, "aes", Buffer.alloc(32));
    expect(bad(secret.sign(RSA_SHA256, MESSAGE))).not.toBe("ok");
    expect(bad(publicKey.sign(RSA_SHA256, MESSAGE))).not.toBe("ok");
    // What failed did not leave the session in the middle of an operation.
    good(privateKey.sign(RSA_SHA256, MESSAGE));
  });
});
