/** The scripts' syntax, and that a script which says something wrong fails. */
import { describe, expect, test } from "vitest";
import { parseConstant } from "../support/wast/constants.ts";
import { parseExpressions, ScriptFault, type Expression } from "../support/wast/expressions.ts";
import { parseFloatText, parseIntegerText } from "../support/wast/numbers.ts";
import { runScript } from "../support/wast/run-script.ts";
import { parseScript } from "../support/wast/script.ts";
import { isExpectedTrap } from "../support/wast/traps.ts";
import { sameValue } from "../support/wast/values.ts";

describe("expressions", () => {
  const plain = (expression: Expression): unknown => {
    if (expression.kind === "list") return expression.items.map(plain);
    return expression.kind === "atom" ? expression.text : { bytes: Array.from(expression.bytes) };
  };

  test.each<readonly [text: string, expected: unknown]>([
    ["(a $b 1)(c)", [["a", "$b", "1"], ["c"]]],
    ["(a ;; comment )\n b)", [["a", "b"]]],
    ["(a (; (; nested ;) ( ;) b)", [["a", "b"]]],
    ['(a (@name "x" (y)) (@custom) b)', [["a", "b"]]],
    ['"\\t\\n\\r\\"\\\'\\\\"', [{ bytes: [9, 10, 13, 34, 39, 92] }]],
    ['"\\00\\ffa\\u{20ac}é"', [{ bytes: [0, 255, 97, 0xe2, 0x82, 0xac, 0xc3, 0xa9] }]],
    ['(a"(;"$"b c")', [["a", { bytes: [0x28, 0x3b] }, '$"b c"']]],
  ])("%s", (text, expected) => {
    expect(parseExpressions(text).map(plain)).toEqual(expected);
  });

  test.each(["(a", "a)", '"a', "(; a", '"\\q"'])("%s is a fault", (text) => {
    expect(() => parseExpressions(text)).toThrow(ScriptFault);
  });
});

describe("directives", () => {
  test("know their lines, names and the text of their components", () => {
    const script = parseScript(`(component $a (core module))
(; two
lines ;) (component definition $b
  (core module))
(component instance $c $b)
(component quote "(core" " module)")
(register "name" $a)
(invoke $a "f" (u8.const 1))
(thread $t)
(assert_invalid (module) "m")`);
    expect(script).toEqual([
      { kind: "component", line: 1, id: "$a", component: { text: "(component $a (core module))" } },
      { kind: "definition", line: 3, id: "$b", component: { text: "(component  $b\n  (core module))" } },
      { kind: "instance", line: 5, id: "$c", definition: "$b" },
      { kind: "component", line: 6, component: { text: "(component (core  module) )" } },
      { kind: "register", line: 7, name: "name", instance: "$a" },
      {
        kind: "invoke",
        line: 8,
        invocation: { instance: "$a", function: "f", args: [{ kind: "u8", value: 1n }] },
      },
      { kind: "unsupported", line: 9, name: "thread" },
      { kind: "unsupported", line: 10, name: "assert_invalid" },
    ]);
  });

  test.each(["x", "(assert_return)", '(assert_trap (get "x") "")', '(invoke "f" 1)'])(
    "%s is a fault",
    (text) => {
      expect(() => parseScript(text)).toThrow(ScriptFault);
    },
  );
});

describe("numbers and constants", () => {
  test.each<readonly [text: string, value: number]>([
    ["1_0.5", 10.5],
    ["-0x1.8p1", -3],
    ["0x1p-1074", 5e-324],
    ["-inf", Number.NEGATIVE_INFINITY],
    ["nan:0x1", Number.NaN],
    ["-0", -0],
  ])("%s", (text, value) => {
    expect(parseFloatText(text, "f64")).toBe(value);
  });

  test("integers", () => {
    expect(["0x_ff", "-1_0", "+3", "1.5", "x"].map(parseIntegerText)).toEqual([
      255n,
      -10n,
      3n,
      undefined,
      undefined,
    ]);
  });

  test.each([
    "(u8.const 256)",
    "(s8.const -129)",
    '(char.const "ab")',
    "(bool.const 1)",
    "(v128.const 1)",
    "(u8.const)",
  ])("%s is a fault", (text) => {
    const [expression] = parseExpressions(text);
    expect(expression).toBeDefined();
    expect(() => expression && parseConstant(expression)).toThrow(ScriptFault);
  });
});

