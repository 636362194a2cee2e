/** The adapter's tables against the standard and against its WIT; templates there and back. */
import * as fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { loadWit } from "../../../../src/main/wit/load.ts";
import type { WorldType } from "../../../../src/shared/wit/types.ts";
import type { TypesAttribute } from "../../../../src/worker/adapters/pkcs11/bindings.ts";
import { ATTRIBUTES } from "../../../../src/worker/adapters/pkcs11/tables/attributes.ts";
import { CKR, errors } from "../../../../src/worker/adapters/pkcs11/tables/errors.ts";
import {
  mechanismFlags,
  slotFlags,
  tokenFlags,
} from "../../../../src/worker/adapters/pkcs11/tables/flags.ts";
import {
  certificateTypes,
  keyTypes,
  objectClasses,
} from "../../../../src/worker/adapters/pkcs11/tables/kinds.ts";
import { CKM, keyTypeOf, mechanismTypes } from "../../../../src/worker/adapters/pkcs11/tables/mechanisms.ts";
import { readAttributes, writeTemplate } from "../../../../src/worker/adapters/pkcs11/template.ts";
import { withFrame } from "../../../../src/worker/adapters/pkcs11/native/frame.ts";
import { CKR_OF_THE_STANDARD } from "./ckr.ts";
import { kindOf } from "./keys.ts";
import { bytesAt, ulongAt, writeBytes, writeUlong } from "./memory.ts";

describe("return values", () => {
  const standard = CKR_OF_THE_STANDARD.trim()
    .split("\n")
    .map((line) => line.split(" "))
    .map(([name = "", number = ""]) => [name, Number(number)] as const);

  test("are all of v2.40, with their numbers", () => {
    const ours = Object.entries(CKR).map(
      ([name, number]) => [`CKR_${name.replaceAll("-", "_").toUpperCase()}`, number] as const,
    );
    expect(standard.length).toBe(93);
    expect(ours).toEqual(standard);
  });

  test("have one name each, there and back", () => {
    for (const [, number] of standard)
      expect(errors.numberOf(errors.variantOf(BigInt(number)))).toBe(BigInt(number));
    expect(errors.variantOf(0x32n)).toEqual({ tag: "device-removed" });
    expect(errors.variantOf(0x4n)).toEqual({ tag: "vendor", val: 4n });
    expect(new Set(standard.map(([, number]) => number)).size).toBe(standard.length);
  });
});

describe("the WIT", () => {
  let world: WorldType;
  beforeAll(async () => {
    const folder = new URL("../../../../src/worker/adapters/pkcs11/wit", import.meta.url);
    ({ world } = await loadWit(folder.pathname));
  });

  /** The labels of a variant. */
  function labels(name: string): readonly string[] {
    for (const item of world.imports) {
      if (item.kind !== "interface" || item.name !== "pkcs11:host/types@0.1.0") continue;
      const type = item.interface.types.find((each) => each.name === name)?.type;
      if (type?.kind === "variant") return type.cases.map((each) => each.name);
    }
    throw new RangeError(`no variant ${name}`);
  }

  test.each([
    ["error", Object.keys(CKR), "vendor"],
    ["attribute", Object.keys(ATTRIBUTES), "other"],
    ["attribute-type", Object.keys(ATTRIBUTES), "other"],
    ["mechanism-type", Object.keys(CKM), "other"],
    ["mechanism", Object.keys(CKM), "vendor"],
  ])("has the cases of the table: %s", (name, table, rest) => {
    expect(labels(name)).toEqual([...table, rest]);
  });
});

/** The names of some numbers, when all numbers come back as they were. */
function namesOf<V extends { readonly tag: string }>(
  { variantOf, numberOf }: { readonly variantOf: (n: bigint) => V; readonly numberOf: (v: V) => bigint },
  ...numbers: readonly bigint[]
): readonly string[] {
  const any = fc.oneof(fc.bigInt(0n, 0x2200n), fc.bigInt(0n, 2n ** 64n - 1n));
  fc.assert(
    fc.property(any, (number) => numberOf(variantOf(number)) === number),
    { seed: 11 },
  );
  return numbers.map((number) => variantOf(number).tag);
}

