import { describe, expect, test } from "vitest";
import { MAX_WAVE_DEPTH, parseWave } from "../../../src/shared/value/parse-wave.ts";
import { printWave } from "../../../src/shared/value/print-wave.ts";
import type { Value } from "../../../src/shared/value/types.ts";
import { MAX_WAVE_LENGTH } from "../../../src/shared/value/wave-lexer.ts";
import type { ValueType } from "../../../src/shared/wit/types.ts";
import { refusal } from "./refusal.ts";
import {
  ALL_OPTIONAL,
  HAND,
  HANDLE,
  KEYWORD_ENUM,
  PERMISSIONS,
  POINT,
  RESPONSE,
  RESULT_BOTH,
  RESULT_ERR,
  RESULT_NONE,
  RESULT_OK,
  TRICKY_FIELDS,
  list,
  option,
  p,
  tuple,
} from "./types.ts";

/** Text, value, and how the value is printed where that differs from the text. */
type Accepted = readonly [type: ValueType, text: string, value: Value, printed?: string];

const ACCEPTED: Readonly<Record<string, readonly Accepted[]>> = {
  bools: [
    [p("bool"), "true", true],
    [p("bool"), " \t\r\nfalse\n", false, "false"],
  ],
  integers: [
    [p("u8"), "255", 255],
    [p("s8"), "-128", -128],
    [p("s8"), "-0", 0, "0"],
    [p("u16"), "65535", 65_535],
    [p("s16"), "-32768", -32_768],
    [p("u32"), "4294967295", 4_294_967_295],
    [p("s32"), "-2147483648", -2_147_483_648],
    [p("u64"), "18446744073709551615", 18_446_744_073_709_551_615n],
    [p("s64"), "-9223372036854775808", -9_223_372_036_854_775_808n],
    [p("s64"), "0", 0n],
  ],
  floats: [
    [
      list(p("f32")),
      "[0, 0.0, 0e0, 0.0e0, 0e-1, 0e+1, 0.000e100]",
      [0, 0, 0, 0, 0, 0, 0],
      "[0, 0, 0, 0, 0, 0, 0]",
    ],
    [list(p("f32")), "[-3.25, -100000, -0.0e-0]", [Math.fround(-3.25), -100_000, -0], "[-3.25, -100000, -0]"],
    [list(p("f32")), "[nan, inf, -inf]", [NaN, Infinity, -Infinity]],
    [list(p("f64")), "[nan, inf, -inf]", [NaN, Infinity, -Infinity]],
    [p("f32"), "3.4028234664e38", 3.402_823_466_385_288_6e38, "340282350000000000000000000000000000000"],
    [p("f32"), "3.4028234664e39", Infinity, "inf"],
    [p("f32"), "1.4012984643e-45", 2 ** -149, "0.000000000000000000000000000000000000000000001"],
    [p("f32"), "1.4012984643e-46", 0, "0"],
    [p("f32"), "0.1", Math.fround(0.1)],
    [p("f32"), "16777216", 16_777_216],
    [p("f64"), "0.1", 0.1],
    [p("f64"), "6.022e+23", 6.022e23, "602200000000000000000000"],
    [p("f64"), "1.25e-7", 1.25e-7, "0.000000125"],
    [p("f64"), "-0", -0],
    [p("f64"), "1e400", Infinity, "inf"],
  ],
  chars: [
    [list(p("char")), "['W', '🌊', '☃']", ["W", "🌊", "☃"]],
    [list(p("char")), String.raw`['\\', '\'', '\"', '\t', '\n', '\r']`, ["\\", "'", '"', "\t", "\n", "\r"]],
    [list(p("char")), String.raw`['\u{0}', '\u{000000}']`, ["\0", "\0"], String.raw`['\u{0}', '\u{0}']`],
    [
      list(p("char")),
      String.raw`['\u{2603}', '\u{10FFFF}']`,
      ["☃", "\u{10ffff}"],
      String.raw`['☃', '\u{10ffff}']`,
    ],
    [p("char"), `'"'`, '"', String.raw`'\"'`],
    [p("char"), "'\t'", "\t", String.raw`'\t'`],
  ],
  strings: [
    [p("string"), '""', ""],
    [p("string"), '"WAVE🌊"', "WAVE🌊"],
    [p("string"), String.raw`"\\\'\"\t\n\r"`, "\\'\"\t\n\r"],
    [p("string"), String.raw`"'\'\u{27}"`, "'''", String.raw`"\'\'\'"`],
    [p("string"), '"// no comment"', "// no comment"],
    // What a terminal would act on, or what hides, is printed as an escape.
    [
      p("string"),
      '"\u{202e}\u{200b}\u{1b}[0m"',
      "\u{202e}\u{200b}\u{1b}[0m",
      String.raw`"\u{202e}\u{200b}\u{1b}[0m"`,
    ],
    [p("string"), '"e\u{301}"', "e\u{301}", String.raw`"e\u{301}"`],
    [p("string"), '"a b"', "a b"],
    [p("string"), '"a\u{a0}b"', "a\u{a0}b", String.raw`"a\u{a0}b"`],
  ],
  "multiline strings": [
    [p("string"), '"""\n"""', "", '""'],
    [p("string"), '"""\nA single line\n"""', "A single line", '"A single line"'],
    [p("string"), '"""\r\nA\r\nB\r\n"""', "A\nB", String.raw`"A\nB"`],
    [
      p("string"),
      '"""\n    Trailing\n      indent\n  """',
      "  Trailing\n    indent",
      String.raw`"  Trailing\n    indent"`,
    ],
    [p("string"), '"""\n\nlines stay\n\n"""', "\nlines stay\n", String.raw`"\nlines stay\n"`],
    [p("string"), '"""\n  ""\\"" \\u{2603}\\r\n  """', '"""" ☃\r', String.raw`"\"\"\"\" ☃\r"`],
  ],
  "lists and tuples": [
    [list(p("u32")), "[]", []],
    [list(p("u32")), "[1, 2,]", [1, 2], "[1, 2]"],
    [list(p("u8")), "[1,2]", new Uint8Array([1, 2]), "[1, 2]"],
    [list(p("u8")), "[]", new Uint8Array()],
    [list(list(p("u8"))), "[[], [7]]", [new Uint8Array(), new Uint8Array([7])]],
    [{ kind: "fixed-list", element: p("u8"), length: 3 }, "[1, 2, 3]", [1, 2, 3]],
    [tuple(p("string"), p("u8")), '("abc", 123,)', ["abc", 123], '("abc", 123)'],
    [tuple(p("u8")), "(1)", [1]],
  ],
  records: [
    [POINT, "{x: 1, y: -2}", { x: 1, y: -2, label: null }],
    [POINT, "{ y : -2 , label: none, %x: 1, }", { x: 1, y: -2, label: null }, "{x: 1, y: -2}"],
    [POINT, '{x: 1, y: 2, label: "p"}', { x: 1, y: 2, label: "p" }, '{x: 1, y: 2, label: some("p")}'],
    [ALL_OPTIONAL, "{:}", { a: null, b: null }],
    [ALL_OPTIONAL, "{ : }", { a: null, b: null }, "{:}"],
    [ALL_OPTIONAL, "{b:some(2)}", { a: null, b: 2 }, "{b: some(2)}"],
    [
      TRICKY_FIELDS,
      "{true: true, ok: ok, nan: nan, constructor: 7}",
      { true: true, none: null, ok: { ok: null }, nan: NaN, constructor: 7, "value-of": null },
    ],
  ],
  "variants and enums": [
    [RESPONSE, "empty", "empty"],
    [RESPONSE, "%empty", "empty", "empty"],
    [RESPONSE, "body([79, 75])", { body: new Uint8Array([79, 75]) }],
    [RESPONSE, '%err( "oops" )', { err: "oops" }, '%err("oops")'],
    [RESPONSE, "constructor(7)", { constructor: 7 }, "constructor(some(7))"],
    [RESPONSE, "constructor(none)", { constructor: null }],
    [HAND, "left", "left"],
    [HAND, "HTTP3", "HTTP3"],
    [
      list(KEYWORD_ENUM),
      "[%true, %some, %none, %ok, %err, %inf, %nan]",
      ["true", "some", "none", "ok", "err", "inf", "nan"],
    ],
    [KEYWORD_ENUM, "constructor", "constructor"],
  ],
  options: [
    [option(p("u8")), "none", null],
    [option(p("u8")), "some(1)", 1],
    [option(p("u8")), "1", 1, "some(1)"],
    [option(PERMISSIONS), "{read}", ["read"], "some({read})"],
    [option(option(p("u8"))), "none", null],
    [option(option(p("u8"))), "some(none)", { some: null }],
    [option(option(p("u8"))), "some(some(1))", { some: 1 }],
    [option(option(p("u8"))), "some(1)", { some: 1 }, "some(some(1))"],
    [option(option(option(p("u8")))), "some(some(none))", { some: { some: null } }],
    [option(RESULT_NONE), "some(ok)", { ok: null }],
    // The option's own words win; the enum's need their escape.
    [option(KEYWORD_ENUM), "none", null],
    [option(KEYWORD_ENUM), "some(%none)", "none"],
    [option(KEYWORD_ENUM), "%none", "none", "some(%none)"],
  ],
  results: [
    [RESULT_OK, "ok(1)", { ok: 1 }],
    [RESULT_OK, "1", { ok: 1 }, "ok(1)"],
    [RESULT_OK, "err", { err: null }],
    [RESULT_ERR, "ok", { ok: null }],
    [RESULT_ERR, "err(1)", { err: 1 }],
    [RESULT_BOTH, 'err("x")', { err: "x" }],
    [RESULT_NONE, "err", { err: null }],
    [{ kind: "result", ok: option(p("u8")) }, "ok(none)", { ok: null }],
  ],
  flags: [
    [PERMISSIONS, "{}", []],
    [PERMISSIONS, "{ write, read, }", ["read", "write"], "{read, write}"],
    [PERMISSIONS, "{%exec}", ["exec"], "{exec}"],
  ],
  comments: [
    [POINT, "// a point\n{ // open\n x: 1, // x\n y: 2 }// end", { x: 1, y: 2, label: null }, "{x: 1, y: 2}"],
  ],
};

