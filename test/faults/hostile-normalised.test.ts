/** What is odd but allowed: accepted as the Canonical ABI says, and normalised before C sees it. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ValueType } from "../../src/shared/wit/types.ts";
import type { StringEncoding } from "../../src/worker/abi/types.ts";
import { typeNamer } from "../support/arbitrary.ts";
import { bindFor } from "../support/c-source-fixture.ts";
import { buildTestLibrary, type TestLibrary } from "../support/c-source-library.ts";
import { enumOf, flagsOf, list, option, record, result, t, tuple } from "../support/c-source-short.ts";
import { TEST_SPACE, type CFunction } from "../support/c-source.ts";
import { compiler } from "../support/native.ts";
import type { CoreValue } from "../support/oracle/flat.ts";
import { GuestMemory } from "../support/oracle/index.ts";
import { temporaryFolder } from "../support/temporary.ts";

interface Row {
  readonly name: string;
  readonly params: readonly ValueType[];
  readonly encoding?: StringEncoding;
  /** Written to 1024 before the call. */
  readonly bytes?: readonly number[];
  readonly core: readonly CoreValue[];
  /** C that reads the first parameter through `in0_` into the uint64_t `out_`. */
  readonly read: string;
  readonly seen: bigint;
}

const END = 65_536;
/** The first parameter's own bytes, as many as fit. */
const RAW = "memcpy(&out_, in0_, sizeof *in0_ < 8 ? sizeof *in0_ : 8);";
/** The first eight bytes of a list's elements. */
const ELEMENTS = "size_t n = in0_->len * sizeof *in0_->ptr; memcpy(&out_, in0_->ptr, n < 8 ? n : 8);";
const LENGTH = "out_ = in0_->len;";
const string = t("string");

const TABLE: readonly Row[] = [
  { name: "u8 0x1ff", params: [t("u8")], core: [0x1ff], read: RAW, seen: 0xffn },
  { name: "u8 -1", params: [t("u8")], core: [-1], read: RAW, seen: 0xffn },
  {
    name: "s8 0x80",
    params: [t("s8")],
    core: [0x80],
    read: "out_ = (uint64_t)(int64_t)*in0_;",
    seen: 2n ** 64n - 128n,
  },
  { name: "s8 0x17f", params: [t("s8")], core: [0x17f], read: RAW, seen: 0x7fn },
  { name: "u16 0x12345", params: [t("u16")], core: [0x1_2345], read: RAW, seen: 0x2345n },
  {
    name: "s16 0x18000",
    params: [t("s16")],
    core: [0x1_8000],
    read: "out_ = (uint64_t)(int64_t)*in0_;",
    seen: 2n ** 64n - 32_768n,
  },
  { name: "u32 -1", params: [t("u32")], core: [-1], read: RAW, seen: 0xffff_ffffn },
  { name: "u64 -1", params: [t("u64")], core: [-1n], read: RAW, seen: 2n ** 64n - 1n },
  { name: "bool 2", params: [t("bool")], core: [2], read: RAW, seen: 1n },
  { name: "bool 256", params: [t("bool")], core: [256], read: RAW, seen: 1n },
  { name: "bool -1", params: [t("bool")], core: [-1], read: RAW, seen: 1n },
  {
    name: "list<bool>",
    params: [list(t("bool"))],
    bytes: [0, 1, 2, 0x80, 0xff],
    core: [1024, 5],
    read: ELEMENTS,
    seen: 0x01_01_01_01_00n,
  },
  {
    name: "bool in a record in a list",
    params: [list(record({ a: t("u8"), b: t("bool") }))],
    bytes: [7, 9, 8, 0],
    core: [1024, 2],
    read: ELEMENTS,
    seen: 0x00_08_01_07n,
  },
  { name: "bool in an option", params: [option(t("bool"))], core: [1, 77], read: RAW, seen: 0x01_01n },
  {
    name: "bool in a result's error",
    params: [result(t("u8"), t("bool"))],
    core: [1, 256],
    read: RAW,
    seen: 0x01_01n,
  },
  { name: "flags of 3", params: [flagsOf(3)], core: [0xff], read: RAW, seen: 7n },
  { name: "flags of 3 with high bits", params: [flagsOf(3)], core: [0xffff_ff02], read: RAW, seen: 2n },
  { name: "flags of 8", params: [flagsOf(8)], core: [0x1ff], read: RAW, seen: 0xffn },
  { name: "flags of 9", params: [flagsOf(9)], core: [-1], read: RAW, seen: 0x1ffn },
  { name: "flags of 17", params: [flagsOf(17)], core: [-1], read: RAW, seen: 0x1_ffffn },
  { name: "flags of 32", params: [flagsOf(32)], core: [-1], read: RAW, seen: 0xffff_ffffn },
  {
    name: "list of flags of 3",
    params: [list(flagsOf(3))],
    bytes: [0xff, 0x08, 0x05],
    core: [1024, 3],
    read: ELEMENTS,
    seen: 0x05_00_07n,
  },
  {
    name: "list of flags of 9",
    params: [list(flagsOf(9))],
    bytes: [0xff, 0xff, 0, 2],
    core: [1024, 2],
    read: ELEMENTS,
    seen: 0x0000_01ffn,
  },
  {
    name: "u8 joined with u64",
    params: [result(t("u8"), t("u64"))],
    core: [0, 0x1_0000_01ffn],
    read: "out_ = in0_->val.ok;",
    seen: 0xffn,
  },
  {
    name: "char joined with u64: the high half is dropped",
    params: [result(t("char"), t("u64"))],
    core: [0, 0xffff_ffff_0000_0041n],
    read: "out_ = in0_->val.ok;",
    seen: 0x41n,
  },
  {
    name: "f32 joined with u64: the high half is dropped",
    params: [result(t("f32"), t("u64"))],
    core: [0, 0xffff_ffff_3f80_0000n],
    read: "out_ = (uint64_t)in0_->val.ok;",
    seen: 1n,
  },
  {
    name: "what an absent payload holds does not matter",
    params: [option(t("char"))],
    core: [0, 0xd800],
    read: "out_ = in0_->is_some;",
    seen: 0n,
  },
  {
    name: "padding in a list's elements does not matter",
    params: [list(tuple(t("bool"), t("u16")))],
    bytes: [1, 0xee, 2, 0],
    core: [1024, 1],
    read: "out_ = in0_->ptr[0].f0 + in0_->ptr[0].f1;",
    seen: 3n,
  },
  { name: "an empty string at the very end", params: [string], core: [END, 0], read: LENGTH, seen: 0n },
  { name: "a string up to the very end", params: [string], core: [END - 4, 4], read: LENGTH, seen: 4n },
  {
    name: "a UTF-16 string up to the very end",
    params: [string],
    encoding: "utf16",
    core: [END - 4, 2],
    read: LENGTH,
    seen: 2n,
  },
  {
    name: "an empty tagged string",
    params: [string],
    encoding: "latin1+utf16",
    core: [1024, 0x8000_0000],
    read: LENGTH,
    seen: 0n,
  },
  {
    name: "Latin-1 bytes that are no UTF-8",
    params: [string],
    encoding: "latin1+utf16",
    bytes: [0xff, 0xc0],
    core: [1024, 2],
    read: LENGTH,
    seen: 4n,
  },
  { name: "a string at address 0", params: [string], core: [0, 3], read: LENGTH, seen: 3n },
  { name: "an empty list at the very end", params: [list(t("u64"))], core: [END, 0], read: LENGTH, seen: 0n },
  {
    name: "a list up to the very end",
    params: [list(t("u64"))],
    core: [END - 16, 2],
    read: LENGTH,
    seen: 2n,
  },
  {
    name: "an empty list of lists at the very end",
    params: [list(list(string))],
    core: [END, 0],
    read: LENGTH,
    seen: 0n,
  },
  { name: "the last label", params: [enumOf(300)], core: [299], read: RAW, seen: 299n },
];

