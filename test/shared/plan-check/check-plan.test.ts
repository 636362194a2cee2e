import { parse } from "@bytecodealliance/jco-transpile/wasm-tools";
import { describe, expect, it } from "vitest";
import type { InstantiationPlan } from "../../../src/shared/component-plan.ts";
import { checkPlan } from "../../../src/shared/plan-check/check-plan.ts";
import { decodeComponent } from "../../../src/shared/wit/binary/decode-world.ts";

function planOf(bytes: Uint8Array): InstantiationPlan {
  const { linking } = decodeComponent(bytes);
  if (linking.kind === "own") return linking.plan;
  throw new Error(linking.refusal.reason);
}

async function messages(wat: string): Promise<string[]> {
  const bytes = await parse(wat);
  return checkPlan(bytes, planOf(bytes)).map(({ message }) => message);
}

/** A component of two core modules: what `$a` exports is what `$b` imports as `"m" "x"`. */
function pair(exported: string, imported: string): string {
  return `(component
    (core module $a ${exported})
    (core module $b (type $alone (func (param i32))) (import "m" "x" ${imported}))
    (core instance $i (instantiate $a))
    (core instance (instantiate $b (with "m" (instance $i)))))`;
}

const GIVEN = '(core instance 0: export "x")';

describe("what core instances pass to each other", () => {
  it.each<{ name: string; wat: string; expected: readonly string[] }>([
    {
      name: "a function",
      wat: pair(`(func (export "x") (param i32 i64))`, `(func (param i32 i64))`),
      expected: [],
    },
    {
      name: "a function of other parameters",
      wat: pair(`(func (export "x") (param i32))`, `(func (param i32 i32))`),
      expected: [`expected (func (param i32 i32)), found (func (param i32)) ${GIVEN}`],
    },
    {
      name: "a function of another result",
      wat: pair(`(func (export "x") (result f32) f32.const 0)`, `(func (result f64))`),
      expected: [`expected (func (result f64)), found (func (result f32)) ${GIVEN}`],
    },
    {
      name: "nothing of that name",
      wat: pair(`(func (export "y"))`, `(memory 1)`),
      expected: [`expected (memory 1), "m" has no "x"`],
    },
    {
      name: "something of another kind",
      wat: pair(`(memory (export "x") 1)`, `(global (mut i32))`),
      expected: [`expected (global (mut i32)), found (memory 1) ${GIVEN}`],
    },
    {
      name: "types that only the engine can compare",
      wat: pair(
        `(rec (type $t (func (param i64))) (type (struct))) (func (export "x") (type $t))`,
        `(func (type $alone))`,
      ),
      expected: [],
    },
    { name: "a larger memory", wat: pair(`(memory (export "x") 2)`, `(memory 1)`), expected: [] },
    { name: "a memory with bounds", wat: pair(`(memory (export "x") 2 3)`, `(memory 1 4)`), expected: [] },
    {
      name: "a smaller memory",
      wat: pair(`(memory (export "x") 1)`, `(memory 2)`),
      expected: [`expected (memory 2), found (memory 1) ${GIVEN}`],
    },
    {
      name: "a memory without the bound that is imported",
      wat: pair(`(memory (export "x") 1)`, `(memory 1 2)`),
      expected: [`expected (memory 1 2), found (memory 1) ${GIVEN}`],
    },
    {
      name: "a memory with a larger bound",
      wat: pair(`(memory (export "x") 1 3)`, `(memory 1 2)`),
      expected: [`expected (memory 1 2), found (memory 1 3) ${GIVEN}`],
    },
    {
      name: "a shared memory",
      wat: pair(`(memory (export "x") 1 2 shared)`, `(memory 1 2)`),
      expected: [`expected (memory 1 2), found (memory 1 2 shared) ${GIVEN}`],
    },
    {
      name: "a 64-bit memory",
      wat: pair(`(memory (export "x") i64 1)`, `(memory 1)`),
      expected: [`expected (memory 1), found (memory i64 1) ${GIVEN}`],
    },
    {
      name: "a memory of other pages",
      wat: pair(`(memory (export "x") 1 (pagesize 1))`, `(memory 1)`),
      expected: [`expected (memory 1), found (memory 1 (pagesize 1)) ${GIVEN}`],
    },
    {
      name: "a table",
      wat: pair(`(table (export "x") 3 4 funcref)`, `(table 1 4 funcref)`),
      expected: [],
    },
    {
      name: "a table of other elements",
      wat: pair(`(table (export "x") 1 externref)`, `(table 1 funcref)`),
      expected: [`expected (table 1 funcref), found (table 1 externref) ${GIVEN}`],
    },
    {
      name: "a smaller table",
      wat: pair(`(table (export "x") 1 funcref)`, `(table 2 funcref)`),
      expected: [`expected (table 2 funcref), found (table 1 funcref) ${GIVEN}`],
    },
    {
      name: "a table of a module's own references, which only the engine can compare",
      wat: pair(
        `(type (struct)) (type $f (func (param i32))) (table (export "x") 1 (ref null $f))`,
        `(table 1 (ref null $alone))`,
      ),
      expected: [],
    },
    { name: "a global", wat: pair(`(global (export "x") i32 (i32.const 0))`, `(global i32)`), expected: [] },
    {
      name: "a global of another type",
      wat: pair(`(global (export "x") i32 (i32.const 0))`, `(global i64)`),
      expected: [`expected (global i64), found (global i32) ${GIVEN}`],
    },
    {
      name: "a constant for a variable",
      wat: pair(`(global (export "x") i32 (i32.const 0))`, `(global (mut i32))`),
      expected: [`expected (global (mut i32)), found (global i32) ${GIVEN}`],
    },
    {
      name: "a reference of a subtype",
      wat: pair(`(global (export "x") (ref i31) (ref.i31 (i32.const 0)))`, `(global anyref)`),
      expected: [],
    },
    {
      name: "a tag",
      wat: pair(`(tag (export "x") (param i32))`, `(tag (param i32))`),
      expected: [],
    },
    {
      name: "a tag of other parameters",
      wat: pair(`(tag (export "x") (param i32))`, `(tag (param i64))`),
      expected: [`expected (tag (param i64)), found (tag (param i32)) ${GIVEN}`],
    },
  ])("$name", async ({ wat, expected }) => {
    expect(await messages(wat)).toEqual(expected.map((each) => `core instance 1: import "m" "x": ${each}`));
  });
});

