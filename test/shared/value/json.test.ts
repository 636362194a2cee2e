import { describe, expect, test } from "vitest";
import { fromJson, toJson } from "../../../src/shared/value/json.ts";
import type { Value } from "../../../src/shared/value/types.ts";
import type { ValueType } from "../../../src/shared/wit/types.ts";
import { refusal } from "./refusal.ts";
import {
  ALL_OPTIONAL,
  HAND,
  HANDLE,
  PERMISSIONS,
  POINT,
  RESPONSE,
  RESULT_BOTH,
  RESULT_NONE,
  RESULT_OK,
  TRICKY_FIELDS,
  list,
  option,
  p,
  tuple,
} from "./types.ts";

/** JSON text, value, and the text printed where it differs. */
const TEXTS: readonly (readonly [type: ValueType, text: string, value: Value, printed?: string])[] = [
  [p("bool"), "true", true],
  [p("u8"), "255", 255],
  [p("s8"), "-0", 0, "0"],
  [p("s32"), "1e3", 1000, "1000"],
  [p("u64"), "9007199254740991", 9_007_199_254_740_991n],
  [p("u64"), '"9007199254740992"', 9_007_199_254_740_992n],
  [p("u64"), '"18446744073709551615"', 18_446_744_073_709_551_615n],
  [p("u64"), '"7"', 7n, "7"],
  [p("u64"), '"0007"', 7n, "7"],
  [p("s64"), '"-9223372036854775808"', -9_223_372_036_854_775_808n],
  [p("f32"), "0.1", Math.fround(0.1)],
  [p("f32"), "3.4028234664e38", 3.402_823_466_385_288_6e38, "3.4028235e+38"],
  [p("f64"), "0.1", 0.1],
  [list(p("f64")), '["nan","inf","-inf"]', [NaN, Infinity, -Infinity]],
  [list(p("f32")), '["nan","inf","-inf"]', [NaN, Infinity, -Infinity]],
  [p("char"), '"🌊"', "🌊"],
  [p("string"), '"a\\nb"', "a\nb"],
  [list(p("u8")), "[1,255]", new Uint8Array([1, 255])],
  [list(p("u8")), '{"base64":""}', new Uint8Array(), "[]"],
  [list(p("u8")), '{"base64":"AP9/gA=="}', new Uint8Array([0, 255, 127, 128]), "[0,255,127,128]"],
  [list(p("u8")), '{"base64":"+/+/"}', new Uint8Array([251, 255, 191]), "[251,255,191]"],
  [list(p("u16")), "[1,65535]", [1, 65_535]],
  [{ kind: "fixed-list", element: p("u8"), length: 2 }, "[1,2]", [1, 2]],
  [tuple(p("u8"), p("string")), '[1,"x"]', [1, "x"]],
  [POINT, '{"y":2,"x":1}', { x: 1, y: 2, label: null }, '{"x":1,"y":2,"label":null}'],
  [POINT, '{"x":1,"y":2,"label":"p"}', { x: 1, y: 2, label: "p" }],
  [ALL_OPTIONAL, "{}", { a: null, b: null }, '{"a":null,"b":null}'],
  [
    TRICKY_FIELDS,
    '{"true":true,"none":1,"ok":{"ok":null},"nan":"nan","constructor":7,"value-of":null}',
    { true: true, none: 1, ok: { ok: null }, nan: NaN, constructor: 7, "value-of": null },
  ],
  [RESPONSE, '"empty"', "empty"],
  [RESPONSE, '{"body":[79]}', { body: new Uint8Array([79]) }],
  [RESPONSE, '{"constructor":null}', { constructor: null }],
  [HAND, '"left"', "left"],
  [option(p("u8")), "null", null],
  [option(p("u8")), "1", 1],
  [option(option(p("u8"))), "null", null],
  [option(option(p("u8"))), '{"some":null}', { some: null }],
  [option(option(p("u8"))), '{"some":1}', { some: 1 }],
  [option(option(option(p("u8")))), '{"some":{"some":null}}', { some: { some: null } }],
  [RESULT_OK, '{"ok":1}', { ok: 1 }],
  [RESULT_OK, '{"err":null}', { err: null }],
  [RESULT_BOTH, '{"err":"x"}', { err: "x" }],
  [RESULT_NONE, '{"ok":null}', { ok: null }],
  [PERMISSIONS, "[]", []],
  [PERMISSIONS, '["write","read"]', ["read", "write"], '["read","write"]'],
];