const named = typeNamer();
const ROWS = TABLE.map((row, index) => ({
  name: row.name,
  row,
  reader: {
    name: `read-${index}`,
    type: {
      params: row.params.map((type, at) => ({ name: `x${at}`, type: named(type) })),
      result: t("u64"),
    },
    body: { kind: "raw", code: row.read },
  } satisfies CFunction,
}));

/** A result of C and the core value the guest must see. */
const RESULTS: readonly (readonly [name: string, type: ValueType, code: string, core: CoreValue])[] = [
  ["u8 255", t("u8"), "out_ = 255;", 255],
  ["s8 -1", t("s8"), "out_ = -1;", -1],
  ["u16 65535", t("u16"), "out_ = 65535;", 65_535],
  ["s16 -2", t("s16"), "out_ = -2;", -2],
  ["u32 2^32-1", t("u32"), "out_ = 4294967295u;", -1],
  ["u64 2^64-1", t("u64"), "out_ = ~(uint64_t)0;", -1n],
  ["u64 small", t("u64"), "out_ = 7;", 7n],
  ["s64 -1", t("s64"), "out_ = -1;", -1n],
  ["s64 2^53+1", t("s64"), "out_ = 9007199254740993;", 9_007_199_254_740_993n],
  ["bool", t("bool"), "out_ = true;", 1],
  ["flags of 3 with unused bits", flagsOf(3), "out_ = 0xff;", 7],
  ["flags of 9 with unused bits", flagsOf(9), "out_ = 0xffff;", 0x1ff],
  ["flags of 32", flagsOf(32), "out_ = ~(uint32_t)0;", -1],
  ["f32", t("f32"), "out_ = 0.5f;", 0.5],
  ["f64", t("f64"), "out_ = -0.0;", -0],
];

const RESULT_ROWS = RESULTS.map(([name, type, code, core], index) => ({
  name,
  core,
  giver: {
    name: `result-${index}`,
    type: { params: [], result: named(type) },
    body: { kind: "raw", code },
  } satisfies CFunction,
}));

describe.skipIf(!compiler.available)(`odd but allowed ${compiler.reason}`, () => {
  const folder = temporaryFolder();
  let library: TestLibrary;
  beforeAll(() => {
    const functions = [...ROWS.map((row) => row.reader), ...RESULT_ROWS.map((row) => row.giver)];
    library = buildTestLibrary(folder, "normalised", { space: TEST_SPACE, functions });
  });
  afterAll(() => library.native.close());

  it.each(ROWS)("$name", ({ row, reader }) => {
    const guest = new GuestMemory(row.encoding ?? "utf8");
    guest.bytes.set(row.bytes ?? [], 1024);
    const before = guest.bytes.slice();
    const seen = bindFor(library, reader, guest)(...row.core);
    expect(BigInt.asUintN(64, BigInt(seen ?? -1))).toBe(row.seen);
    // Normalising must not write into the guest's own memory.
    expect(Buffer.compare(guest.bytes, before)).toBe(0);
  });

  it.each(RESULT_ROWS)("as a result: $name", ({ giver, core }) => {
    expect(bindFor(library, giver, new GuestMemory("utf8"))()).toBe(core);
  });
});
