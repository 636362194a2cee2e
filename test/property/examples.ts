/** Values of every kind of type, by example. */
import type { Value } from "../../src/shared/value/types.ts";
import type { ValueType } from "../../src/shared/wit/types.ts";
import { objectOf } from "../support/arbitrary.ts";
import {
  fixed,
  flagsOf as flags,
  labels,
  list,
  option,
  record,
  result,
  t,
  tuple,
} from "../support/c-source-short.ts";

const bigVariant: ValueType = {
  kind: "variant",
  cases: labels("c", 300).map((name, index) => {
    if (index % 3 === 0) return { name };
    return { name, type: index % 3 === 1 ? t("string") : t("u64") };
  }),
};
const odd = record({
  constructor: t("u8"),
  prototype: t("string"),
  proto: t("s64"),
  "to-string": t("bool"),
  "has-own-property": list(t("u16")),
  ret: t("u32"),
  err: t("f32"),
  int: t("char"),
  URL: t("string"),
});
const joined: ValueType = {
  kind: "variant",
  cases: [
    { name: "a", type: t("f32") },
    { name: "b", type: t("u64") },
    { name: "c", type: t("f64") },
    { name: "d", type: tuple(t("s8"), t("f32"), t("string")) },
    { name: "e", type: tuple(t("f64"), t("u64"), t("f32"), t("s16")) },
    { name: "none" },
  ],
};
const point = record({ x: t("f64"), y: t("f64"), tag: t("u8") });
const text = "naïve ☃ 😀\0end";
const STRINGS = ["", "a", "ÿé", text, "\u{feff}bom", "x".repeat(5000), `${"é".repeat(300)}😀`];

