/** Whatever a guest makes and calls, the process lives: keys of random templates meet random mechanisms. */
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type {
  ObjectsObject,
  SessionsSession,
  TypesAttribute,
  TypesMechanism,
} from "../../../../src/worker/adapters/pkcs11/bindings.ts";
import type { Pkcs11Module } from "../../../../src/worker/adapters/pkcs11/native/module.ts";
import { checkComplete, checkNumbers } from "../../../../src/worker/adapters/pkcs11/sane-numbers.ts";
import { answer } from "../../../../src/worker/adapters/pkcs11/failure.ts";
import { softhsm, USER_PIN } from "../../../support/softhsm.ts";
import { aesKey, ecPair, P256, rsaPair } from "./keys.ts";
import { mechanismOf } from "./mechanisms.ts";
import { bad, beginRun, closeModule, type CountedCryptoki, good, moduleOf, type Run, text } from "./serve.ts";
import { openSoftHsm } from "./softhsm.ts";

const USES = ["sign", "verify", "encrypt", "decrypt", "wrap", "unwrap", "derive"] as const;

const KEY_WRAP: TypesMechanism = { tag: "aes-key-wrap", val: undefined };

const bytes = fc.oneof(
  ...[0, 1, 16, 32, 33, 64, 65, 128, 256, 1000].map((length) =>
    fc.uint8Array({ minLength: length, maxLength: length }),
  ),
);

/** What a guest may say of a key that is to be made, copied or changed. */
const attribute: fc.Arbitrary<TypesAttribute> = fc.oneof(
  fc.constant({ tag: "ec-params" as const, val: P256 }),
  fc.record({ tag: fc.constant("ec-params" as const), val: bytes }),
  fc.record({
    tag: fc.constant("value-len" as const),
    val: fc.constantFrom(0n, 1n, 16n, 31n, 32n, 2n ** 40n),
  }),
  fc.record({ tag: fc.constant("modulus-bits" as const), val: fc.constantFrom(0n, 1n, 512n, 2n ** 40n) }),
  fc.record({ tag: fc.constant("public-exponent" as const), val: bytes }),
  fc.record({ tag: fc.constant("modulus" as const), val: bytes }),
  fc.record({ tag: fc.constantFrom("value" as const, "ec-point" as const, "id" as const), val: bytes }),
  fc.record({ tag: fc.constantFrom(...USES, "extractable" as const, "private" as const), val: fc.boolean() }),
  fc.record({
    tag: fc.constant("key-type" as const),
    val: fc.constantFrom({ tag: "rsa" as const }, { tag: "aes" as const }),
  }),
  fc.record({
    tag: fc.constant("other" as const),
    val: fc.tuple(fc.constantFrom(0x220n, 0x250n, 0x8000_0001n), bytes),
  }),
);

/** Makes new keys, or new ones of old ones. */
function make(
  session: SessionsSession,
  object: ObjectsObject,
  [mechanism, first, second]: readonly [TypesMechanism, readonly TypesAttribute[], readonly TypesAttribute[]],
): readonly ObjectsObject[] {
  const made: ObjectsObject[] = [];
  const key = session.generateKey(mechanism, first);
  if (key.tag === "ok") made.push(key.val);
  const pair = session.generateKeyPair(mechanism, first, second);
  if (pair.tag === "ok") made.push(pair.val.publicKey, pair.val.privateKey);
  const copy = object.copy(second);
  if (copy.tag === "ok") made.push(copy.val);
  object.setAttributes(first);
  return made;
}

function use(
  object: ObjectsObject,
  other: ObjectsObject,
  [kind, mechanism, data, more]: readonly [(typeof USES)[number], TypesMechanism, Uint8Array, Uint8Array],
): string {
  switch (kind) {
    case "sign":
    case "encrypt":
    case "decrypt":
      return bad(object[kind](mechanism, data));
    case "verify":
      return bad(object.verify(mechanism, data, more));
    case "wrap":
      return bad(object.wrap(mechanism, other));
    case "unwrap":
    case "derive": {
      const template: readonly TypesAttribute[] = [
        { tag: "class", val: { tag: "secret-key" } },
        { tag: "key-type", val: { tag: "generic-secret" } },
        { tag: "value-len", val: 16n },
      ];
      return bad(
        kind === "unwrap" ? object.unwrap(mechanism, data, template) : object.derive(mechanism, template),
      );
    }
  }
}

