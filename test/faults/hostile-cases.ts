/** What a hostile guest may pass: one row per way to break a rule of the Canonical ABI. */
import type { ValueType } from "../../src/shared/wit/types.ts";
import type { StringEncoding } from "../../src/worker/abi/types.ts";
import { enumOf, fixed, list, option, record, result, t, tuple, variant } from "../support/c-source-short.ts";
import type { CoreValue } from "../support/oracle/flat.ts";
import type { GuestMemory } from "../support/oracle/memory.ts";

export interface HostileCase {
  readonly name: string;
  readonly params: readonly ValueType[];
  readonly encoding?: StringEncoding;
  readonly pages?: number;
  /** The core arguments, after preparing the memory. */
  readonly pass: (guest: GuestMemory) => readonly CoreValue[];
}

/** Size of a memory of one page. */
const END = 65_536;
const TOP = 0xffff_ffff;
const UTF16_TAG = 0x8000_0000;

const args =
  (...values: CoreValue[]) =>
  (): readonly CoreValue[] =>
    values;

/** Puts bytes at 1024 and passes (1024, units). */
const bytesAt =
  (bytes: readonly number[], units = bytes.length) =>
  (guest: GuestMemory): readonly CoreValue[] => {
    guest.bytes.set(bytes, 1024);
    return [1024, units];
  };

/** Puts 32-bit words at 1024 and passes what is given. */
const wordsAt =
  (words: readonly number[], ...values: CoreValue[]) =>
  (guest: GuestMemory): readonly CoreValue[] => {
    for (const [index, word] of words.entries()) guest.view.setUint32(1024 + 4 * index, word, true);
    return values;
  };

const utf16 = (...units: number[]): number[] => units.flatMap((unit) => [unit & 0xff, unit >> 8]);

const string = t("string");
const wide = Array.from({ length: 17 }, () => t("u32"));
const twelveBytes = tuple(t("u32"), t("u32"), t("u32"));
const colours = variant({ red: null, text: string, number: t("u64"), float: t("f32") });

const BAD_UTF8: Readonly<Record<string, readonly number[]>> = {
  "a lone continuation byte": [0x80],
  "a lone last continuation byte": [0xbf],
  "an overlong NUL": [0xc0, 0x80],
  "an overlong two-byte form": [0xc1, 0xbf],
  "an overlong three-byte form": [0xe0, 0x80, 0x80],
  "the largest overlong three-byte form": [0xe0, 0x9f, 0xbf],
  "an overlong four-byte form": [0xf0, 0x80, 0x80, 0x80],
  "the largest overlong four-byte form": [0xf0, 0x8f, 0xbf, 0xbf],
  "a high surrogate": [0xed, 0xa0, 0x80],
  "a low surrogate": [0xed, 0xbf, 0xbf],
  "a surrogate pair in six bytes": [0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80],
  "a code point past 10FFFF": [0xf4, 0x90, 0x80, 0x80],
  "a lead byte F5": [0xf5, 0x80, 0x80, 0x80],
  "a five-byte form": [0xf8, 0x88, 0x80, 0x80, 0x80],
  "a six-byte form": [0xfc, 0x84, 0x80, 0x80, 0x80, 0x80],
  FE: [0xfe],
  FF: [0xff],
  "a truncated two-byte form": [0xc3],
  "a truncated three-byte form": [0xe2, 0x82],
  "a truncated four-byte form": [0xf0, 0x9f, 0x98],
  "a bad second byte": [0xc3, 0x28],
  "a bad third byte": [0xe2, 0x82, 0x28],
  "a bad fourth byte": [0xf0, 0x9f, 0x98, 0x28],
  "bad after 31 ASCII bytes": [...Array.from({ length: 31 }, () => 0x61), 0xff],
  "bad in the middle of 70 bytes": [
    ...Array.from({ length: 40 }, () => 0x61),
    0xc0,
    ...Array.from({ length: 29 }, () => 0x61),
  ],
};

