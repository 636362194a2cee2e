import { beforeAll, describe, expect, it } from "vitest";
import type { NativeLibrary } from "../../../src/worker/native/types.ts";
import type { ValueType } from "../../../src/shared/wit/types.ts";
import { compileLibrary, compiler } from "../../support/native.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { func, Guest, open, thrownBy } from "./guest.ts";

/** Identities, and a counter that tells whether C was reached. `seen_T` returns the argument as C saw it, widened. */
const SOURCE = `
#include <stdbool.h>
#include <stdint.h>
static uint32_t calls;
uint32_t count(void) { return calls; }
#define ID(name, type) type id_##name(type x) { calls++; return x; } int64_t seen_##name(type x) { calls++; return (int64_t)x; }
ID(bool, bool) ID(s8, int8_t) ID(u8, uint8_t) ID(s16, int16_t) ID(u16, uint16_t) ID(s32, int32_t) ID(u32, uint32_t)
ID(s64, int64_t) ID(u64, uint64_t) ID(f32, float) ID(f64, double)
uint32_t bad_char(void) { return 0xd800; }
uint8_t bad_enum(void) { return 3; }
uint8_t loud_flags(void) { return 0xff; }
uint8_t loud_bool(void) { return 7; }
uint64_t big(void) { return UINT64_MAX; }
int64_t low(void) { return INT64_MIN; }
bool fails(void) { return false; }
bool works(void) { return true; }
`;

const enumeration: ValueType = { kind: "enum", labels: ["a", "b", "c"] };
const flags: ValueType = { kind: "flags", labels: ["a", "b", "c"] };
const s64: ValueType = { kind: "s64" };