describe.skipIf(!softhsm.available)(`random calls ${softhsm.reason}`, () => {
  let cryptoki: CountedCryptoki;
  let module: Pkcs11Module;
  let run: Run;
  let slot: bigint;
  let session: SessionsSession;

  beforeAll(() => {
    cryptoki = openSoftHsm("random");
    module = moduleOf(cryptoki);
    run = beginRun(module);
    slot = good(run.slots.findToken("random"));
    session = run.open(slot);
    good(session.login("user", text(USER_PIN)));
  });
  afterAll(() => {
    run.end();
    closeModule(module, cryptoki);
  });

  test("are values", () => {
    const rsa = rsaPair(session, { tag: "copyable", val: true });
    const ec = ecPair(session);
    const fixed = [rsa.publicKey, rsa.privateKey, ec.publicKey, ec.privateKey, aesKey(session)];
    const data = good(session.createObject([{ tag: "class", val: { tag: "data" } }]));
    const objects = [...fixed, data];
    const mechanisms = good(run.slots.listMechanisms(slot)).flatMap(mechanismOf);
    const index = fc.nat(1000);
    const call = fc.tuple(fc.constantFrom(...USES), fc.constantFrom(...mechanisms), bytes, bytes);
    const templates = fc.array(attribute, { maxLength: 6 });
    const making = fc.tuple(fc.constantFrom(...mechanisms), templates, templates);
    const seen = new Set<string>();
    const pick = (at: number): ObjectsObject => objects[at % objects.length] ?? data;
    fc.assert(
      fc.property(index, index, fc.array(call, { maxLength: 20 }), making, (first, second, calls, made) => {
        for (const each of calls) seen.add(use(pick(first), pick(second), each));
        objects.push(...make(session, pick(first), made));
      }),
      { seed: 2026, numRuns: 500 },
    );
    for (const each of ["ok", "mechanism-invalid", "key-type-inconsistent"]) expect(seen).toContain(each);
    expect(objects.length).toBeGreaterThan(20);
    good(session.digest({ tag: "sha256" }, text("and the session goes on")));
  });

  test("and keys from outside stay there", () => {
    const template: readonly TypesAttribute[] = [
      { tag: "key-type", val: { tag: "aes" } },
      { tag: "value", val: new Uint8Array(16) },
    ];
    const secret: TypesAttribute = { tag: "class", val: { tag: "secret-key" } };
    const innocent: TypesAttribute = { tag: "class", val: { tag: "data" } };
    for (const classes of [[secret], [], [innocent, secret]])
      expect(bad(session.createObject([...classes, ...template]))).toBe("action-prohibited");
    const wrapping = aesKey(session);
    const wrapped = good(wrapping.wrap(KEY_WRAP, aesKey(session, { tag: "extractable", val: true })));
    expect(bad(wrapping.unwrap(KEY_WRAP, wrapped, [secret, ...template]))).toBe("action-prohibited");
  });
});

/** A number of that many bytes. */
function filled(length: number, last = 1): Uint8Array {
  const number = new Uint8Array(length).fill(0x80);
  if (length > 0) number[length - 1] = last;
  return number;
}

describe("numbers of RSA keys", () => {
  test.each<readonly [what: string, attribute: TypesAttribute, verdict: string]>([
    ["an empty modulus", { tag: "modulus", val: filled(0) }, "attribute-value-invalid"],
    ["a modulus of zeros", { tag: "modulus", val: new Uint8Array(256) }, "attribute-value-invalid"],
    ["an even modulus", { tag: "modulus", val: filled(256, 2) }, "attribute-value-invalid"],
    ["a modulus of 504 bits", { tag: "modulus", val: filled(63) }, "attribute-value-invalid"],
    ["a modulus of 512 bits", { tag: "modulus", val: filled(64) }, "ok"],
    ["one with a leading zero", { tag: "modulus", val: Uint8Array.of(0, ...filled(64)) }, "ok"],
    ["a modulus of 16384 bits", { tag: "modulus", val: filled(2048) }, "ok"],
    ["a larger one", { tag: "modulus", val: filled(2049) }, "attribute-value-invalid"],
    ["the exponent 1", { tag: "public-exponent", val: Uint8Array.of(0, 1) }, "attribute-value-invalid"],
    ["the exponent 2", { tag: "public-exponent", val: Uint8Array.of(2) }, "attribute-value-invalid"],
    ["the exponent 3", { tag: "public-exponent", val: Uint8Array.of(3) }, "ok"],
    ["the exponent 257", { tag: "public-exponent", val: Uint8Array.of(1, 1) }, "ok"],
    ["no exponent", { tag: "public-exponent", val: filled(0) }, "attribute-value-invalid"],
    ["the prime 0", { tag: "prime1", val: Uint8Array.of(0) }, "attribute-value-invalid"],
    ["a prime", { tag: "prime2", val: filled(128) }, "ok"],
    ["no coefficient", { tag: "coefficient", val: filled(0) }, "attribute-value-invalid"],
    ["anything else", { tag: "id", val: filled(0) }, "ok"],
  ])("%s", (_, attribute, verdict) => {
    expect(bad(answer(() => checkNumbers([{ tag: "label", val: "" }, attribute])))).toBe(verdict);
  });
});

describe("a private key of RSA", () => {
  const labels = ["modulus", "public-exponent", "private-exponent"] as const;
  const identity: readonly TypesAttribute[] = [
    { tag: "class", val: { tag: "private-key" } },
    { tag: "key-type", val: { tag: "rsa" } },
  ];
  const all: readonly TypesAttribute[] = [...identity, ...labels.map((tag) => ({ tag, val: filled(64) }))];

  test("must be whole", () => {
    expect(bad(answer(() => checkComplete(all)))).toBe("ok");
    for (const label of labels) {
      const lacking = all.filter(({ tag }) => tag !== label);
      expect(bad(answer(() => checkComplete(lacking)))).toBe("template-incomplete");
      expect(bad(answer(() => checkComplete(lacking.slice(1))))).toBe("ok");
    }
  });
});