const BAD_UTF16: Readonly<Record<string, readonly number[]>> = {
  "a lone high surrogate": [0xd800],
  "a lone low surrogate": [0xdc00],
  "a high surrogate at the end": [0x61, 0x62, 0xdbff],
  "a high surrogate before a letter": [0xd83d, 0x61],
  "two high surrogates": [0xd83d, 0xd83d],
  "a reversed pair": [0xde00, 0xd83d],
  "a low surrogate after a pair": [0xd83d, 0xde00, 0xde00],
  "a low surrogate after 40 letters": [...Array.from({ length: 40 }, () => 0x61), 0xdfff],
};

const STRING_BYTES: readonly HostileCase[] = [
  ...Object.entries(BAD_UTF8).map(([name, bytes]): HostileCase => ({
    name: `UTF-8: ${name}`,
    params: [string],
    pass: bytesAt(bytes),
  })),
  {
    // What stands behind the string would complete it.
    name: "UTF-8: a form that the bytes after the string complete",
    params: [string],
    pass: bytesAt([0xe2, 0x82, 0xac], 2),
  },
  ...Object.entries(BAD_UTF16).flatMap(([name, units]): HostileCase[] => [
    {
      name: `UTF-16: ${name}`,
      params: [string],
      encoding: "utf16",
      pass: bytesAt(utf16(...units), units.length),
    },
    {
      name: `latin1+utf16: ${name}`,
      params: [string],
      encoding: "latin1+utf16",
      pass: bytesAt(utf16(...units), UTF16_TAG + units.length),
    },
  ]),
  {
    name: "bad UTF-8 in the second string of a list",
    params: [list(string)],
    pass: (guest) => {
      guest.bytes.set([0x61, 0xff], 2048);
      return wordsAt([2048, 1, 2048, 2], 1024, 2)(guest);
    },
  },
  {
    name: "bad UTF-8 in a string of a record in an option",
    params: [option(record({ a: t("u8"), b: string }))],
    pass: (guest) => [1, 7, ...bytesAt([0xff])(guest)],
  },
];

const STRING_RANGES: readonly HostileCase[] = [
  { name: "string: pointer past the end", params: [string], pass: args(END + 1, 1) },
  { name: "string: empty, pointer past the end", params: [string], pass: args(END + 1, 0) },
  { name: "string: one byte too long", params: [string], pass: args(END - 3, 4) },
  { name: "string: pointer 0xffffffff", params: [string], pass: args(TOP, 1) },
  { name: "string: pointer and length wrap to 0", params: [string], pass: args(16, TOP - 15) },
  { name: "string: both 0xffffffff", params: [string], pass: args(TOP, TOP) },
  { name: "string: length 0x80000000", params: [string], pass: args(0, 0x8000_0000) },
  { name: "utf16: odd pointer", params: [string], encoding: "utf16", pass: args(1025, 1) },
  { name: "utf16: odd pointer, empty", params: [string], encoding: "utf16", pass: args(1025, 0) },
  { name: "utf16: one unit too long", params: [string], encoding: "utf16", pass: args(END - 4, 3) },
  { name: "utf16: length doubles to 0", params: [string], encoding: "utf16", pass: args(0, 0x8000_0000) },
  { name: "utf16: length doubles to 16", params: [string], encoding: "utf16", pass: args(0, 0x8000_0008) },
  { name: "latin1: odd pointer", params: [string], encoding: "latin1+utf16", pass: args(1025, 1) },
  { name: "latin1: one byte too long", params: [string], encoding: "latin1+utf16", pass: args(END - 2, 3) },
  {
    name: "latin1: length 0x7fffffff",
    params: [string],
    encoding: "latin1+utf16",
    pass: args(0, 0x7fff_ffff),
  },
  {
    name: "tagged UTF-16: odd pointer",
    params: [string],
    encoding: "latin1+utf16",
    pass: args(1025, UTF16_TAG + 1),
  },
  {
    name: "tagged UTF-16: one unit too long",
    params: [string],
    encoding: "latin1+utf16",
    pass: args(END - 2, UTF16_TAG + 2),
  },
  { name: "tagged UTF-16: all bits", params: [string], encoding: "latin1+utf16", pass: args(0, TOP) },
];

