/** Objects: templates, attributes, searches, and what becomes of handles. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type {
  SessionsSession,
  TypesAttribute,
  TypesAttributeType,
} from "../../../../src/worker/adapters/pkcs11/bindings.ts";
import type { Pkcs11Module } from "../../../../src/worker/adapters/pkcs11/native/module.ts";
import { aesKey, ecPair, kindOf, rsaPair, secretKey } from "./keys.ts";
import { mechanismOf, SIXTEEN_BYTES } from "./mechanisms.ts";
import { bad, beginRun, closeModule, type CountedCryptoki, good, moduleOf, type Run, text } from "./serve.ts";
import { softhsm, USER_PIN } from "../../../support/softhsm.ts";
import { openSoftHsm } from "./softhsm.ts";

function data(label: string, ...more: readonly TypesAttribute[]): readonly TypesAttribute[] {
  return [
    { tag: "class", val: { tag: "data" } },
    { tag: "label", val: label },
    { tag: "value", val: text(`value of ${label}`) },
    ...more,
  ];
}

describe.skipIf(!softhsm.available)(`objects ${softhsm.reason}`, () => {
  let cryptoki: CountedCryptoki;
  let module: Pkcs11Module;
  let run: Run;
  let slot: bigint;
  let session: SessionsSession;

  beforeAll(() => {
    cryptoki = openSoftHsm("objects");
    module = moduleOf(cryptoki);
    run = beginRun(module, { allowImport: true });
    slot = good(run.slots.findToken("objects"));
    session = run.open(slot);
    good(session.login("user", text(USER_PIN)));
  });

  afterAll(() => {
    run.end();
    closeModule(module, cryptoki);
  });

  test("attributes come back as they were given", () => {
    const given: readonly TypesAttribute[] = [
      { tag: "class", val: { tag: "secret-key" } },
      { tag: "key-type", val: { tag: "generic-secret" } },
      { tag: "label", val: "ключ 🔑" },
      { tag: "id", val: Uint8Array.of(0, 1, 255) },
      { tag: "value", val: text("secret") },
      { tag: "extractable", val: true },
      { tag: "sensitive", val: false },
      { tag: "sign", val: true },
      { tag: "private", val: false },
      { tag: "start-date", val: { year: 2026, month: 1, day: 9 } },
      { tag: "end-date", val: undefined },
    ];
    const object = good(session.createObject(given));
    const kinds = given.map(kindOf);
    expect(good(object.getAttributes(kinds))).toEqual(given);
    for (const [index, kind] of kinds.entries())
      expect(good(object.getAttribute(kind))).toEqual(given[index]);
    expect(good(object.getAttributes([]))).toEqual([]);
  });

  test("what an object keeps to itself or has not is absent, and says why when asked alone", () => {
    const { publicKey, privateKey } = rsaPair(session);
    const kinds: readonly TypesAttributeType[] = [
      { tag: "private-exponent" },
      { tag: "key-gen-mechanism" },
      { tag: "ec-point" },
      { tag: "local" },
    ];
    expect(good(privateKey.getAttributes(kinds))).toEqual([
      undefined,
      { tag: "key-gen-mechanism", val: { tag: "rsa-pkcs-key-pair-gen" } },
      undefined,
      { tag: "local", val: true },
    ]);
    expect(bad(privateKey.getAttribute({ tag: "private-exponent" }))).toBe("attribute-sensitive");
    expect(bad(privateKey.getAttribute({ tag: "ec-point" }))).toBe("attribute-type-invalid");
    expect(good(publicKey.getAttribute({ tag: "modulus-bits" }))).toEqual({
      tag: "modulus-bits",
      val: 2048n,
    });
    const bits: TypesAttributeType = { tag: "other", val: 0x122n };
    expect(good(publicKey.getAttributes([{ tag: "other", val: 0x8000_0001n }]))).toEqual([undefined]);
    // What has a case of its own is not to be had under its number.
    expect(bad(publicKey.getAttribute(bits))).toBe("attribute-type-invalid");
  });

  test.each<readonly [why: string, attribute: TypesAttribute, error: string]>([
    [
      "a template inside, whose bytes would be pointers",
      { tag: "other", val: [0x4000_0211n, new Uint8Array(24)] },
      "attribute-type-invalid",
    ],
    [
      "an attribute with a case of its own",
      { tag: "other", val: [0x3n, text("label")] },
      "attribute-type-invalid",
    ],
    [
      "the number of another type",
      { tag: "other", val: [0x161n, Uint8Array.of(1)] },
      "attribute-type-invalid",
    ],
    [
      "a date beyond the calendar",
      { tag: "start-date", val: { year: 10_000, month: 1, day: 1 } },
      "attribute-value-invalid",
    ],
  ])("%s does not reach the module", (_, attribute, error) => {
    expect(bad(session.createObject(data("refused", attribute)))).toBe(error);
    expect(bad(session.findObjects([attribute], 1))).toBe(error);
  });

  test("templates are bounded", () => {
    const many = Array.from({ length: 1025 }, (): TypesAttribute => ({ tag: "sign", val: true }));
    expect(bad(session.createObject(many))).toBe("arguments-bad");
    expect(bad(session.createObject([]))).toBe("template-incomplete");
  });

  test("searches by template, with a limit, many at once", () => {
    for (let index = 0; index < 300; index += 1) {
      const application: TypesAttribute = { tag: "application", val: index < 270 ? "many" : "few" };
      good(session.createObject(data(`number ${index}`, application)));
    }
    const count = (template: readonly TypesAttribute[], limit: number): number =>
      good(session.findObjects(template, limit)).length;
    expect(count([{ tag: "application", val: "many" }], 1000)).toBe(270);
    expect(count([{ tag: "application", val: "few" }], 1000)).toBe(30);
    expect(count([{ tag: "application", val: "many" }], 256)).toBe(256);
    expect(count([{ tag: "application", val: "many" }], 5)).toBe(5);
    expect(count([{ tag: "application", val: "many" }], 0)).toBe(0);
    expect(count([{ tag: "label", val: "number 7" }], 10)).toBe(1);
    expect(count([{ tag: "label", val: "none" }], 10)).toBe(0);
    const [seventh] = good(session.findObjects([{ tag: "label", val: "number 7" }], 1));
    expect(seventh?.getAttribute({ tag: "value" })).toEqual({
      tag: "ok",
      val: { tag: "value", val: text("value of number 7") },
    });
  });

  test("copies, changes and sizes", () => {
    const object = good(session.createObject(data("original")));
    const copy = good(object.copy([{ tag: "label", val: "copy" }]));
    good(object.setAttributes([{ tag: "label", val: "changed" }]));
    expect(good(copy.getAttribute({ tag: "label" }))).toEqual({ tag: "label", val: "copy" });
    expect(good(object.getAttribute({ tag: "label" }))).toEqual({ tag: "label", val: "changed" });
    expect(bad(object.setAttributes([{ tag: "class", val: { tag: "certificate" } }]))).not.toBe("ok");
    expect(typeof good(object.size())).toBe("bigint");
  });

  test("a destroyed object is gone; one of the token only where the config says so", () => {
    const object = good(session.createObject(data("short-lived")));
    good(object.destroy());
    expect(bad(object.getAttribute({ tag: "label" }))).toBe("object-handle-invalid");
    expect(bad(object.destroy())).toBe("object-handle-invalid");

    const stored = good(session.createObject(data("stored", { tag: "token", val: true })));
    expect(bad(stored.destroy())).toBe("action-prohibited");
    run.end();
    run = beginRun(module, { allowDestroy: true, allowImport: true });
    session = run.open(slot);
    good(session.login("user", text(USER_PIN)));
    const [found, ...more] = good(session.findObjects([{ tag: "label", val: "stored" }], 10));
    expect(more).toEqual([]);
    expect(bad(stored.destroy())).toBe("session-handle-invalid");
    good(found?.destroy() ?? { tag: "err", val: { tag: "general-error" } });
    expect(good(session.findObjects([{ tag: "label", val: "stored" }], 10))).toEqual([]);
  });

  test("everything of a closed session says so", () => {
    const closing = run.open(slot);
    const key = secretKey(closing, "aes", Buffer.alloc(16));
    const operation = good(key.startEncrypt({ tag: "aes-ecb" }));
    closing[Symbol.dispose]?.();
    closing[Symbol.dispose]?.();
    const ecb = { tag: "aes-ecb" } as const;
    const answers = [
      closing.getInfo(),
      closing.logout(),
      closing.login("user", text(USER_PIN)),
      closing.findObjects([], 1),
      closing.createObject(data("late")),
      closing.generateKey({ tag: "aes-key-gen" }, []),
      closing.generateKeyPair({ tag: "rsa-pkcs-key-pair-gen" }, [], []),
      closing.digest({ tag: "sha256" }, text("x")),
      closing.startDigest({ tag: "sha256" }),
      closing.generateRandom(8),
      closing.seedRandom(text("x")),
      key.getAttribute({ tag: "label" }),
      key.getAttributes([{ tag: "label" }]),
      key.setAttributes([]),
      key.copy([]),
      key.destroy(),
      key.size(),
      key.sign({ tag: "aes-cmac" }, text("x")),
      key.verify({ tag: "aes-cmac" }, text("x"), text("y")),
      key.encrypt(ecb, text("x")),
      key.decrypt(ecb, text("x")),
      key.wrap({ tag: "aes-key-wrap", val: undefined }, key),
      key.unwrap({ tag: "aes-key-wrap", val: undefined }, text("x"), []),
      key.derive(ecb, []),
      key.startSign({ tag: "aes-cmac" }),
      key.startVerify({ tag: "aes-cmac" }),
      key.startEncrypt(ecb),
      key.startDecrypt(ecb),
      operation.update(text("x")),
      operation.finish(),
      operation.login(undefined),
    ];
    expect(answers.map((each) => bad(each))).toEqual(answers.map(() => "session-handle-invalid"));
    const living = aesKey(session);
    expect(bad(living.wrap({ tag: "aes-key-wrap", val: undefined }, key))).toBe("session-handle-invalid");
  });

  test("no mechanism with no kind of object is worse than a value", () => {
    const rsa = rsaPair(session);
    const ec = ecPair(session);
    const objects = [
      rsa.publicKey,
      rsa.privateKey,
      ec.publicKey,
      ec.privateKey,
      aesKey(session),
      secretKey(session, "generic-secret", text("0123456789abcdef")),
      good(session.createObject(data("no key"))),
    ];
    const listed = good(run.slots.listMechanisms(slot)).flatMap(mechanismOf);
    const seen = new Set<string>();
    for (const mechanism of listed) {
      for (const object of objects) {
        const input = SIXTEEN_BYTES;
        for (const result of [
          session.digest(mechanism, input),
          session.generateKey(mechanism, []),
          session.generateKeyPair(mechanism, [], []),
          object.sign(mechanism, input),
          object.verify(mechanism, input, input),
          object.encrypt(mechanism, input),
          object.decrypt(mechanism, input),
          object.wrap(mechanism, object),
          object.unwrap(mechanism, input, []),
          object.derive(mechanism, []),
        ])
          seen.add(bad(result));
      }
    }
    expect(listed.length).toBeGreaterThan(20);
    expect(seen).toContain("ok");
    expect(seen).toContain("mechanism-invalid");
    // And the session goes on.
    good(session.digest({ tag: "sha256" }, text("x")));
  });
});
