/** Whatever a guest makes and calls, the process lives: keys of random bytes meet random mechanisms. */
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type {
  ObjectsObject,
  SessionsSession,
  TypesAttribute,
  TypesMechanism,
} from "../../../../src/worker/adapters/pkcs11/bindings.ts";
import type { Pkcs11Module } from "../../../../src/worker/adapters/pkcs11/native/module.ts";
import { checkNumbers } from "../../../../src/worker/adapters/pkcs11/sane-numbers.ts";
import { answer } from "../../../../src/worker/adapters/pkcs11/failure.ts";
import { softhsm, USER_PIN } from "../../../support/softhsm.ts";
import { P256 } from "./keys.ts";
import { mechanismOf } from "./mechanisms.ts";
import { bad, beginRun, closeModule, type CountedCryptoki, good, moduleOf, type Run, text } from "./serve.ts";
import { openSoftHsm } from "./softhsm.ts";

const USES = ["sign", "verify", "encrypt", "decrypt", "wrap", "unwrap", "derive"] as const;

const bytes = fc.oneof(
  ...[0, 1, 16, 32, 33, 64, 65, 128, 256, 1000].map((length) =>
    fc.uint8Array({ minLength: length, maxLength: length }),
  ),
);
const curve = fc.oneof(fc.constant(P256), bytes);

/** A key as a guest may bring one. */
const key: fc.Arbitrary<readonly TypesAttribute[]> = fc
  .oneof(
    fc.tuple(bytes, bytes).map(([modulus, exponent]): readonly TypesAttribute[] => [
      { tag: "class", val: { tag: "public-key" } },
      { tag: "key-type", val: { tag: "rsa" } },
      { tag: "modulus", val: modulus },
      { tag: "public-exponent", val: exponent },
    ]),
    fc
      .tuple(bytes, bytes, bytes, bytes)
      .map(([modulus, exponent, first, second]): readonly TypesAttribute[] => [
        { tag: "class", val: { tag: "private-key" } },
        { tag: "key-type", val: { tag: "rsa" } },
        { tag: "modulus", val: modulus },
        { tag: "private-exponent", val: exponent },
        { tag: "prime1", val: first },
        { tag: "prime2", val: second },
      ]),
    fc.tuple(curve, bytes).map(([params, point]): readonly TypesAttribute[] => [
      { tag: "class", val: { tag: "public-key" } },
      { tag: "key-type", val: { tag: "ec" } },
      { tag: "ec-params", val: params },
      { tag: "ec-point", val: point },
    ]),
    fc.tuple(curve, bytes).map(([params, value]): readonly TypesAttribute[] => [
      { tag: "class", val: { tag: "private-key" } },
      { tag: "key-type", val: { tag: "ec" } },
      { tag: "ec-params", val: params },
      { tag: "value", val: value },
    ]),
    fc
      .tuple(fc.constantFrom("aes" as const, "generic-secret" as const), bytes)
      .map(([type, value]): readonly TypesAttribute[] => [
        { tag: "class", val: { tag: "secret-key" } },
        { tag: "key-type", val: { tag: type } },
        { tag: "value", val: value },
      ]),
  )
  .map((template) => template.concat(USES.map((tag): TypesAttribute => ({ tag, val: true }))));

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
    const mechanisms = good(run.slots.listMechanisms(slot)).flatMap(mechanismOf);
    const call = fc.tuple(fc.constantFrom(...USES), fc.constantFrom(...mechanisms), bytes, bytes);
    const seen = new Set<string>();
    fc.assert(
      fc.property(key, key, fc.array(call, { minLength: 10, maxLength: 30 }), (first, second, calls) => {
        const made = [session.createObject(first), session.createObject(second)];
        const objects = made.flatMap((each) => (each.tag === "ok" ? [each.val] : []));
        const [object, other = object] = objects;
        if (object === undefined || other === undefined) return;
        for (const each of calls) seen.add(use(object, other, each));
        for (const each of objects) seen.add(bad(each.destroy()));
      }),
      { seed: 2026, numRuns: 300 },
    );
    for (const each of ["ok", "mechanism-invalid", "key-type-inconsistent"]) expect(seen).toContain(each);
    good(session.digest({ tag: "sha256" }, text("and the session goes on")));
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