describe.each(Object.entries(ACCEPTED))("WAVE: %s", (_, rows) => {
  test.each(rows.map(([type, text, value, printed = text]) => ({ type, text, value, printed })))(
    "$text",
    (row) => {
      const { type, text, value, printed } = row;
      expect(parseWave(text, type)).toEqual(value);
      expect(printWave(value, type)).toBe(printed);
    },
  );
});

/** Text and the words that the message and help must contain. */
type Rejected = readonly [type: ValueType, text: string, ...words: string[]];

const REJECTED: Readonly<Record<string, readonly Rejected[]>> = {
  "the wrong kind of value": [
    [p("bool"), "1", "expected bool, found 1"],
    [p("bool"), "%true", "expected bool"],
    [p("u8"), '"1"', 'expected u8, found "1"'],
    [p("u8"), "nan", "expected u8"],
    [p("string"), "'x'", "expected string", '"text"'],
    [p("char"), '"x"', "expected char"],
    [p("f64"), "true", "expected f64"],
    [POINT, "[1]", "expected point, found ["],
    [list(p("u32")), "(1)", "expected list<u32>, found ("],
    [tuple(p("u8"), p("u8")), "[1, 2]", "expected tuple<u8, u8>"],
    [PERMISSIONS, "read", "expected permissions"],
    [HANDLE, "1", "a handle (file) cannot be written as a value"],
    [p("u8"), "", "expected u8, found the end"],
    [p("u8"), "1 2", "expected the end of the value, found 2"],
    [p("u8"), "// 1", "expected u8, found the end"],
  ],
  "integers out of range or shape": [
    [p("u8"), "300", "expected u8, found 300", "u8 holds 0 to 255"],
    [p("u8"), "-1", "u8 holds 0 to 255"],
    [p("s8"), "128", "s8 holds -128 to 127"],
    [p("u64"), "18446744073709551616", "u64 holds"],
    [p("s64"), "-9223372036854775809", "s64 holds"],
    [p("u64"), "9".repeat(100_000), "u64 holds"],
    [p("u32"), "1.0", "without point or exponent"],
    [p("u32"), "1e3", "without point or exponent"],
    [p("u32"), "-inf", "without point or exponent"],
    [p("u32"), "007", "malformed number 007"],
    [p("u32"), "1_000", "malformed number 1_000"],
    [p("u32"), "0x10", "malformed number 0x10"],
    [p("u32"), "+1", "unexpected character +"],
    [p("u32"), "1u", "malformed number 1u"],
  ],
  "float spellings": [
    [p("f32"), "-nan", "unexpected character -"],
    [p("f32"), "NaN", "NaN is not a label"],
    [p("f64"), "infinity", "expected f64, found infinity"],
    [p("f64"), "-infinity", "malformed number -infinity"],
    [p("f64"), "INF", "expected f64, found INF"],
    [p("f64"), "Inf", "Inf is not a label"],
    [p("f64"), "1.", "malformed number 1."],
    [p("f64"), ".5", "unexpected character ."],
    [p("f64"), "1e", "malformed number 1e"],
  ],
  chars: [
    [p("char"), "''", "exactly one Unicode scalar value"],
    [p("char"), "'ab'", "exactly one"],
    [p("char"), "'☃☃'", "exactly one"],
    [p("char"), "'e\u{301}'", "exactly one"],
    [p("char"), String.raw`'\z'`, "unknown escape"],
    [p("char"), String.raw`'\x1f'`, "unknown escape"],
    [p("char"), String.raw`'\u1f'`, "unknown escape"],
    [p("char"), String.raw`'\u{1f'`, "unknown escape"],
    [p("char"), String.raw`'\u{}'`, "unknown escape"],
    [p("char"), String.raw`'\u{12345678}'`, "unknown escape"],
    [p("char"), String.raw`'\u{110000}'`, String.raw`\u{110000} is not a Unicode scalar value`],
    [p("char"), String.raw`'\u{D800}'`, String.raw`\u{D800} is not`],
    [p("char"), String.raw`'\u{DFFF}'`, String.raw`\u{DFFF} is not`],
    [p("char"), "'", "no closing quote"],
    [p("char"), "'x", "no closing quote"],
    [p("char"), String.raw`'\'`, "no closing quote"],
    [p("char"), "'''", "exactly one"],
    [p("char"), "'\n'", "no closing quote"],
    [p("char"), "'\ud83c'", "lone surrogate"],
  ],
  strings: [
    [p("string"), '"', "no closing quote"],
    [p("string"), String.raw`"\"`, "no closing quote"],
    [p("string"), '"\n"', "no closing quote"],
    [p("string"), String.raw`"\u{d800}\u{dc00}"`, "not a Unicode scalar value"],
    [p("string"), String.raw`"\u{-1}"`, "unknown escape"],
    [p("string"), '"\ud83c"', "lone surrogate"],
    [p("string"), '"""', "no closing quote"],
    [p("string"), '""""', "no closing quote"],
    [p("string"), '""""""', "followed by a line break"],
    [p("string"), '"""extra\n"""', "followed by a line break"],
    [p("string"), '""""\n"""', "followed by a line break"],
    [p("string"), '"""\nextra"""', "on a line of its own"],
    [p("string"), '"""\n"""\n  "', "no closing quote"],
    [p("string"), '"""\n  two\n one\n  """', "indented less", "by 2 spaces"],
    [p("string"), '"""\n\\j\n"""', "unknown escape"],
    [p("string"), '"""\n"""x', "expected the end of the value"],
  ],
  "lists and tuples": [
    [list(p("string")), '["a",,]', "found ,"],
    [list(p("string")), '[,"a"]', "found ,"],
    [list(p("string")), "[,]", "found ,"],
    [list(p("string")), "[)", "found )"],
    [list(p("string")), "[", "found the end"],
    [list(p("string")), '["a" "b"]', 'expected "," or "]", found "b"'],
    [list(p("u8")), "[256]", "u8 holds 0 to 255"],
    [tuple(p("u8"), p("u8")), "(1)", "has 2 elements, 1 are given"],
    [tuple(p("u8"), p("u8")), "(1, 2, 3)", "has 2 elements, more are given"],
    [tuple(p("u8")), "()", "has 1 elements, 0 are given"],
    [{ kind: "fixed-list", element: p("u8"), length: 2 }, "[1]", "list<u8, 2> has 2 elements, 1 are given"],
    [{ kind: "fixed-list", element: p("u8"), length: 2 }, "[1, 2, 3]", "more are given"],
  ],
  records: [
    [POINT, "{x: 1}", "point lacks the field y", "only fields of type option"],
    [POINT, "{x: 1, x: 2, y: 1}", "the field x is given twice"],
    [POINT, "{x: 1, %x: 2, y: 1}", "the field x is given twice"],
    [POINT, "{x: 1, y: 2, labell: none}", "point has no field labell", "did you mean label?"],
    [POINT, "{x: 1, y: 2, zzz: none}", "known: x, y, label"],
    [POINT, "{x: 1, y: 2, constructor: 1}", "point has no field constructor"],
    [POINT, "{x: 1, y: 2, __proto__: 1}", "unexpected character _"],
    [POINT, "{x: 1,, y: 2}", "found ,"],
    [POINT, "{, x: 1}", "found ,"],
    [POINT, "{x: 1 y: 2}", 'expected "," or "}", found y'],
    [POINT, "{x, y}", 'expected ":", found ,'],
    [ALL_OPTIONAL, "{}", "an empty record is written {:}"],
    [ALL_OPTIONAL, "{:", 'expected "}", found the end'],
  ],
  "variants and enums": [
    [HAND, "lift", "hand has no case lift", "did you mean left?"],
    [HAND, "left(1)", "expected the end of the value"],
    [HAND, "Http3", "Http3 is not a label"],
    [HAND, "left-", "left- is not a label"],
    [HAND, "leftHand", "leftHand is not a label"],
    [HAND, "left_hand", "left_hand is not a label"],
    [KEYWORD_ENUM, "ok", "expected a case of keyword-enum, found ok", "write %ok"],
    [KEYWORD_ENUM, "nan", "write %nan"],
    [RESPONSE, "err(1)", "write %err"],
    [RESPONSE, "body", "the payload of body: body(list<u8>)"],
    [RESPONSE, "body()", "expected list<u8>, found )"],
    [RESPONSE, "empty(1)", "empty takes no payload"],
    [RESPONSE, "to-string", "response has no case to-string"],
  ],
  options: [
    [option(p("u8")), "some", "the payload of some: some(u8)"],
    [option(p("u8")), "some()", "expected u8, found )"],
    [option(p("u8")), "some(some(0))", "expected u8, found some"],
    [option(p("u8")), "none()", "expected the end of the value"],
    [option(option(p("u8"))), "1", "write some(…) or none"],
    [option(RESULT_NONE), "ok", "write some(…) or none"],
  ],
  results: [
    [RESULT_OK, "ok", "the payload of ok: ok(u8)"],
    [RESULT_OK, "err(0)", "err takes no payload"],
    [RESULT_OK, "o(0)", "expected u8, found o"],
    [RESULT_NONE, "ok()", "ok takes no payload"],
    [RESULT_NONE, "1", "write ok(…) or err(…)"],
    [{ kind: "result", ok: option(p("u8")) }, "none", "write ok(…) or err(…)"],
  ],
  flags: [
    [PERMISSIONS, "{read, read}", "the flag read is given twice"],
    [PERMISSIONS, "{read, exce}", "permissions has no flag exce", "did you mean exec?"],
    [PERMISSIONS, "{read: true}", 'expected "," or "}"'],
    [PERMISSIONS, "{:}", "expected a flag of permissions"],
  ],
  "hostile text": [
    [p("u8"), "//\n".repeat(5_000_000), "expected u8, found the end"],
    [p("u8"), " \n".repeat(5_000_000), "expected u8, found the end"],
    [HAND, "a-".repeat(5_000_000), "is not a label"],
    [p("u8"), "1".repeat(5_000_000), "u8 holds"],
    [p("string"), `"${String.raw`\n`.repeat(1_000_000)}`, "no closing quote"],
    [p("string"), " ".repeat(MAX_WAVE_LENGTH + 1), "the limit is"],
    [p("u8"), "\0", "unexpected character \u{fffd}"],
    [p("u8"), "\u{1b}[31m", "unexpected character \u{fffd}"],
  ],
};

