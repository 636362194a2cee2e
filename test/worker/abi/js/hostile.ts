/** Flat values that no guest may give, each wrong in one way. */
import type { ValueType } from "../../../../src/shared/wit/types.ts";
import type { StringEncoding } from "../../../../src/worker/abi/types.ts";
import { TestInstance } from "./instance.ts";

const u8: ValueType = { kind: "u8" };
const u32: ValueType = { kind: "u32" };
const u64: ValueType = { kind: "u64" };
const text: ValueType = { kind: "string" };
const char: ValueType = { kind: "char" };
const list = (element: ValueType): ValueType => ({ kind: "list", element });
const tuple = (...elements: ValueType[]): ValueType => ({ kind: "tuple", elements });
const row = (element: ValueType): ValueType => ({ kind: "fixed-list", element, length: 2 });
const option = (element: ValueType): ValueType => ({ kind: "option", element });
const colour: ValueType = { kind: "enum", labels: ["red", "green"] };
const shape: ValueType = { kind: "variant", cases: [{ name: "dot" }, { name: "named", type: text }] };
const person: ValueType = {
  kind: "record",
  fields: [
    { name: "age", type: u32 },
    { name: "names", type: list(text) },
  ],
};

/** 32 flags: four bytes in memory, an object of 32 booleans here. */
export const WIDE: ValueType = {
  kind: "flags",
  labels: Array.from({ length: 32 }, (_, index) => `f${index}`),
};

/** Bytes of the memory of a test's guest. */
export const MEMORY = 65_536;

/** Where a test's bytes lie. */
const AT = TestInstance.scratch;

/** Words in little-endian bytes. */
export const le = (...words: number[]): number[] => [...new Uint8Array(Uint32Array.from(words).buffer)];

export interface Hostile {
  readonly what: string;
  readonly type: ValueType;
  readonly flat: readonly number[];
  /** Path and message. */
  readonly message: string;
  /** What lies at `AT`. */
  readonly bytes?: readonly number[];
  readonly encoding?: StringEncoding;
}

function bad(
  what: string,
  type: ValueType,
  flat: readonly number[],
  message: string,
  more: Pick<Hostile, "bytes" | "encoding"> = {},
): Hostile {
  return { what, type, flat, message, ...more };
}