const LIST_RANGES: readonly HostileCase[] = [
  { name: "list<u8>: past the end", params: [list(t("u8"))], pass: args(END, 1) },
  { name: "list<u8>: empty, pointer past the end", params: [list(t("u8"))], pass: args(END + 1, 0) },
  { name: "list<u8>: pointer and length wrap", params: [list(t("u8"))], pass: args(TOP, 2) },
  { name: "list<u16>: misaligned", params: [list(t("u16"))], pass: args(1025, 1) },
  { name: "list<u32>: misaligned", params: [list(t("u32"))], pass: args(1026, 1) },
  { name: "list<u32>: misaligned and empty", params: [list(t("u32"))], pass: args(1026, 0) },
  { name: "list<u64>: 4-aligned only", params: [list(t("u64"))], pass: args(1028, 1) },
  { name: "list<u64>: size wraps to 0", params: [list(t("u64"))], pass: args(0, 0x2000_0000) },
  { name: "list<u64>: size wraps to 8", params: [list(t("u64"))], pass: args(0, 0x2000_0001) },
  { name: "list<u64>: one too many", params: [list(t("u64"))], pass: args(END - 8, 2) },
  { name: "list of 12-byte records: size wraps", params: [list(twelveBytes)], pass: args(0, 0x1555_5556) },
  { name: "list of 12-byte records: one too many", params: [list(twelveBytes)], pass: args(END - 16, 2) },
  { name: "list<string>: past the end", params: [list(string)], pass: args(END - 8, 2) },
  { name: "list<bool>: past the end", params: [list(t("bool"))], pass: args(END - 1, 2) },
  {
    name: "list<list<u8>>: inner out of bounds",
    params: [list(list(t("u8")))],
    pass: wordsAt([END, 1], 1024, 1),
  },
  { name: "list<list<u8>>: inner wraps", params: [list(list(t("u8")))], pass: wordsAt([TOP, TOP], 1024, 1) },
  {
    name: "list<list<u32>>: second inner misaligned",
    params: [list(list(t("u32")))],
    pass: wordsAt([2048, 1, 2049, 1], 1024, 2),
  },
  { name: "list<string>: inner out of bounds", params: [list(string)], pass: wordsAt([16, TOP], 1024, 1) },
  {
    name: "list in a result, out of bounds",
    params: [result(t("u32"), list(t("u8")))],
    pass: args(1, END, 1),
  },
];

const SPILLED: readonly HostileCase[] = [
  { name: "spilled parameters: out of bounds", params: wide, pass: args(END - 64) },
  { name: "spilled parameters: misaligned", params: wide, pass: args(1026) },
  { name: "spilled parameters: pointer 0xfffffffc", params: wide, pass: args(0xffff_fffc) },
  {
    name: "spilled parameters: a bad char among them",
    params: [...wide, t("char")],
    pass: wordsAt([...wide.map(() => 0), 0xd800], 1024),
  },
  {
    name: "spilled parameters: a string out of bounds among them",
    params: [...wide, string],
    pass: wordsAt([...wide.map(() => 0), END, 1], 1024),
  },
];

const CHARS: readonly HostileCase[] = [
  ...[0xd800, 0xdbff, 0xdc00, 0xdfff, 0x11_0000, 0x8000_0000, TOP].flatMap((code): HostileCase[] => [
    { name: `char 0x${code.toString(16)}`, params: [t("char")], pass: args(code) },
    {
      name: `char 0x${code.toString(16)} in a list`,
      params: [list(t("char"))],
      pass: wordsAt([0x41, code], 1024, 2),
    },
  ]),
  { name: "char in an option", params: [option(t("char"))], pass: args(1, 0xd800) },
  // The payload's slot is an i64, joined with u64; its low half is the char.
  { name: "char in a joined slot", params: [result(t("char"), t("u64"))], pass: args(0, 0x11_0000n) },
  { name: "char in a tuple", params: [tuple(t("u8"), t("char"))], pass: args(1, 0x11_0000) },
  { name: "char in a fixed-length list", params: [fixed(t("char"), 2)], pass: args(0x41, 0xdfff) },
];

