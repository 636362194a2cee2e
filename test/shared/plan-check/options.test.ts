import { parse } from "@bytecodealliance/jco-transpile/wasm-tools";
import { describe, expect, it } from "vitest";
import { checkPlan } from "../../../src/shared/plan-check/check-plan.ts";
import { decodeComponent } from "../../../src/shared/wit/binary/decode-world.ts";

async function messages(wat: string): Promise<string[]> {
  const bytes = await parse(wat);
  const { linking } = decodeComponent(bytes);
  if (linking.kind !== "own") throw new Error(linking.refusal.reason);
  return checkPlan(bytes, linking.plan).map(({ message }) => message);
}

const SEVENTEEN = Array.from({ length: 17 }, (_, index) => `(param "p${index}" u32)`).join(" ");

interface Case {
  readonly name: string;
  /** Component-level parameters and result. */
  readonly type: string;
  /** The core function that is lifted, or that the core module imports. */
  readonly core: string;
  readonly options?: string;
  readonly expected: readonly string[];
}

const MEMORY = `(memory (core memory $i "memory"))`;
const REALLOC = `(realloc (core func $i "realloc"))`;
const BOTH = `${MEMORY} ${REALLOC}`;

/** What the options can name. */
const LIBRARY = `(core module $library
  (memory (export "memory") 1) (memory (export "shared") 1 2 shared) (memory (export "wide") i64 1)
  (global (export "global") i32 (i32.const 0))
  (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable)
  (func (export "realloc64") (param i64 i64 i64 i64) (result i64) unreachable)
  (func (export "nothing")) (func (export "takes-i32") (param i32)) (func (export "takes-i64") (param i64)))`;

function lift({ type, core, options = "" }: Case): string {
  return `(component
    ${LIBRARY}
    (core instance $i (instantiate $library))
    (core module $m (func (export "f") ${core} unreachable))
    (core instance $f (instantiate $m))
    (func $f ${type} (canon lift (core func $f "f") ${options}))
    (export "do-it" (func $f)))`;
}

/** Lifts what it lowers. */
function relay(result: string): string {
  return `(component
      (import "f" (func $f (param "a" u32)))
      (core func $low (canon lower (func $f)))
      (func $g (param "a" u32) ${result} (canon lift (core func $low)))
      (export "g" (func $g)))`;
}

const LIFTED = `canon lift of export "do-it": `;

