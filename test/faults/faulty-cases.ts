/** What a faulty library may return: C that breaks the native ABI, one row per way. */
import type { ValueType } from "../../src/shared/wit/types.ts";
import { enumOf, fixed, list, option, record, result, t, tuple, variant } from "../support/c-source-short.ts";

export interface FaultyResult {
  readonly name: string;
  readonly type: ValueType;
  /** C that fills `out_`. */
  readonly code: string;
  /** What the library allocated cannot be known from such a result: no claim about it. */
  readonly unknowable?: boolean;
}

const string = t("string");
/** Fills a string at a C place with bytes of its own. */
const text = (place: string, bytes: string, length: number): string =>
  `${place}.len = ${length}; ${place}.ptr = counted_malloc(${length}); memcpy(${place}.ptr, "${bytes}", ${length});`;
const array = (place: string, count: number): string =>
  `${place}.len = ${count}; ${place}.ptr = counted_malloc(${count} * sizeof *${place}.ptr); memset(${place}.ptr, 0, ${count} * sizeof *${place}.ptr);`;
const shape = variant({ none: null, text: string, number: t("u64") });
const pair = record({ name: string, letter: t("char") });

const BAD_UTF8: Readonly<Record<string, readonly [bytes: string, length: number]>> = {
  "a lone continuation byte": ["\\x80", 1],
  "an overlong form": ["\\xc0\\xaf", 2],
  "an overlong three-byte form": ["\\xe0\\x80\\x80", 3],
  "a surrogate": ["\\xed\\xa0\\x80", 3],
  "past 10FFFF": ["\\xf4\\x90\\x80\\x80", 4],
  truncated: ["abc\\xe2\\x82", 5],
  "bad after many": ["0123456789012345678901234567890123456789\\xff", 41],
};

const STRINGS: readonly FaultyResult[] = [
  ...Object.entries(BAD_UTF8).map(([name, [bytes, length]]): FaultyResult => ({
    name: `bad UTF-8: ${name}`,
    type: string,
    code: text("out_", bytes, length),
  })),
  {
    name: "bad UTF-8 in an option",
    type: option(string),
    code: `out_.is_some = true; ${text("out_.val", "\\xff", 1)}`,
  },
  {
    name: "bad UTF-8 in a result's ok",
    type: result(string, t("u8")),
    code: text("out_.val.ok", "\\xff", 1),
  },
  {
    name: "bad UTF-8 in a result's error",
    type: result(t("u8"), string),
    code: `out_.is_err = true; ${text("out_.val.err", "\\xff", 1)}`,
  },
  { name: "bad UTF-8 in a variant", type: shape, code: `out_.tag = 1; ${text("out_.val.text", "\\xff", 1)}` },
  {
    name: "bad UTF-8 in the middle of a list",
    type: list(string),
    code: `${array("out_", 3)} ${text("out_.ptr[0]", "a", 1)} ${text("out_.ptr[1]", "\\xff", 1)} ${text("out_.ptr[2]", "c", 1)}`,
  },
  {
    name: "bad UTF-8 deep inside",
    type: list(list(pair)),
    code: `${array("out_", 2)} ${array("out_.ptr[0]", 1)} ${array("out_.ptr[1]", 2)}
  ${text("out_.ptr[0].ptr[0].name", "a", 1)} ${text("out_.ptr[1].ptr[0].name", "\\xfe", 1)} ${text("out_.ptr[1].ptr[1].name", "c", 1)}`,
  },
  {
    name: "bad UTF-8 in a fixed-length list",
    type: fixed(string, 2),
    code: `${text("out_.items[0]", "a", 1)} ${text("out_.items[1]", "\\xff", 1)}`,
  },
];