describe("numbers", () => {
  test("of names, there and back", () => {
    expect(namesOf(mechanismTypes, 0x1087n, 0x43n, 0x1041n, 2n)).toEqual([
      "aes-gcm",
      "sha256-rsa-pkcs-pss",
      "ecdsa",
      "other",
    ]);
    expect(namesOf(keyTypes, 0n, 3n, 0x1fn, 0x10n)).toEqual(["rsa", "ec", "aes", "generic-secret"]);
    expect(namesOf(objectClasses, 3n, 4n, 1n)).toEqual(["private-key", "secret-key", "certificate"]);
    expect(namesOf(certificateTypes, 0n, 2n, 3n)).toEqual(["x509", "wtls", "other"]);
  });

  test("of attributes are unique", () => {
    const numbers = Object.values(ATTRIBUTES).map(([number]) => number);
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(ATTRIBUTES["ec-point"][0]).toBe(0x181);
    expect(ATTRIBUTES["allowed-mechanisms"][0]).toBe(0x4000_0600);
  });

  test("of flags have a bit each", () => {
    for (const flags of [slotFlags, tokenFlags, mechanismFlags]) {
      const labels = Object.keys(flags(0n));
      const set = new Set<string>();
      for (let bit = 0n; bit < 64n; bit += 1n) {
        const found = Object.entries(flags(1n << bit)).filter(([, isSet]) => isSet);
        expect(found.length).toBeLessThanOrEqual(1);
        for (const [label] of found) set.add(label);
      }
      expect([...set].toSorted()).toEqual(labels.toSorted());
    }
  });

  test.each([
    ["rsa-pkcs", "rsa"],
    ["sha512-rsa-pkcs-pss", "rsa"],
    ["ecdsa-sha1", "ec"],
    ["ecdh1-cofactor-derive", "ec"],
    ["aes-key-wrap-pad", "aes"],
    ["sha256-hmac", undefined],
    ["sha256", undefined],
    ["vendor", undefined],
  ])("the key that %s works with", (mechanism, type) => {
    expect(keyTypeOf(mechanism)).toBe(type);
  });
});

/** Any attribute. */
const attribute: fc.Arbitrary<TypesAttribute> = fc.oneof(
  fc.record({ tag: fc.constantFrom("token" as const, "sign" as const, "local" as const), val: fc.boolean() }),
  fc.record({ tag: fc.constantFrom("label" as const, "url" as const), val: fc.string({ unit: "grapheme" }) }),
  fc.record({
    tag: fc.constantFrom("id" as const, "value" as const),
    val: fc.uint8Array({ maxLength: 3000 }),
  }),
  fc.record({
    tag: fc.constantFrom("modulus-bits" as const, "value-len" as const),
    val: fc.bigInt(0n, 2n ** 64n - 1n),
  }),
  fc.record({
    tag: fc.constant("start-date" as const),
    val: fc.option(fc.record({ year: fc.nat(9999), month: fc.nat(99), day: fc.nat(99) }), { nil: undefined }),
  }),
  fc.record({
    tag: fc.constant("key-type" as const),
    val: fc.bigInt(0n, 0x50n).map((number) => keyTypes.variantOf(number)),
  }),
  fc.record({
    tag: fc.constant("allowed-mechanisms" as const),
    val: fc.array(fc.bigInt(0n, 0x1100n).map((number) => mechanismTypes.variantOf(number))),
  }),
  fc.record({
    tag: fc.constant("other" as const),
    val: fc.tuple(fc.bigInt(0x8000_0000n, 0x8fff_ffffn), fc.uint8Array()),
  }),
);

test("templates come back as they were written", () => {
  fc.assert(
    fc.property(fc.array(attribute, { maxLength: 40 }), (attributes) => {
      withFrame((frame) => {
        const { address, count } = writeTemplate(frame, attributes);
        expect(count).toBe(attributes.length);
        const stored = Array.from({ length: count }, (_, index) => {
          const at = address + 24 * index;
          return { number: ulongAt(at), value: bytesAt(Number(ulongAt(at + 8)), Number(ulongAt(at + 16))) };
        });
        const kinds = attributes.map(kindOf);
        let next = 0;
        const read = readAttributes(frame, kinds, (to, wanted) => {
          for (let index = 0; index < wanted; index += 1) {
            const found = stored[next % count];
            next += 1;
            const at = to + 24 * index;
            if (found === undefined || ulongAt(at) !== found.number) return 0x12;
            const pointer = Number(ulongAt(at + 8));
            if (pointer !== 0) writeBytes(pointer, found.value);
            writeUlong(at + 16, BigInt(found.value.length));
          }
          return 0;
        });
        expect(read).toEqual(attributes);
      });
    }),
    { seed: 7, numRuns: 200 },
  );
});