describe("canon lift", () => {
  it.each<Case>([
    {
      name: "numbers",
      type: `(param "a" u8) (param "b" f64) (result s64)`,
      core: "(param i32 f64) (result i64)",
      expected: [],
    },
    {
      name: "another parameter",
      type: `(param "a" u64)`,
      core: "(param i32)",
      expected: [`core instance 1: export "f": expected (func (param i64)), found (func (param i32))`],
    },
    {
      name: "another result",
      type: `(result f32)`,
      core: "",
      expected: [`core instance 1: export "f": expected (func (result f32)), found (func)`],
    },
    { name: "a string in", type: `(param "a" string)`, core: "(param i32 i32)", options: BOTH, expected: [] },
    {
      name: "a string in without memory",
      type: `(param "a" string)`,
      core: "(param i32 i32)",
      expected: [
        "the option memory is missing: a parameter holds a string or list",
        "the option realloc is missing: a parameter holds a string or list",
      ],
    },
    {
      name: "a list inside an option inside a tuple without realloc",
      type: `(param "a" (tuple u8 (option (list u8))))`,
      core: "(param i32 i32 i32 i32)",
      options: MEMORY,
      expected: ["the option realloc is missing: a parameter holds a string or list"],
    },
    { name: "17 parameters", type: SEVENTEEN, core: "(param i32)", options: BOTH, expected: [] },
    {
      name: "17 parameters that were not spilled",
      type: SEVENTEEN,
      core: `(param ${"i32 ".repeat(17)})`,
      options: BOTH,
      expected: [
        `core instance 1: export "f": expected (func (param i32)), found (func (param ${"i32 ".repeat(17).trim()}))`,
      ],
    },
    {
      name: "17 parameters without realloc",
      type: SEVENTEEN,
      core: "(param i32)",
      options: MEMORY,
      expected: ["the option realloc is missing: the parameters are more than 16 flat values"],
    },
    {
      name: "a string out, allocated by the guest",
      type: `(result string)`,
      core: "(result i32)",
      options: MEMORY,
      expected: [],
    },
    {
      name: "a string out without memory",
      type: `(result string)`,
      core: "(result i32)",
      expected: ["the option memory is missing: the result is more than one flat value"],
    },
    {
      name: "a spilled result as a parameter",
      type: `(result (tuple u8 u8))`,
      core: "(param i32)",
      options: MEMORY,
      expected: [`core instance 1: export "f": expected (func (result i32)), found (func (param i32))`],
    },
    {
      name: "post-return of a spilled result",
      type: `(result string)`,
      core: "(result i32)",
      options: `${MEMORY} (post-return (core func $i "takes-i32"))`,
      expected: [],
    },
    {
      name: "post-return of a flat result",
      type: `(result u64)`,
      core: "(result i64)",
      options: `(post-return (core func $i "takes-i64"))`,
      expected: [],
    },
    {
      name: "post-return of no result",
      type: "",
      core: "",
      options: `(post-return (core func $i "nothing"))`,
      expected: [],
    },
    {
      name: "post-return that takes something else",
      type: `(result u64)`,
      core: "(result i64)",
      options: `(post-return (core func $i "takes-i32"))`,
      expected: [
        'option post-return: core instance 0: export "takes-i32": expected (func (param i64)), found (func (param i32))',
      ],
    },
    {
      name: "a 64-bit memory",
      type: `(param "a" string)`,
      core: "(param i32 i32)",
      options: `(memory (core memory $i "wide")) ${REALLOC}`,
      expected: [
        'option memory: core instance 0: export "wide": expected a 32-bit memory that is not shared, found (memory i64 1)',
      ],
    },
    {
      name: "a shared memory",
      type: `(param "a" string)`,
      core: "(param i32 i32)",
      options: `(memory (core memory $i "shared")) ${REALLOC}`,
      expected: [
        'option memory: core instance 0: export "shared": expected a 32-bit memory that is not shared, found (memory 1 2 shared)',
      ],
    },
    {
      name: "a memory that is none",
      type: "",
      core: "",
      options: `(memory (core memory $i "global"))`,
      expected: [
        'option memory: core instance 0: export "global": expected a 32-bit memory that is not shared, found (global i32)',
      ],
    },
    {
      name: "a realloc of 64 bits",
      type: `(param "a" string)`,
      core: "(param i32 i32)",
      options: `${MEMORY} (realloc (core func $i "realloc64"))`,
      expected: [
        'option realloc: core instance 0: export "realloc64": expected (func (param i32 i32 i32 i32) (result i32)), found (func (param i64 i64 i64 i64) (result i64))',
      ],
    },
    {
      name: "a realloc that is not there",
      type: "",
      core: "",
      options: `${MEMORY} (realloc (core func $i "gone"))`,
      expected: ['option realloc: core instance 0: export "gone": there is no such export'],
    },
    {
      name: "a realloc without memory",
      type: "",
      core: "",
      options: REALLOC,
      expected: ["the option realloc is there without memory"],
    },
  ])("$name", async (each) => {
    expect(await messages(lift(each))).toEqual(each.expected.map((message) => `${LIFTED}${message}`));
  });

  it("a function of ours", async () => {
    expect(await messages(relay(""))).toEqual([]);
    expect(await messages(relay("(result u32)"))).toEqual([
      'canon lift of export "g": canon lower of import "f": expected (func (param i32) (result i32)), found (func (param i32))',
    ]);
  });

  it("a function that is in an exported instance", async () => {
    const wat = `(component
      (core module $m (func (export "f"))) (core instance $i (instantiate $m))
      (func $f (param "a" u32) (canon lift (core func $i "f")))
      (instance $x (export "do-it" (func $f)))
      (export "a:b/c@1.0.0" (instance $x)))`;
    expect(await messages(wat)).toEqual([
      'canon lift of export "a:b/c@1.0.0" "do-it": core instance 0: export "f": expected (func (param i32)), found (func)',
    ]);
  });
});