export const HOSTILE: readonly Hostile[] = [
  bad(
    "a list that begins beyond the memory",
    list(u8),
    [MEMORY + 1, 0],
    ": the list at 0x10001 of 0 bytes exceeds",
  ),
  bad(
    "a list that ends beyond the memory",
    list(u8),
    [MEMORY - 1, 2],
    ": the list at 0xffff of 2 bytes exceeds",
  ),
  bad(
    "a list whose pointer is negative as an i32",
    list(u8),
    [-1, 1],
    ": the list at 0xffffffff of 1 bytes exceeds",
  ),
  bad(
    "a list whose pointer and length wrap around",
    list(u64),
    [-8, 1],
    ": the list at 0xfffffff8 of 8 bytes exceeds",
  ),
  bad(
    "a list whose size wraps around",
    list(u64),
    [0, 0x2000_0001],
    ": a list of 4294967304 bytes exceeds 268435455",
  ),
  bad("a list of negative length", list(u8), [0, -1], ": a list of 4294967295 bytes exceeds 268435455"),
  bad("a list of too many bytes", list(u8), [0, 2 ** 28], ": a list of 268435456 bytes exceeds"),
  bad("a misaligned list", list(u32), [2, 1], ": the list at 0x2 is not 4-aligned"),
  bad("a misaligned empty list", list(u64), [4, 0], ": the list at 0x4 is not 8-aligned"),
  bad("a misaligned list of records", list(person), [2, 0], ": the list at 0x2 is not 4-aligned"),
  bad("an inner list out of bounds", list(list(u8)), [AT, 2], "[1]: the list at 0x10000 of 1 bytes exceeds", {
    bytes: le(0, 1, MEMORY, 1),
  }),
  bad(
    "an inner string out of bounds",
    person,
    [7, AT, 2],
    ".names[1]: the string at 0x10000 of 1 bytes exceeds",
    { bytes: le(0, 1, MEMORY, 1) },
  ),
  bad("an inner string in a list of records", list(person), [AT, 1], "[0].names[0]: the string at 0x10000", {
    bytes: le(7, AT + 12, 1, MEMORY, 1),
  }),
  bad(
    "a list that costs too much here",
    list(WIDE),
    [0, 0x3ff_ffff],
    ": the list at 0x0 of 268435452 bytes exceeds",
  ),
  bad("an enum without such a label", colour, [2], ": the discriminant 2 is not one of 2 cases"),
  bad("an enum with a negative discriminant", colour, [-1], ": the discriminant 4294967295 is not"),
  bad(
    "an enum in memory without such a label",
    list(colour),
    [AT, 2],
    "[1]: the discriminant 2 is not one of 2 cases",
    { bytes: [1, 2] },
  ),
  bad("a variant without such a case", shape, [2, 0, 0], ": the discriminant 2 is not one of 2 cases"),
  bad(
    "a variant in memory without such a case",
    list(shape),
    [AT, 1],
    "[0]: the discriminant 2 is not one of 2 cases",
    { bytes: [2] },
  ),
  bad("a payload that is wrong", shape, [1, MEMORY, 1], "::named: the string at 0x10000 of 1 bytes exceeds"),
  bad("a payload in memory that is wrong", list(shape), [AT, 1], "[0]::named: the string at 0x10000", {
    bytes: le(1, MEMORY, 1),
  }),
  bad("an option that is neither", option(u32), [2, 0], ": the discriminant 2 is not one of 2 cases"),
  bad("an option's payload", option(char), [1, 0xd800], "::some: 0xd800 is not a Unicode scalar value"),
  bad("a result that is neither", { kind: "result" }, [2], ": the discriminant 2 is not one of 2 cases"),
  bad("a result's payload", { kind: "result", err: char }, [1, 0x11_0000], "::err: 0x110000 is not"),
  bad("a surrogate as a char", char, [0xdfff], ": 0xdfff is not a Unicode scalar value"),
  bad("a negative char", char, [-1], ": 0xffffffff is not a Unicode scalar value"),
  bad("a char in memory", list(char), [AT, 2], "[1]: 0x110000 is not a Unicode scalar value", {
    bytes: le(65, 0x11_0000),
  }),
  bad("a char in a record", tuple(u32, tuple(char, u8)), [1, 0xd800, 2], ".1.0: 0xd800 is not"),
  bad("a char in a row", row(char), [65, 0xd800], "[1]: 0xd800 is not"),
  bad("a char in a row in memory", list(row(char)), [AT, 1], "[0][1]: 0xd800 is not", {
    bytes: le(65, 0xd800),
  }),
  bad(
    "a string that ends beyond the memory",
    text,
    [MEMORY - 1, 2],
    ": the string at 0xffff of 2 bytes exceeds",
  ),
  bad("a string of too many bytes", text, [0, 2 ** 28], ": a string of 268435456 bytes exceeds"),
  bad(
    "an empty string beyond the memory",
    text,
    [MEMORY + 1, 0],
    ": the string at 0x10001 of 0 bytes exceeds",
  ),
  bad("UTF-8 that breaks off", text, [AT, 2], ": the string is not well-formed UTF-8", {
    bytes: [0x61, 0xc3],
  }),
  bad("an overlong UTF-8 sequence", text, [AT, 2], ": the string is not well-formed UTF-8", {
    bytes: [0xc0, 0x80],
  }),
  bad("a surrogate in UTF-8", text, [AT, 3], ": the string is not well-formed UTF-8", {
    bytes: [0xed, 0xa0, 0x80],
  }),
  bad("UTF-8 beyond U+10FFFF", text, [AT, 4], ": the string is not well-formed UTF-8", {
    bytes: [0xf4, 0x90, 0x80, 0x80],
  }),
  bad("a bad byte late in a long UTF-8 string", text, [AT, 200], ": the string is not well-formed UTF-8", {
    bytes: [...Array.from({ length: 199 }, () => 0x61), 0xff],
  }),
  bad("a misaligned UTF-16 string", text, [AT + 1, 1], ": the string at 0x8001 is not 2-aligned", {
    encoding: "utf16",
  }),
  bad("a UTF-16 string of too many bytes", text, [0, 2 ** 27], ": a string of 268435456 bytes exceeds", {
    encoding: "utf16",
  }),
  bad(
    "a UTF-16 string that ends beyond the memory",
    text,
    [MEMORY - 2, 2],
    ": the string at 0xfffe of 4 bytes exceeds",
    { encoding: "utf16" },
  ),
  bad("a lone high surrogate", text, [AT, 1], ": the string is not well-formed UTF-16", {
    bytes: [0x00, 0xd8],
    encoding: "utf16",
  }),
  bad("a lone low surrogate", text, [AT, 2], ": the string is not well-formed UTF-16", {
    bytes: [0x00, 0xdc, 0x61, 0x00],
    encoding: "utf16",
  }),
  bad("a misaligned Latin-1 string", text, [AT + 1, 1], ": the string at 0x8001 is not 2-aligned", {
    encoding: "latin1+utf16",
  }),
  bad(
    "a Latin-1 string that ends beyond the memory",
    text,
    [MEMORY - 2, 3],
    ": the string at 0xfffe of 3 bytes exceeds",
    { encoding: "latin1+utf16" },
  ),
  bad(
    "a tagged string with a lone surrogate",
    text,
    [AT, 0x8000_0001],
    ": the string is not well-formed UTF-16",
    { bytes: [0x00, 0xd8], encoding: "latin1+utf16" },
  ),
  bad("a tagged string of too many bytes", text, [0, 0x8800_0000], ": a string of 268435456 bytes exceeds", {
    encoding: "latin1+utf16",
  }),
];