test.each(TEXTS.map(([type, text, value, printed = text]) => ({ type, text, value, printed })))(
  "$text is a $type.kind",
  ({ type, text, value, printed }) => {
    expect(fromJson(JSON.parse(text), type)).toEqual(value);
    expect(JSON.stringify(toJson(value, type))).toBe(printed);
  },
);

const REFUSED: readonly (readonly [type: ValueType, text: string, ...words: string[]])[] = [
  [p("bool"), "1", "$: expected bool, found 1"],
  [p("bool"), "null", "$: expected bool, found null"],
  [p("u8"), "256", "expected u8, found 256", "u8 holds 0 to 255"],
  [p("u8"), "-1", "u8 holds 0 to 255"],
  [p("u8"), "1.5", "expected u8, found 1.5"],
  [p("u8"), '"1"', 'expected u8, found "1"', "integers are numbers"],
  [p("s64"), "9007199254740992", "write them as strings"],
  [p("u64"), "1e300", "write them as strings"],
  [p("u64"), '"18446744073709551616"', "u64 holds"],
  [p("u64"), '"-1"', "u64 holds"],
  [p("u64"), '"1.0"', "numbers or decimal strings"],
  [p("u64"), '""', "numbers or decimal strings"],
  [p("u64"), '" 1"', "numbers or decimal strings"],
  [p("u64"), `"${"9".repeat(100_000)}"`, "u64 holds"],
  [p("f64"), '"NaN"', '"nan", "inf" or "-inf"'],
  [p("f64"), '"1"', "floats are numbers"],
  [p("char"), '""', "one Unicode scalar value"],
  [p("char"), '"ab"', "one Unicode scalar value"],
  [p("char"), String.raw`"\ud800"`, "one Unicode scalar value"],
  [p("string"), String.raw`"a\udc00"`, "lone surrogate"],
  [p("string"), "1", "expected string, found 1"],
  [list(p("u8")), "[1,256]", "$[1]: expected u8, found 256"],
  [list(p("u8")), '{"base64":"AP8"}', "$.base64: expected base64"],
  [list(p("u8")), '{"base64":"AP9="}', "$.base64: expected base64"],
  [list(p("u8")), '{"base64":"A-_/"}', "$.base64: expected base64"],
  [list(p("u8")), '{"base64":"===="}', "$.base64: expected base64"],
  [list(p("u8")), '{"base64":5}', "$.base64: expected base64"],
  [list(p("u8")), '{"base46":""}', 'has no property "base46"', "did you mean base64?"],
  [list(p("u8")), '"AA=="', '{"base64": "…"}'],
  [list(p("u16")), '{"base64":""}', "expected list<u16>, found an object"],
  [list(p("string")), '["a",1]', "$[1]: expected string, found 1"],
  [{ kind: "fixed-list", element: p("u8"), length: 2 }, "[1]", "list<u8, 2> has 2 elements, 1 are given"],
  [tuple(p("u8"), p("u8")), "[1,2,3]", "tuple<u8, u8> has 2 elements, 3 are given"],
  [tuple(p("u8"), POINT), '[1,{"x":1,"y":"q"}]', '$[1].y: expected s32, found "q"'],
  [POINT, "[]", "expected point, found an array"],
  [POINT, "null", "expected point, found null"],
  [POINT, '{"x":1}', "point lacks the field y"],
  [POINT, '{"x":1,"y":null}', "$.y: expected s32, found null"],
  [POINT, '{"x":1,"y":2,"lable":"p"}', 'point has no field "lable"', "did you mean label?"],
  // Own properties of the JSON data with names that are special to JavaScript must not vanish.
  [POINT, '{"x":1,"y":2,"__proto__":{"label":"p"}}', 'point has no field "__proto__"'],
  [POINT, '{"x":1,"__proto__":{"y":2}}', 'point has no field "__proto__"'],
  [POINT, '{"x":1,"y":2,"toString":1}', 'point has no field "toString"'],
  [TRICKY_FIELDS, '{"true":true,"ok":{"ok":null},"nan":1}', "lacks the field constructor"],
  [RESPONSE, '"emtpy"', 'response has no case "emtpy"', "did you mean empty?"],
  [RESPONSE, '"toString"', 'response has no case "toString"'],
  [RESPONSE, '{"__proto__":1}', 'response has no case "__proto__"'],
  [RESPONSE, '"body"', "the case body of response lacks its payload", 'write {"body": …}'],
  [RESPONSE, '{"empty":null}', "the case empty of response takes no payload", 'write "empty"'],
  [RESPONSE, '{"err":"x","body":[]}', "one property for response, it has 2"],
  [RESPONSE, "{}", "one property for response, it has 0"],
  [RESPONSE, '{"err":1}', "$.err: expected string, found 1"],
  [HAND, '"lefty"', 'hand has no case "lefty"', "did you mean left?"],
  [HAND, '{"left":null}', "expected hand, found an object"],
  [option(option(p("u8"))), "1", 'a nested option is null or {"some": …}'],
  [option(option(p("u8"))), '{"none":null}', 'has no property "none"'],
  [option(option(p("u8"))), '{"some":256}', "$.some: expected u8, found 256"],
  [RESULT_OK, '{"ok":1,"err":null}', "it has 2"],
  [RESULT_OK, '{"okay":1}', 'has no property "okay"'],
  [RESULT_OK, '{"err":1}', "$.err: err of result<u8> has no payload"],
  [RESULT_OK, '{"ok":null}', "$.ok: expected u8, found null"],
  [PERMISSIONS, '["read","read"]', "$[1]: the flag read is given twice"],
  [PERMISSIONS, '["reed"]', '$[0]: permissions has no flag "reed"', "did you mean read?"],
  [PERMISSIONS, "[1]", "$[0]: expected a flag of permissions, found 1"],
  [PERMISSIONS, '{"read":true}', "expected permissions, found an object"],
  [HANDLE, "1", "a handle (file) cannot be written as a value"],
];