function lower({ type, core, options = "" }: Case): string {
  return `(component
    (import "a:b/c" (instance $c (export "do-it" (func ${type}))))
    ${LIBRARY}
    (core instance $i (instantiate $library))
    (core func $f (canon lower (func $c "do-it") ${options}))
    (core module $m (import "m" "f" (func ${core})))
    (core instance (instantiate $m (with "m" (instance (export "f" (func $f)))))))`;
}

describe("canon lower", () => {
  it.each<Case>([
    { name: "numbers", type: `(param "a" s8)`, core: "(param i32)", expected: [] },
    {
      name: "a string in",
      type: `(param "a" string)`,
      core: "(param i32 i32)",
      options: MEMORY,
      expected: [],
    },
    {
      name: "a string in without memory",
      type: `(param "a" string)`,
      core: "(param i32 i32)",
      expected: ["the option memory is missing: a parameter holds a string or list"],
    },
    { name: "17 parameters", type: SEVENTEEN, core: "(param i32)", options: MEMORY, expected: [] },
    {
      name: "17 parameters without memory",
      type: SEVENTEEN,
      core: "(param i32)",
      expected: ["the option memory is missing: the parameters are more than 16 flat values"],
    },
    {
      name: "a spilled result without pointers",
      type: `(result (tuple u8 u8))`,
      core: "(param i32)",
      options: MEMORY,
      expected: [],
    },
    {
      name: "a spilled result without memory",
      type: `(result (tuple u8 u8))`,
      core: "(param i32)",
      expected: ["the option memory is missing: the result is more than one flat value"],
    },
    { name: "a string out", type: `(result string)`, core: "(param i32)", options: BOTH, expected: [] },
    {
      name: "a string out without realloc",
      type: `(result string)`,
      core: "(param i32)",
      options: MEMORY,
      expected: ["the option realloc is missing: the result holds a string or list"],
    },
    {
      name: "a string out without anything",
      type: `(result (result (error string)))`,
      core: "(param i32)",
      expected: [
        "the option memory is missing: the result is more than one flat value",
        "the option realloc is missing: the result holds a string or list",
      ],
    },
    {
      name: "post-return",
      type: "",
      core: "",
      options: `(post-return (core func $i "nothing"))`,
      expected: ["the option post-return is for canon lift only"],
    },
    {
      name: "a realloc that takes something else",
      type: `(result string)`,
      core: "(param i32)",
      options: `${MEMORY} (realloc (core func $i "takes-i32"))`,
      expected: [
        'option realloc: core instance 0: export "takes-i32": expected (func (param i32 i32 i32 i32) (result i32)), found (func (param i32))',
      ],
    },
  ])("$name", async (each) => {
    expect(await messages(lower(each))).toEqual(
      each.expected.map((message) => `canon lower of import "a:b/c" "do-it": ${message}`),
    );
  });

  it("a function of another component, by the type that it was lifted with", async () => {
    const wat = `(component
      (component $inner
        (core module $m (func (export "f") (param i64))) (core instance $i (instantiate $m))
        (func $f (param "a" u64) (canon lift (core func $i "f")))
        (export "f" (func $f)))
      (instance $inner (instantiate $inner))
      (core func $f (canon lower (func $inner "f")))
      (core module $m (import "m" "f" (func (param i32))))
      (core instance (instantiate $m (with "m" (instance (export "f" (func $f)))))))`;
    expect(await messages(wat)).toEqual([
      'core instance 1: import "m" "f": expected (func (param i32)), found (func (param i64)) (canon lower of lift 0)',
    ]);
  });
});

describe("destructors", () => {
  it.each([
    { name: "of a handle", core: "(param i32)", expected: [] },
    {
      name: "of nothing",
      core: "",
      expected: [
        'resource "r": destructor: core instance 0: export "drop": expected (func (param i32)), found (func)',
      ],
    },
  ])("$name", async ({ core, expected }) => {
    const wat = `(component
      (core module $m (func (export "drop") ${core})) (core instance $i (instantiate $m))
      (type $r (resource (rep i32) (dtor (core func $i "drop"))))
      (export "r" (type $r)))`;
    expect(await messages(wat)).toEqual(expected);
  });
});