/** A component that hands its core module one item as `"m" "x"`. */
function given(definitions: string, item: string, imported: string): string {
  return `(component
    (import "f" (func $f (param "a" u8) (param "b" float64) (result s64)))
    (import "r" (type $r (sub resource)))
    (type $own (resource (rep i32)))
    (core module $a (func (export "y")) (memory (export "mem") 1))
    (core instance $i (instantiate $a))
    ${definitions}
    (core module $b (type $alone (func (param i32)))
      (rec (type $grouped (func (param i32))) (type (struct)))
      (import "m" "x" ${imported}))
    (core instance (instantiate $b (with "m" (instance (export "x" ${item}))))))`;
}

describe("what the component passes to core instances", () => {
  const LOWER = "(core func $x (canon lower (func $f)))";
  const FUNC = "(func $x)";
  it.each<{ name: string; wat: string; expected: readonly string[] }>([
    {
      name: "a lowered function",
      wat: given(LOWER, FUNC, `(func (param i32 f64) (result i64))`),
      expected: [],
    },
    {
      name: "a lowered function of another signature",
      wat: given(LOWER, FUNC, `(func (param i32 i32) (result i64))`),
      expected: [
        'expected (func (param i32 i32) (result i64)), found (func (param i32 f64) (result i64)) (canon lower of import "f")',
      ],
    },
    {
      name: "a lowered function for a memory",
      wat: given(LOWER, FUNC, `(memory 1)`),
      expected: [
        'expected (memory 1), found (func (param i32 f64) (result i64)) (canon lower of import "f")',
      ],
    },
    {
      name: "resource.new",
      wat: given("(core func $x (canon resource.new $own))", FUNC, "(func (param i32) (result i32))"),
      expected: [],
    },
    {
      name: "resource.new without its result",
      wat: given("(core func $x (canon resource.new $own))", FUNC, "(func (param i32))"),
      expected: ["expected (func (param i32)), found (func (param i32) (result i32)) (canon resource.new)"],
    },
    {
      name: "resource.rep",
      wat: given("(core func $x (canon resource.rep $own))", FUNC, "(func (param i32) (result i32))"),
      expected: [],
    },
    {
      name: "resource.rep of no handle",
      wat: given("(core func $x (canon resource.rep $own))", FUNC, "(func (result i32))"),
      expected: ["expected (func (result i32)), found (func (param i32) (result i32)) (canon resource.rep)"],
    },
    {
      name: "resource.drop",
      wat: given("(core func $x (canon resource.drop $r))", FUNC, "(func (param i32))"),
      expected: [],
    },
    {
      name: "resource.drop of a 64-bit handle",
      wat: given("(core func $x (canon resource.drop $r))", FUNC, "(func (param i64))"),
      expected: ["expected (func (param i64)), found (func (param i32)) (canon resource.drop)"],
    },
    {
      name: "a function of ours for a member of a recursion group that takes the same",
      wat: given("(core func $x (canon resource.drop $r))", FUNC, "(func (type $grouped))"),
      expected: [],
    },
    {
      name: "a function of ours for a member of a recursion group that takes something else",
      wat: given("(core func $x (canon resource.new $own))", FUNC, "(func (type $grouped))"),
      expected: ["expected (func (param i32)), found (func (param i32) (result i32)) (canon resource.new)"],
    },
    {
      name: "an item of another core instance",
      wat: given('(alias core export $i "y" (core func $x))', FUNC, "(func)"),
      expected: [],
    },
    {
      name: "an item of another core instance with another type",
      wat: given('(alias core export $i "y" (core func $x))', FUNC, "(func (param i32))"),
      expected: ['expected (func (param i32)), found (func) (core instance 0: export "y")'],
    },
  ])("$name", async ({ wat, expected }) => {
    expect(await messages(wat)).toEqual(expected.map((each) => `core instance 1: import "m" "x": ${each}`));
  });

  it.each<{ name: string; item: string; message: string }>([
    {
      name: "an export that is not there",
      item: '(func $i "z")',
      message: `core instance 1: argument "m": "x": core instance 0: export "z": there is no such export`,
    },
    {
      name: "an export of another kind",
      item: '(func $i "mem")',
      message: `core instance 1: argument "m": "x": core instance 0: export "mem": expected a func, found (memory 1)`,
    },
  ])("$name, though nobody imports it", async ({ item, message }) => {
    const wat = `(component
      (core module $a (func (export "y")) (memory (export "mem") 1)) (core module $b)
      (core instance $i (instantiate $a))
      (core instance (instantiate $b (with "m" (instance (export "x" ${item}))))))`;
    expect(await messages(wat)).toEqual([message]);
  });

  it("nothing under the first name of an import", async () => {
    const wat = `(component (core module $m (import "__proto__" "x" (func))) (core instance (instantiate $m)))`;
    expect(await messages(wat)).toEqual([
      `core instance 0: import "__proto__" "x": the instantiation passes no "__proto__"`,
    ]);
  });

  it("items named like the members of every object", async () => {
    const wat = `(component
      (core module $a (func (export "__proto__")) (func (export "constructor")))
      (core module $b (import "__proto__" "__proto__" (func)) (import "__proto__" "constructor" (func))
        (import "toString" "valueOf" (func)))
      (core instance $i (instantiate $a))
      (core instance (instantiate $b (with "__proto__" (instance $i))
        (with "toString" (instance (export "valueOf" (func $i "__proto__")))))))`;
    expect(await messages(wat)).toEqual([]);
  });

  it("a built-in of the async proposals, which only traps, as whatever it is imported", async () => {
    const wat = `(component
      (core func $x (canon backpressure.inc))
      (core module $b (import "m" "x" (func (param i64 i64))))
      (core instance (instantiate $b (with "m" (instance (export "x" (func $x)))))))`;
    expect(await messages(wat)).toEqual([]);
  });
});