test.each(REFUSED.map(([type, text, ...words]) => ({ type, text, words, shown: text.slice(0, 60) })))(
  "refuses $shown for $type.kind",
  ({ type, text, words }) => {
    const message = refusal(() => fromJson(JSON.parse(text), type));
    for (const word of words) expect(message).toContain(word);
  },
);

test("the path of the caller leads the message", () => {
  expect(refusal(() => fromJson([{ x: 1 }], list(POINT), "$.args[0]"))).toContain("$.args[0][0]: ");
  expect(refusal(() => fromJson([{ x: "1", y: 1 }], list(POINT), "$.args[0]"))).toContain(
    "$.args[0][0].x: expected s32",
  );
});

describe("what only JavaScript callers can give", () => {
  test.each<readonly [type: ValueType, given: unknown, value: Value]>([
    [p("u8"), 7n, 7],
    [p("u64"), 2n ** 64n - 1n, 2n ** 64n - 1n],
    [p("f64"), NaN, NaN],
    [p("f32"), 0.1, Math.fround(0.1)],
    [list(p("u8")), new Uint8Array([1, 2]), new Uint8Array([1, 2])],
    [list(p("u8")), Buffer.from([1, 2]), new Uint8Array([1, 2])],
    [{ kind: "fixed-list", element: p("u8"), length: 2 }, new Uint8Array([1, 2]), [1, 2]],
    [POINT, { x: 1, y: 2, label: undefined }, { x: 1, y: 2, label: null }],
    [option(p("u8")), undefined, null],
    [RESULT_NONE, { ok: undefined }, { ok: null }],
  ])("%j takes %s", (type, given, value) => {
    expect(fromJson(given, type)).toEqual(value);
  });

  test.each<readonly [type: ValueType, given: unknown, words: string]>([
    [p("u8"), 256n, "u8 holds 0 to 255"],
    [p("u8"), NaN, "expected u8, found NaN"],
    [p("u8"), undefined, "expected u8, found nothing"],
    [p("string"), () => 1, "expected string, found a function"],
    [list(p("u16")), Array(1), "$[0]: expected u16, found nothing"],
    [list(p("u8")), Array(1), "$[0]: expected u8, found nothing"],
    [POINT, new Uint8Array(), "expected point, found an object"],
    // A getter on the prototype is not a field.
    [POINT, Object.create({ x: 1, y: 2 }), "point lacks the field x"],
  ])("%j refuses %s", (type, given, words) => {
    expect(refusal(() => fromJson(given, type))).toContain(words);
  });

  test("bytes are copied: the caller may go on writing to its own", () => {
    const own = new Uint8Array([1]);
    const value = fromJson(own, list(p("u8")));
    own[0] = 2;
    expect(value).toEqual(new Uint8Array([1]));
  });
});

test("a value that does not have its type's shape is our bug", () => {
  const wrong: [Value, ValueType][] = [
    [1, p("string")],
    [{ x: 1 }, POINT],
    [{ nope: 1 }, RESPONSE],
    [[1], PERMISSIONS],
    [{ a: 1, b: 2 }, RESULT_OK],
  ];
  for (const [value, type] of wrong) {
    expect(() => toJson(value, type)).toThrow(expect.objectContaining({ code: "INTERNAL" }));
  }
});