/** Types and values of every kind, the edges of each first. */
export const EXAMPLES: readonly (readonly [name: string, type: ValueType, values: readonly Value[]])[] = [
  ["bool", t("bool"), [true, false]],
  ["s8", t("s8"), [-128, -1, 0, 127]],
  ["u8", t("u8"), [0, 128, 255]],
  ["s16", t("s16"), [-32_768, -1, 32_767]],
  ["u16", t("u16"), [0, 32_768, 65_535]],
  ["s32", t("s32"), [-(2 ** 31), -1, 2 ** 31 - 1]],
  ["u32", t("u32"), [0, 2 ** 31, 2 ** 32 - 1]],
  ["s64", t("s64"), [-(2n ** 63n), -1n, 2n ** 53n + 1n, 2n ** 63n - 1n]],
  ["u64", t("u64"), [0n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n]],
  ["f32", t("f32"), [0, -0, 1.5, 2 ** -149, Infinity, -Infinity, Number.NaN]],
  ["f64", t("f64"), [0, -0, 1e308, 5e-324, Infinity, -Infinity, Number.NaN]],
  ["char", t("char"), ["a", "\0", "é", "\u{d7ff}", "\u{e000}", "\u{ffff}", "\u{10ffff}"]],
  ["string", t("string"), STRINGS],
  ["list-u8", list(t("u8")), [new Uint8Array(), Uint8Array.from({ length: 70_000 }, (_, i) => i % 251)]],
  ["list-bool", list(t("bool")), [[], [true, false, true]]],
  ["list-u16", list(t("u16")), [[], [1, 65_535]]],
  ["list-char", list(t("char")), [[], ["a", "😀"]]],
  ["list-f64", list(t("f64")), [[1.5, -0, Number.NaN]]],
  ["list-u64", list(t("u64")), [[0n, 2n ** 64n - 1n]]],
  ["list-string", list(t("string")), [[], [""], STRINGS]],
  ["list-list-string", list(list(t("string"))), [[], [[]], [["a"], [], ["b", text]]]],
  [
    "list-point",
    list(point),
    [
      [],
      [
        objectOf([
          ["x", 1],
          ["y", -0],
          ["tag", 255],
        ]),
      ],
    ],
  ],
  ["list-option", list(option(t("u8"))), [[null, 0, 255, null]]],
  ["list-flags", list(flags(9)), [[[], ["l0", "l8"]]]],
  ["fixed-u8", fixed(t("u8"), 5), [Uint8Array.of(1, 2, 3, 4, 255)]],
  ["fixed-string", fixed(t("string"), 3), [["", "b", text]]],
  ["fixed-long", fixed(t("u32"), 20), [Array.from({ length: 20 }, (_, index) => index * 7)]],
  [
    "fixed-in-list",
    list(fixed(tuple(t("u8"), t("u32")), 2)),
    [
      [
        [
          [1, 2],
          [3, 4],
        ],
      ],
    ],
  ],
  [
    "point",
    point,
    [
      objectOf([
        ["x", 0.1],
        ["y", Infinity],
        ["tag", 7],
      ]),
    ],
  ],
  [
    "odd-labels",
    odd,
    [
      objectOf([
        ["constructor", 1],
        ["prototype", text],
        ["proto", -1n],
        ["to-string", true],
        ["has-own-property", [1, 2]],
        ["ret", 5],
        ["err", 0.5],
        ["int", "😀"],
        ["URL", ""],
      ]),
    ],
  ],
  ["tuple", tuple(t("u8"), t("string"), t("f32")), [[1, text, 0.5]]],
  ["wide", tuple(...labels("x", 20).map(() => t("u16"))), [labels("x", 20).map((_, index) => index)]],
  ["enum", { kind: "enum", labels: ["a", "constructor", "z"] }, ["a", "constructor", "z"]],
  ["enum-300", { kind: "enum", labels: labels("l", 300) }, ["l0", "l255", "l256", "l299"]],
  [
    "variant",
    joined,
    [
      objectOf([["a", 1.5]]),
      objectOf([["b", 2n ** 64n - 1n]]),
      objectOf([["c", -2.25]]),
      objectOf([["d", [-1, 0.5, text]]]),
      objectOf([["e", [1e300, 1n, -0.5, -2]]]),
      "none",
    ],
  ],
  [
    "variant-300",
    bigVariant,
    ["c0", objectOf([["c1", text]]), objectOf([["c299", 9n]]), objectOf([["c256", "é"]]), "c255"],
  ],
  ["option", option(t("string")), [null, "", text]],
  [
    "option-point",
    option(point),
    [
      null,
      objectOf([
        ["x", 1],
        ["y", 2],
        ["tag", 3],
      ]),
    ],
  ],
  ["option-option", option(option(t("u32"))), [null, objectOf([["some", null]]), objectOf([["some", 7]])]],
  [
    "option-3",
    option(option(option(t("string")))),
    [
      null,
      objectOf([["some", null]]),
      objectOf([["some", objectOf([["some", null]])]]),
      objectOf([["some", objectOf([["some", "deep"]])]]),
    ],
  ],
  ["option-result", option(result(t("u8"))), [null, objectOf([["ok", 1]]), objectOf([["err", null]])]],
  ["result", result(), [objectOf([["ok", null]]), objectOf([["err", null]])]],
  ["result-ok", result(t("string")), [objectOf([["ok", text]]), objectOf([["err", null]])]],
  [
    "result-err",
    result(undefined, list(t("u8"))),
    [objectOf([["ok", null]]), objectOf([["err", Uint8Array.of(1)]])],
  ],
  ["result-both", result(t("f32"), t("u64")), [objectOf([["ok", -1.5]]), objectOf([["err", 2n ** 63n]])]],
  [
    "result-nested",
    result(result(option(t("u8")), t("string")), option(t("char"))),
    [
      objectOf([["ok", objectOf([["ok", null]])]]),
      objectOf([["ok", objectOf([["err", text]])]]),
      objectOf([["err", null]]),
      objectOf([["err", "c"]]),
    ],
  ],
  ["flags-1", flags(1), [[], ["l0"]]],
  ["flags-8", flags(8), [[], ["l7"], labels("l", 8)]],
  ["flags-9", flags(9), [["l8"], labels("l", 9)]],
  ["flags-16", flags(16), [["l15"], labels("l", 16)]],
  ["flags-17", flags(17), [["l16"], labels("l", 17)]],
  ["flags-32", flags(32), [["l31"], ["l0", "l31"], labels("l", 32)]],
  [
    "deep",
    list(option(result(record({ a: list(tuple(t("string"), option(flags(3)))) }), joined))),
    [
      [
        null,
        objectOf([
          [
            "ok",
            objectOf([
              [
                "a",
                [
                  ["s", null],
                  [text, ["l1"]],
                ],
              ],
            ]),
          ],
        ]),
        objectOf([["err", "none"]]),
      ],
    ],
  ],
];