const LENGTHS: readonly FaultyResult[] = [
  {
    name: "string longer than a guest may have",
    type: string,
    code: `${text("out_", "abcd", 4)} out_.len = 1u << 28;`,
  },
  {
    name: "list<u8> longer than a guest may have",
    type: list(t("u8")),
    code: `${array("out_", 4)} out_.len = 1u << 28;`,
  },
  {
    name: "list<u64> larger than a guest may have",
    type: list(t("u64")),
    code: `${array("out_", 4)} out_.len = 1u << 25;`,
  },
  {
    name: "string of 2^32 bytes",
    type: string,
    code: `${text("out_", "abcd", 4)} out_.len = (size_t)1 << 32;`,
  },
  { name: "string of 2^64-1 bytes", type: string, code: `${text("out_", "abcd", 4)} out_.len = SIZE_MAX;` },
  {
    name: "string of 2^63 bytes",
    type: string,
    code: `${text("out_", "abcd", 4)} out_.len = (size_t)1 << 63;`,
  },
  {
    name: "list<u8> of 2^32 bytes",
    type: list(t("u8")),
    code: `${array("out_", 4)} out_.len = (size_t)1 << 32;`,
  },
  {
    name: "list<u64> whose size wraps to 0",
    type: list(t("u64")),
    code: `${array("out_", 4)} out_.len = (size_t)1 << 61;`,
  },
  {
    name: "list<u64> whose size wraps in 32 bits",
    type: list(t("u64")),
    code: `${array("out_", 4)} out_.len = 1u << 29;`,
  },
  {
    name: "list<bool> of 2^40",
    type: list(t("bool")),
    code: `${array("out_", 4)} out_.len = (size_t)1 << 40;`,
  },
  {
    name: "list of records of 2^32",
    type: list(tuple(t("u8"), t("u32"))),
    code: `${array("out_", 4)} out_.len = (size_t)1 << 32;`,
  },
  {
    name: "list<string> of 2^32",
    type: list(string),
    code: `${array("out_", 1)} out_.len = (size_t)1 << 32;`,
    unknowable: true,
  },
  {
    name: "list<list<u8>> with a huge inner",
    type: list(list(t("u8"))),
    code: `${array("out_", 2)} ${array("out_.ptr[0]", 1)} out_.ptr[1].ptr = counted_malloc(8); out_.ptr[1].len = SIZE_MAX;`,
  },
  { name: "string at NULL with a length", type: string, code: "out_.len = 5;" },
  { name: "list at NULL with a length", type: list(t("u32")), code: "out_.len = 5;" },
  { name: "list of strings at NULL with a length", type: list(string), code: "out_.len = 1;" },
  {
    name: "inner string at NULL with a length",
    type: list(string),
    code: `${array("out_", 2)} ${text("out_.ptr[0]", "a", 1)} out_.ptr[1].len = 1;`,
  },
];

const TAGS: readonly FaultyResult[] = [
  { name: "char: a surrogate", type: t("char"), code: "out_ = 0xd800;" },
  { name: "char: too large", type: t("char"), code: "out_ = 0x110000;" },
  { name: "char: all bits", type: t("char"), code: "out_ = 0xffffffff;" },
  { name: "char in an option", type: option(t("char")), code: "out_.is_some = true; out_.val = 0xdfff;" },
  { name: "char in a record", type: pair, code: `${text("out_.name", "a", 1)} out_.letter = 0x110000;` },
  { name: "char in a list", type: list(t("char")), code: `${array("out_", 3)} out_.ptr[2] = 0xd800;` },
  {
    name: "char in a result's error",
    type: result(undefined, t("char")),
    code: "out_.is_err = true; out_.val.err = 0xd800;",
  },
  { name: "enum", type: enumOf(3), code: "out_ = 3;" },
  { name: "enum: 255", type: enumOf(3), code: "out_ = 255;" },
  { name: "enum of 300", type: enumOf(300), code: "out_ = 300;" },
  { name: "enum in an option", type: option(enumOf(3)), code: "out_.is_some = true; out_.val = 3;" },
  { name: "enum in a list", type: list(enumOf(3)), code: `${array("out_", 3)} out_.ptr[1] = 3;` },
  { name: "enum in a tuple", type: tuple(t("u8"), enumOf(2)), code: "out_.f1 = 2;" },
  { name: "enum in a result's ok", type: result(enumOf(2)), code: "out_.val.ok = 2;" },
  { name: "enum in a fixed-length list", type: fixed(enumOf(2), 3), code: "out_.items[2] = 2;" },
  { name: "variant", type: shape, code: "out_.tag = 3;", unknowable: true },
  { name: "variant: 255", type: shape, code: "out_.tag = 255;", unknowable: true },
  { name: "variant without payloads", type: variant({ a: null, b: null }), code: "out_.tag = 2;" },
  {
    name: "variant in a list",
    type: list(shape),
    code: `${array("out_", 2)} out_.ptr[0].tag = 1; ${text("out_.ptr[0].val.text", "a", 1)} out_.ptr[1].tag = 9;`,
  },
  { name: "variant in an option", type: option(shape), code: "out_.is_some = true; out_.val.tag = 3;" },
  {
    name: "variant in a variant",
    type: variant({ a: null, b: variant({ c: t("u8"), d: null }) }),
    code: "out_.tag = 1; out_.val.b.tag = 2;",
  },
  {
    name: "variant in a result's error",
    type: result(t("u8"), shape),
    code: "out_.is_err = true; out_.val.err.tag = 4;",
  },
];

export const FAULTY_RESULTS: readonly FaultyResult[] = [...STRINGS, ...LENGTHS, ...TAGS];