describe.each(Object.entries(REJECTED))("WAVE refuses: %s", (_, rows) => {
  test.each(
    rows.map(([type, text, ...words]) => ({ type, text, words, shown: JSON.stringify(text).slice(0, 50) })),
  )("$shown", ({ type, text, words }) => {
    const message = refusal(() => parseWave(text, type));
    for (const word of words) expect(message).toContain(word);
  });
});

function nested(depth: number): { type: ValueType; text: string } {
  let type = p("u32");
  for (let level = 1; level < depth; level++) type = list(type);
  return { type, text: `${"[".repeat(depth - 1)}1${"]".repeat(depth - 1)}` };
}

test("nesting is bounded, up to the bound it works", () => {
  const deepest = nested(MAX_WAVE_DEPTH);
  expect(printWave(parseWave(deepest.text, deepest.type), deepest.type)).toBe(deepest.text);
  const tooDeep = nested(MAX_WAVE_DEPTH + 1);
  expect(refusal(() => parseWave(tooDeep.text, tooDeep.type))).toContain("nested 100 deep");
});

test("a value that does not have its type's shape is our bug, not printed somehow", () => {
  const wrong: [Value, ValueType][] = [
    [1, p("string")],
    ["1", p("u8")],
    [1, p("u64")],
    [[1], tuple(p("u8"), p("u8"))],
    [{ x: 1 }, POINT],
    [{ nope: 1 }, RESPONSE],
    [null, RESULT_OK],
    [1, HANDLE],
  ];
  for (const [value, type] of wrong) {
    expect(() => printWave(value, type)).toThrow(expect.objectContaining({ code: "INTERNAL" }));
  }
});

test("records have no prototype: an absent field is not an inherited one", () => {
  expect(Object.getPrototypeOf(parseWave("{x: 1, y: 2}", POINT))).toBe(null);
});

test("a message about a type that is shared a million times over stays short", () => {
  let type = p("u8");
  for (let level = 0; level < 60; level++) type = tuple(type, type);
  expect(refusal(() => parseWave("1", type)).length).toBeLessThan(2000);
});

test("the time for a long text grows with its length only", () => {
  const texts = Array.from({ length: 100_000 }, () => "text");
  const text = printWave(texts, list(p("string")));
  // Were each string searched for escapes to the end of the text, this would take minutes.
  expect(parseWave(text, list(p("string")))).toEqual(texts);
});
