/** Encryption, digests, wrapping, derivation and random numbers of a token, against node:crypto. */
import {
  constants,
  createCipheriv,
  createHash,
  diffieHellman,
  generateKeyPairSync,
  publicEncrypt,
} from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type {
  ObjectsObject,
  SessionsSession,
  TypesMechanism,
} from "../../../../src/worker/adapters/pkcs11/bindings.ts";
import type { Pkcs11Module } from "../../../../src/worker/adapters/pkcs11/native/module.ts";
import { aesKey, bytesOf, ecPair, ecPublic, rsaPair, rsaPublic, secretKey } from "./keys.ts";
import {
  bad,
  beginRun,
  closeModule,
  type CountedCryptoki,
  good,
  moduleOf,
  openSessions,
  type Run,
  text,
} from "./serve.ts";
import { softhsm, USER_PIN } from "../../../support/softhsm.ts";
import { openSoftHsm } from "./softhsm.ts";

const MESSAGE = text("attack at dawn, or shortly after");
const SECRET = Buffer.from("0123456789abcdef0123456789abcdef");
const IV = Buffer.alloc(16, 7);
const NONCE = Buffer.alloc(12, 9);

function gcm(additionalData: Uint8Array, tagBits = 128): TypesMechanism {
  return { tag: "aes-gcm", val: { iv: NONCE, additionalData, tagBits } };
}

function tampered(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  copy[0] = (copy[0] ?? 0) ^ 0x80;
  return copy;
}