describe("a script that is wrong fails", () => {
  const component = `(component
    (core module $M
      (memory (export "mem") 1)
      (func (export "f") (param i32) (result i32) (local.get 0))
      (func (export "bad") unreachable)
      (func (export "zero") (result i32) (i32.const 0)))
    (core instance $m (instantiate $M))
    (func (export "f") (param "x" u32) (result u32) (canon lift (core func $m "f")))
    (func (export "bad") (canon lift (core func $m "bad")))
    (func (export "text") (result string) (canon lift (core func $m "zero") (memory (core memory $m "mem"))))
    (func (export "option") (result (option (option bool)))
      (canon lift (core func $m "zero") (memory (core memory $m "mem")))))`;

  test.each<readonly [directive: string, why: RegExp]>([
    ['(assert_return (invoke "f" (u32.const 1)) (u32.const 2))', /expected 2, got 1/],
    ['(assert_return (invoke "f" (u32.const 1)))', /the script has 0 results/],
    [
      '(assert_return (invoke "f" (u8.const 1)) (u32.const 1))',
      /the script has a u8 where the function has a u32/,
    ],
    ['(assert_return (invoke "f" (u32.const 1)) (s32.const 1))', /the script has a s32/],
    ['(assert_return (invoke "f") (u32.const 1))', /takes 1 arguments/],
    ['(assert_return (invoke "g") (u32.const 1))', /exports no function "g"/],
    ['(assert_return (invoke $other "f") (u32.const 1))', /no such component or instance/],
    ['(assert_return (invoke "bad"))', /unreachable/],
    ['(assert_return (invoke "text") (str.const "a"))', /expected "a", got ""/],
    ['(assert_return (invoke "option") (option.some (option.none)))', /expected \{"some":null\}, got null/],
    ['(assert_trap (invoke "f" (u32.const 1)) "")', /expected a trap/],
    ['(assert_trap (invoke "bad") "out of bounds")', /expected the trap "out of bounds", got .*unreachable/],
    ['(assert_trap (invoke "f") "unreachable")', /takes 1 arguments/],
    ['(assert_exception (invoke "f" (u32.const 1)))', /expected a trap/],
    ['(assert_invalid (component) "x")', /accepted, although x/],
    ['(assert_malformed (component) "x")', /accepted, although x/],
    ['(assert_unlinkable (component) "x")', /linked, although/],
    ['(component (import "nobody" (func)))', /there is no nobody/],
    ["(component (core instance (instantiate 0)))", /refused by/],
    ["(module)", /no directive of components: module/],
  ])("%s", async (directive, why) => {
    const [made, wrong] = await runScript(component + directive);
    expect(made?.result).toEqual({ status: "passed" });
    expect(wrong?.result).toEqual({ status: "failed", why: expect.stringMatching(why) });
  });

  test("what a failed component is needed for is blocked by it", async () => {
    const cases = await runScript(
      '(component (import "nobody" (func)))\n(invoke "f")\n(assert_trap (invoke "f") "")',
    );
    expect(cases.map(({ result }) => result)).toEqual([
      { status: "failed", why: expect.stringContaining("nobody") },
      { status: "blocked", by: 1 },
      { status: "blocked", by: 1 },
    ]);
  });
});

test("values are the same by sign, shape and labels", () => {
  const pairs: readonly (readonly [unknown, unknown, boolean])[] = [
    [Number.NaN, Number.NaN, true],
    [0, -0, false],
    [1n, 1, false],
    [[1, 2], [1, 2], true],
    [[1], [1, 2], false],
    [[], {}, false],
    [Uint8Array.of(1), [1], false],
    [Uint8Array.of(1), Uint8Array.of(1), true],
    [{ a: null }, { b: null }, false],
    [{ a: 1, b: 2 }, { b: 2, a: 1 }, true],
    [null, undefined, false],
  ];
  for (const [left, right, expected] of pairs) expect(sameValue(left, right)).toBe(expected);
});

test("traps are told apart by their cause", () => {
  expect(isExpectedTrap("wasm trap: unreachable", "the guest trapped: unreachable")).toBe(true);
  expect(isExpectedTrap("unaligned pointer", "the guest trapped: unreachable")).toBe(false);
  expect(isExpectedTrap("unknown handle index 2", "resource.drop r: unknown handle index 2")).toBe(true);
  expect(isExpectedTrap("unknown handle index 2", "resource.drop r: unknown handle index 3")).toBe(false);
});
