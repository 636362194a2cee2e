/** The oracle against itself and against figures worked out by hand from CanonicalABI.md. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Value } from "../../src/shared/value/types.ts";
import type { PrimitiveKind, ValueType } from "../../src/shared/wit/types.ts";
import { arbitraryType, arbitraryValue, sameValue } from "../support/arbitrary.ts";
import { liftFlat, lowerFlat, readerOf } from "../support/oracle/flat.ts";
import { alignment, elemSize, flattenType } from "../support/oracle/layout.ts";
import { load, store } from "../support/oracle/load-store.ts";
import { GuestMemory } from "../support/oracle/memory.ts";

const t = (kind: PrimitiveKind): ValueType => ({ kind });
const labels = (count: number): string[] => Array.from({ length: count }, (_, index) => `l${index}`);

describe("layout", () => {
  const rows: readonly [string, ValueType, number, number, string][] = [
    ["string", t("string"), 8, 4, "i32 i32"],
    ["record {u8, u64, u8}", tuple(t("u8"), t("u64"), t("u8")), 24, 8, "i32 i64 i32"],
    ["record {u8, u16, u8}", tuple(t("u8"), t("u16"), t("u8")), 6, 2, "i32 i32 i32"],
    ["option<u8>", { kind: "option", element: t("u8") }, 2, 1, "i32 i32"],
    ["option<u64>", { kind: "option", element: t("u64") }, 16, 8, "i32 i64"],
    ["result", { kind: "result" }, 1, 1, "i32"],
    ["result<f32, u32>", { kind: "result", ok: t("f32"), err: t("u32") }, 8, 4, "i32 i32"],
    ["result<f32, u64>", { kind: "result", ok: t("f32"), err: t("u64") }, 16, 8, "i32 i64"],
    ["result<string, f64>", { kind: "result", ok: t("string"), err: t("f64") }, 16, 8, "i32 i64 i32"],
    ["enum of 256", { kind: "enum", labels: labels(256) }, 1, 1, "i32"],
    ["enum of 257", { kind: "enum", labels: labels(257) }, 2, 2, "i32"],
    ["enum of 65537", { kind: "enum", labels: labels(65_537) }, 4, 4, "i32"],
    ["flags of 8", { kind: "flags", labels: labels(8) }, 1, 1, "i32"],
    ["flags of 9", { kind: "flags", labels: labels(9) }, 2, 2, "i32"],
    ["flags of 17", { kind: "flags", labels: labels(17) }, 4, 4, "i32"],
    ["list<u16, 3>", { kind: "fixed-list", element: t("u16"), length: 3 }, 6, 2, "i32 i32 i32"],
  ];
  it.each(rows)("%s", (_, type, size, align, flat) => {
    expect({ size: elemSize(type), align: alignment(type), flat: flattenType(type).join(" ") }).toEqual({
      size,
      align,
      flat,
    });
  });
});

describe("bytes and core values", () => {
  const rows: readonly [string, ValueType, Value, readonly number[], readonly (number | bigint)[]][] = [
    ["s16 -2", t("s16"), -2, [0xfe, 0xff], [0xffff_fffe]],
    ["char é", t("char"), "é", [0xe9, 0, 0, 0], [0xe9]],
    ["some(7)", { kind: "option", element: t("u16") }, 7, [1, 0, 7, 0], [1, 7]],
    ["err(1.5)", { kind: "result", ok: t("u64"), err: t("f32") }, { err: 1.5 }, [], [1, 0x3fc0_0000n]],
    ["flags {l0, l9}", { kind: "flags", labels: labels(10) }, ["l0", "l9"], [1, 2], [0x201]],
  ];
  it.each(rows)("%s", (_, type, value, bytes, core) => {
    const guest = new GuestMemory("utf8");
    store(guest, value, type, 64);
    expect(guest.bytes.slice(64, 64 + bytes.length)).toEqual(Uint8Array.from(bytes));
    expect(lowerFlat(guest, value, type)).toEqual(core);
  });
});

describe("round trips", () => {
  const typed = arbitraryType(2).chain((type) => fc.tuple(fc.constant(type), arbitraryValue(type)));
  it.each(["utf8", "utf16", "latin1+utf16"] as const)(
    "%s: load undoes store, lift undoes lower",
    (encoding) => {
      const guest = new GuestMemory(encoding);
      fc.assert(
        fc.property(typed, ([type, value]) => {
          guest.reset();
          const ptr = guest.realloc(0, 0, alignment(type), elemSize(type));
          store(guest, value, type, ptr);
          expect(sameValue(load(guest, ptr, type), value)).toBe(true);
          const flat = lowerFlat(guest, value, type);
          expect(flat.length).toBe(flattenType(type).length);
          expect(sameValue(liftFlat(guest, readerOf(flat), type), value)).toBe(true);
        }),
        { numRuns: 150, seed: 7 },
      );
    },
  );
});

function tuple(...elements: ValueType[]): ValueType {
  return { kind: "tuple", elements };
}