describe.skipIf(!compiler.available)(`scalars ${compiler.reason}`, () => {
  let library: NativeLibrary;
  beforeAll(() => {
    library = open(compileLibrary(temporaryFolder(), "scalars", SOURCE));
  });

  /** Core value in, core value out through a C identity function; none: must trap. */
  const table: [
    kind: string,
    type: ValueType,
    symbol: string,
    input: number | bigint,
    output?: number | bigint,
  ][] = [
    ["bool 0", { kind: "bool" }, "id_bool", 0, 0],
    ["bool 1", { kind: "bool" }, "id_bool", 1, 1],
    ["bool 256", { kind: "bool" }, "id_bool", 256, 1],
    ["bool -1", { kind: "bool" }, "id_bool", -1, 1],
    ["u8 wraps", { kind: "u8" }, "id_u8", 256 + 7, 7],
    ["u8 -1", { kind: "u8" }, "id_u8", -1, 255],
    ["s8 wraps", { kind: "s8" }, "id_s8", 128, -128],
    ["s8 -1", { kind: "s8" }, "id_s8", -1, -1],
    ["u16 wraps", { kind: "u16" }, "id_u16", 65_536 + 5, 5],
    ["s16 wraps", { kind: "s16" }, "id_s16", 32_768, -32_768],
    ["s32 min", { kind: "s32" }, "id_s32", -(2 ** 31), -(2 ** 31)],
    ["u32 max", { kind: "u32" }, "id_u32", -1, 2 ** 32 - 1],
    ["s64 min", s64, "id_s64", -(2n ** 63n), -(2n ** 63n)],
    ["s64 small", s64, "id_s64", 5n, 5n],
    ["u64 max", { kind: "u64" }, "id_u64", -1n, -1n],
    ["u64 just over 2^53", { kind: "u64" }, "id_u64", 2n ** 53n + 1n, 2n ** 53n + 1n],
    ["f32", { kind: "f32" }, "id_f32", 1.5, 1.5],
    ["f32 infinity", { kind: "f32" }, "id_f32", Infinity, Infinity],
    ["f32 NaN", { kind: "f32" }, "id_f32", NaN, NaN],
    ["f64 -0", { kind: "f64" }, "id_f64", -0, -0],
    ["f64", { kind: "f64" }, "id_f64", Math.PI, Math.PI],
    ["char", { kind: "char" }, "id_u32", 0x1f600, 0x1f600],
    ["char max", { kind: "char" }, "id_u32", 0x10ffff, 0x10ffff],
    ["char too large", { kind: "char" }, "id_u32", 0x110000],
    ["char negative", { kind: "char" }, "id_u32", -1],
    ["char low surrogate", { kind: "char" }, "id_u32", 0xd800],
    ["char high surrogate", { kind: "char" }, "id_u32", 0xdfff],
    ["enum", enumeration, "id_u8", 2, 2],
    ["enum out of range", enumeration, "id_u8", 3],
    ["enum that would wrap into range", enumeration, "id_u8", 256],
    ["enum negative", enumeration, "id_u8", -1],
    ["flags", flags, "id_u8", 0b101, 0b101],
    ["flags with unused bits", flags, "id_u8", -1, 0b111],
  ];

  it.each(table.filter((row) => row[4] !== undefined))("%s", (_, type, symbol, input, output) => {
    expect(new Guest().bind(library, symbol, func([type], type))(input)).toBe(output);
  });

  it.each(table.filter((row) => row[4] === undefined))(
    "%s traps, and C is not called",
    (_, type, symbol, input) => {
      const count = new Guest().bind(library, "count", func([], { kind: "u32" }));
      const before = count();
      const core = new Guest().bind(library, symbol, func([type], type));
      expect(thrownBy(() => core(input))).toMatch(`TRAP test:abi/it#${symbol}: p0: `);
      expect(count()).toBe(before);
    },
  );

  it.each<[ValueType, string, number, bigint]>([
    [{ kind: "bool" }, "seen_bool", 2, 1n],
    [{ kind: "u8" }, "seen_u8", 0x1ff, 255n],
    [{ kind: "s8" }, "seen_s8", 0xff, -1n],
    [{ kind: "u16" }, "seen_u16", -1, 65_535n],
    [{ kind: "s16" }, "seen_s16", 0xffff, -1n],
    [{ kind: "u32" }, "seen_u32", -1, 4_294_967_295n],
  ])("C sees a normalised %o", (type, symbol, input, seen) => {
    expect(new Guest().bind(library, symbol, func([type], s64))(input)).toBe(seen);
  });

  it("checks and normalises what the library returns", () => {
    expect(resultOf(library, "bad_char", { kind: "char" })).toMatch(
      /^HOST_FAULT host bundle "test-bundle" .*#bad_char: result: 0xd800/u,
    );
    expect(resultOf(library, "bad_enum", enumeration)).toMatch(
      /^HOST_FAULT .*discriminant 3 is not one of 3/u,
    );
    expect(resultOf(library, "loud_flags", flags)).toBe(0b111);
    expect(resultOf(library, "loud_bool", { kind: "bool" })).toBe(1);
    expect(resultOf(library, "big", { kind: "u64" })).toBe(-1n);
    expect(resultOf(library, "low", s64)).toBe(-(2n ** 63n));
    expect(resultOf(library, "fails", { kind: "result" })).toBe(1);
    expect(resultOf(library, "works", { kind: "result" })).toBe(0);
  });

  it("refuses calls after a failure, and while realloc runs", () => {
    const guest = new Guest();
    const core = guest.bind(library, "id_u32", func([{ kind: "char" }], { kind: "char" }));
    expect(thrownBy(() => core(0xd800))).toMatch("TRAP");
    expect(guest.instance.mayLeave).toBe(false);
    expect(thrownBy(() => core(65))).toMatch("0xd800");
    expect(guest.instance.failure).toMatchObject({ code: "TRAP" });
  });

  it("refuses handles where the linker keeps them to itself", () => {
    const handle: ValueType = { kind: "own", resource: { name: "file" } };
    expect(
      thrownBy(() => new Guest().bind(library, "id_s32", func([{ kind: "list", element: handle }]))),
    ).toMatch(/^LINK_FAILED .*the resource file, which a native library cannot serve/u);
  });

  it("names a symbol that the library lacks", () => {
    expect(thrownBy(() => new Guest().bind(library, "nowhere", func([])))).toMatch(
      /^HOST_FAULT the library of host bundle "test-bundle" lacks the symbol nowhere/u,
    );
  });

  it("counts calls", () => {
    const counters = { calls: 0, bytesIn: 0, bytesOut: 0, timeNs: 0 };
    const core = new Guest().bind(library, "id_s32", func([{ kind: "s32" }], { kind: "s32" }), { counters });
    core(1);
    core(2);
    expect(counters).toMatchObject({ calls: 2, bytesIn: 0, bytesOut: 0 });
    expect(counters.timeNs).toBeGreaterThanOrEqual(0);
  });
});

/** What a function without parameters gives, or the text of what it throws. */
function resultOf(
  library: NativeLibrary,
  symbol: string,
  type: ValueType,
): string | number | bigint | undefined {
  const core = new Guest().bind(library, symbol, func([], type));
  let value: number | bigint | undefined;
  const thrown = thrownBy(() => (value = core()));
  return thrown === "nothing" ? value : thrown;
}