describe.skipIf(!softhsm.available)(`ciphers ${softhsm.reason}`, () => {
  let cryptoki: CountedCryptoki;
  let module: Pkcs11Module;
  let run: Run;
  let session: SessionsSession;
  let known: ObjectsObject;

  beforeAll(() => {
    cryptoki = openSoftHsm("ciphers");
    module = moduleOf(cryptoki);
    run = beginRun(module, { allowImport: true });
    session = run.open(good(run.slots.findToken("ciphers")));
    good(session.login("user", text(USER_PIN)));
    known = secretKey(session, "aes", SECRET);
  });

  afterAll(() => {
    run.end();
    closeModule(module, cryptoki);
  });

  test.each([0, 1, 15, 16, 17, 1000, 100_000])("AES-GCM of %i bytes", (length) => {
    const message = Buffer.alloc(length, 0x61);
    const aad = text("header");
    const cipher = createCipheriv("aes-256-gcm", SECRET, NONCE).setAAD(aad);
    const expected = Buffer.concat([cipher.update(message), cipher.final(), cipher.getAuthTag()]);
    const encrypted = good(known.encrypt(gcm(aad), message));
    expect(expected.equals(encrypted)).toBe(true);
    expect(message.equals(good(known.decrypt(gcm(aad), encrypted)))).toBe(true);
    expect(bad(known.decrypt(gcm(aad), tampered(encrypted)))).not.toBe("ok");
    expect(bad(known.decrypt(gcm(text("other")), encrypted))).not.toBe("ok");
    // And the session is ready for the next.
    good(known.decrypt(gcm(aad), encrypted));
  });

  test.each([0, 1, 16, 31, 5000])("AES-CBC-PAD of %i bytes", (length) => {
    const message = Buffer.alloc(length, 0x62);
    const mechanism: TypesMechanism = { tag: "aes-cbc-pad", val: IV };
    const cipher = createCipheriv("aes-256-cbc", SECRET, IV);
    const expected = Buffer.concat([cipher.update(message), cipher.final()]);
    const encrypted = good(known.encrypt(mechanism, message));
    expect(expected.equals(encrypted)).toBe(true);
    expect(message.equals(good(known.decrypt(mechanism, encrypted)))).toBe(true);
    expect(bad(known.decrypt(mechanism, encrypted.slice(1)))).not.toBe("ok");
  });

  test("AES-CTR and AES-CBC and AES-ECB", () => {
    const counter: TypesMechanism = { tag: "aes-ctr", val: { counterBits: 128, block: IV } };
    expect(createCipheriv("aes-256-ctr", SECRET, IV).update(MESSAGE)).toEqual(
      Buffer.from(good(known.encrypt(counter, MESSAGE))),
    );
    for (const [mechanism, name, iv] of [
      [{ tag: "aes-cbc", val: IV }, "aes-256-cbc", IV],
      [{ tag: "aes-ecb" }, "aes-256-ecb", null],
    ] as const) {
      const expected = createCipheriv(name, SECRET, iv).setAutoPadding(false).update(MESSAGE);
      expect(expected).toEqual(Buffer.from(good(known.encrypt(mechanism, MESSAGE))));
    }
  });

  test.each<TypesMechanism>([
    { tag: "aes-cbc-pad", val: new Uint8Array(15) },
    { tag: "aes-cbc", val: new Uint8Array() },
    { tag: "aes-ctr", val: { counterBits: 0, block: IV } },
    { tag: "aes-ctr", val: { counterBits: 129, block: IV } },
    { tag: "aes-ctr", val: { counterBits: 32, block: NONCE } },
    { tag: "aes-gcm", val: { iv: new Uint8Array(), additionalData: IV, tagBits: 128 } },
    gcm(IV, 129),
    { tag: "aes-key-wrap", val: new Uint8Array(7) },
  ])("bad parameters of $tag do not reach the module", (mechanism) => {
    expect(bad(known.encrypt(mechanism, MESSAGE))).toBe("mechanism-param-invalid");
  });

  test("in parts", () => {
    const mechanism: TypesMechanism = { tag: "aes-cbc-pad", val: IV };
    const message = Buffer.alloc(100_000, "parts");
    const encrypting = good(known.startEncrypt(mechanism));
    const parts = [0, 3, 50_000].map((at, index, all) => message.subarray(at, all[index + 1]));
    const pieces = parts.map((part) => good(encrypting.update(part)));
    const encrypted = Buffer.concat([...pieces, good(encrypting.finish())]);
    expect(encrypted.equals(good(known.encrypt(mechanism, message)))).toBe(true);

    // Two operations of one kind at once, and one of one part between them.
    const first = good(known.startDecrypt(mechanism));
    const second = good(known.startDecrypt(mechanism));
    const head = good(first.update(encrypted.subarray(0, 40_000)));
    expect(message.equals(good(known.decrypt(mechanism, encrypted)))).toBe(true);
    expect(message.equals(good(second.complete(encrypted)))).toBe(true);
    const rest = [good(first.update(encrypted.subarray(40_000))), good(first.finish())];
    expect(Buffer.concat([head, ...rest]).equals(message)).toBe(true);

    const abandoned = good(known.startEncrypt(mechanism));
    good(abandoned.update(MESSAGE));
    for (const each of [encrypting, first, second, abandoned]) each[Symbol.dispose]?.();
    expect(bad(abandoned.update(MESSAGE))).toBe("session-handle-invalid");
    expect(openSessions(cryptoki)).toBe(1);
  });

  test("an error ends an operation", () => {
    const operation = good(known.startDecrypt({ tag: "aes-cbc-pad", val: IV }));
    good(operation.update(new Uint8Array(7)));
    expect(bad(operation.finish())).not.toBe("ok");
    expect(bad(operation.update(MESSAGE))).toBe("operation-not-initialized");
    expect(bad(operation.check(MESSAGE))).toBe("operation-not-initialized");
    operation[Symbol.dispose]?.();
    // One that does not begin leaves no session behind.
    const before = openSessions(cryptoki);
    expect(bad(known.startDecrypt({ tag: "sha256" }))).toBe("mechanism-invalid");
    expect(openSessions(cryptoki)).toBe(before);
  });

  describe("RSA", () => {
    const OAEP: TypesMechanism = {
      tag: "rsa-pkcs-oaep",
      val: { hash: "sha1", mgf: "sha1", label: new Uint8Array() },
    };

    test.each<TypesMechanism>([OAEP, { tag: "rsa-pkcs" }])("$tag", (mechanism) => {
      const { publicKey, privateKey } = rsaPair(session);
      const encrypted = good(publicKey.encrypt(mechanism, MESSAGE));
      expect(encrypted.length).toBe(256);
      expect(good(privateKey.decrypt(mechanism, encrypted))).toEqual(MESSAGE);
      expect(bad(privateKey.decrypt(OAEP, tampered(encrypted)))).not.toBe("ok");
      const padding =
        mechanism.tag === "rsa-pkcs" ? constants.RSA_PKCS1_PADDING : constants.RSA_PKCS1_OAEP_PADDING;
      const foreign = publicEncrypt({ key: rsaPublic(publicKey), padding, oaepHash: "sha1" }, MESSAGE);
      expect(good(privateKey.decrypt(mechanism, foreign))).toEqual(MESSAGE);
      expect(bad(publicKey.encrypt(mechanism, new Uint8Array(300)))).not.toBe("ok");
    });

    test("an AES key wrapped for an RSA key", () => {
      const { publicKey, privateKey } = rsaPair(session);
      const key = aesKey(session, { tag: "extractable", val: true }, { tag: "sensitive", val: false });
      const wrapped = good(publicKey.wrap(OAEP, key));
      const unwrapped = good(
        privateKey.unwrap(OAEP, wrapped, [
          { tag: "class", val: { tag: "secret-key" } },
          { tag: "key-type", val: { tag: "aes" } },
          { tag: "encrypt", val: true },
          { tag: "extractable", val: true },
          { tag: "sensitive", val: false },
        ]),
      );
      expect(bytesOf(unwrapped, "value")).toEqual(bytesOf(key, "value"));
      expect(bad(privateKey.unwrap(OAEP, tampered(wrapped), []))).not.toBe("ok");
    });
  });

  test("an RSA key wrapped by an AES key", () => {
    const wrapping = aesKey(session);
    const { privateKey, publicKey } = rsaPair(session, { tag: "label", val: "travels" });
    expect(bad(wrapping.wrap({ tag: "aes-key-wrap-pad", val: undefined }, privateKey))).toBe(
      "key-unextractable",
    );
    const { privateKey: open } = good(
      session.generateKeyPair(
        { tag: "rsa-pkcs-key-pair-gen" },
        [
          { tag: "modulus-bits", val: 2048n },
          { tag: "public-exponent", val: Uint8Array.of(1, 0, 1) },
        ],
        [
          { tag: "extractable", val: true },
          { tag: "sign", val: true },
        ],
      ),
    );
    const wrapped = good(wrapping.wrap({ tag: "aes-key-wrap-pad", val: undefined }, open));
    const unwrapped = good(
      wrapping.unwrap({ tag: "aes-key-wrap-pad", val: undefined }, wrapped, [
        { tag: "class", val: { tag: "private-key" } },
        { tag: "key-type", val: { tag: "rsa" } },
        { tag: "sign", val: true },
      ]),
    );
    const mechanism: TypesMechanism = { tag: "sha256-rsa-pkcs" };
    expect(good(unwrapped.sign(mechanism, MESSAGE))).toEqual(good(open.sign(mechanism, MESSAGE)));
    expect(bad(publicKey.wrap({ tag: "aes-key-wrap", val: undefined }, open))).not.toBe("ok");
  });

  test("a secret that two sides derive", () => {
    const { publicKey, privateKey } = ecPair(session);
    const other = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const { x = "", y = "" } = other.publicKey.export({ format: "jwk" });
    const publicPoint = Buffer.concat([
      Uint8Array.of(4),
      Buffer.from(x, "base64url"),
      Buffer.from(y, "base64url"),
    ]);
    const derived = good(
      privateKey.derive(
        { tag: "ecdh1-derive", val: { kdf: "none", sharedData: new Uint8Array(), publicPoint } },
        [
          { tag: "class", val: { tag: "secret-key" } },
          { tag: "key-type", val: { tag: "generic-secret" } },
          { tag: "value-len", val: 32n },
          { tag: "extractable", val: true },
          { tag: "sensitive", val: false },
        ],
      ),
    );
    const shared = diffieHellman({ privateKey: other.privateKey, publicKey: ecPublic(publicKey) });
    expect(Buffer.from(bytesOf(derived, "value"))).toEqual(shared);
  });

  test.each(["sha1", "sha224", "sha256", "sha384", "sha512"] as const)("the digest %s", (hash) => {
    const expected = createHash(hash).update(MESSAGE).digest();
    expect(Buffer.from(good(session.digest({ tag: hash }, MESSAGE)))).toEqual(expected);
    const operation = good(session.startDigest({ tag: hash }));
    good(operation.update(MESSAGE.subarray(0, 5)));
    good(operation.update(MESSAGE.subarray(5)));
    expect(Buffer.from(good(operation.finish()))).toEqual(expected);
    operation[Symbol.dispose]?.();
  });

  test("the digest of nothing", () => {
    const expected = createHash("sha256").digest();
    expect(Buffer.from(good(session.digest({ tag: "sha256" }, new Uint8Array())))).toEqual(expected);
  });

  test("random numbers", () => {
    good(session.seedRandom(text("more entropy")));
    const random = good(session.generateRandom(64));
    expect(random.length).toBe(64);
    expect(random).not.toEqual(good(session.generateRandom(64)));
    expect(good(session.generateRandom(0)).length).toBe(0);
    expect(bad(session.generateRandom(2 ** 32 - 1))).toBe("data-len-range");
  });
});