const DISCRIMINANTS: readonly HostileCase[] = [
  { name: "option: 2", params: [option(t("u8"))], pass: args(2, 0) },
  { name: "option: 256, whose low byte is 0", params: [option(t("u8"))], pass: args(256, 0) },
  { name: "option: 0xffffffff", params: [option(string)], pass: args(TOP, 0, 0) },
  { name: "option<option>: inner 2", params: [option(option(t("u8")))], pass: args(1, 2, 0) },
  { name: "result: 2", params: [result()], pass: args(2) },
  { name: "result<u8, string>: 3", params: [result(t("u8"), string)], pass: args(3, 0, 0) },
  { name: "variant: number of cases", params: [colours], pass: args(4, 0n, 0) },
  { name: "variant: 256", params: [colours], pass: args(256, 0n, 0) },
  { name: "enum: number of labels", params: [enumOf(3)], pass: args(3) },
  { name: "enum: 256, whose low byte is 0", params: [enumOf(3)], pass: args(256) },
  { name: "enum: 0x80000000", params: [enumOf(3)], pass: args(0x8000_0000) },
  { name: "enum of 300: 300", params: [enumOf(300)], pass: args(300) },
  { name: "enum of 300: 65536", params: [enumOf(300)], pass: args(65_536) },
  { name: "option in a list: 2", params: [list(option(t("u8")))], pass: bytesThen([0, 0, 2, 0], 2) },
  { name: "option in a list: 255", params: [list(option(t("u8")))], pass: bytesThen([255, 0], 1) },
  { name: "result in a list: 2", params: [list(result())], pass: bytesThen([0, 1, 2], 3) },
  { name: "enum in a list: 3", params: [list(enumOf(3))], pass: bytesThen([0, 1, 2, 3], 4) },
  {
    name: "enum of 300 in a list: 0xffff",
    params: [list(enumOf(300))],
    pass: bytesThen([0, 1, 255, 255], 2),
  },
  { name: "variant in a list: 4", params: [list(colours)], pass: bytesThen([4], 1) },
  {
    name: "option in a record in a list",
    params: [list(record({ a: t("u8"), b: option(t("u8")) }))],
    pass: bytesThen([1, 0, 0, 1, 9, 0], 2),
  },
  {
    name: "enum in a variant in a list",
    params: [list(variant({ none: null, some: enumOf(2) }))],
    pass: bytesThen([1, 2], 1),
  },
  { name: "enum in a variant", params: [variant({ none: null, some: enumOf(2) })], pass: args(1, 2) },
  { name: "enum in a result's error", params: [result(t("u8"), enumOf(2))], pass: args(1, 2) },
  { name: "enum in a fixed-length list", params: [fixed(enumOf(2), 3)], pass: args(0, 1, 2) },
  { name: "after a good parameter", params: [string, enumOf(2)], pass: args(16, 4, 2) },
];

/** Puts bytes at 1024 and passes (1024, count). */
function bytesThen(bytes: readonly number[], count: number): (guest: GuestMemory) => readonly CoreValue[] {
  return bytesAt(bytes, count);
}

/** CanonicalABI.md, MAX_STRING_BYTE_LENGTH and MAX_LIST_BYTE_LENGTH: 2^28 - 1, whatever the memory could hold. */
const TOO_LONG: readonly HostileCase[] = [
  { name: "string of 2^28 bytes in bounds", params: [string], pages: 4097, pass: args(0, 2 ** 28) },
  { name: "list of 2^28 bytes in bounds", params: [list(t("u8"))], pages: 4097, pass: args(0, 2 ** 28) },
];

export const HOSTILE_CASES: readonly HostileCase[] = [
  ...STRING_BYTES,
  ...STRING_RANGES,
  ...LIST_RANGES,
  ...SPILLED,
  ...CHARS,
  ...DISCRIMINANTS,
  ...TOO_LONG,
];
