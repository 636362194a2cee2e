import { assert, property } from "fast-check";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { loadImage } from "../../src/main/component/image.ts";
import type { Value } from "../../src/shared/value/types.ts";
import type { FuncType, ValueType } from "../../src/shared/wit/types.ts";
import { importJcoModule, type InstanceExports } from "../../src/worker/jco-instantiate.ts";
import { lowerCamel } from "../../src/shared/js-names.ts";
import { fromJco, toJco } from "../../src/worker/jco-values.ts";
import { arbitraryTypedValue, arbitraryValue } from "../support/arbitrary-value.ts";
import { buildComponent } from "../support/component.ts";
import { temporaryFolder } from "../support/temporary.ts";

test.each([
  ["greet", "greet"],
  ["get-it", "getIt"],
  ["get-URL-of", "getUrlOf"],
  ["HTTP", "http"],
  ["a1-b2-3", "a1B23"],
  ["constructor", "constructor"],
])("%s is called %s by jco", (name, camel) => expect(lowerCamel(name)).toBe(camel));

const U8: ValueType = { kind: "u8" };
const STRING: ValueType = { kind: "string" };

const CASES: readonly (readonly [type: ValueType, value: Value, jco: unknown])[] = [
  [{ kind: "bool" }, true, true],
  [{ kind: "s32" }, -1, -1],
  [{ kind: "u64" }, 2n ** 64n - 1n, 2n ** 64n - 1n],
  [{ kind: "f32" }, 0.5, 0.5],
  [{ kind: "char" }, "🙂", "🙂"],
  [STRING, "text", "text"],
  [{ kind: "list", element: U8 }, Uint8Array.of(1, 2), Uint8Array.of(1, 2)],
  [{ kind: "list", element: { kind: "s16" } }, [-1, 2], Int16Array.of(-1, 2)],
  [{ kind: "list", element: { kind: "u64" } }, [1n], BigUint64Array.of(1n)],
  [{ kind: "list", element: STRING }, ["a"], ["a"]],
  [{ kind: "list", element: { kind: "bool" } }, [true], [true]],
  [{ kind: "fixed-list", element: U8, length: 2 }, [1, 2], [1, 2]],
  [{ kind: "tuple", elements: [U8, STRING] }, [1, "a"], [1, "a"]],
  [
    {
      kind: "record",
      fields: [
        { name: "a-b", type: U8 },
        { name: "to-string", type: STRING },
      ],
    },
    { "a-b": 1, "to-string": "x" },
    { aB: 1, toString: "x" },
  ],
  [{ kind: "flags", labels: ["a-b", "c"] }, ["a-b"], { aB: true, c: false }],
  [{ kind: "enum", labels: ["a-b"] }, "a-b", "a-b"],
  [{ kind: "variant", cases: [{ name: "a-b" }] }, "a-b", { tag: "a-b", val: undefined }],
  [{ kind: "variant", cases: [{ name: "a-b", type: U8 }] }, { "a-b": 1 }, { tag: "a-b", val: 1 }],
  [{ kind: "option", element: U8 }, null, undefined],
  [{ kind: "option", element: U8 }, 0, 0],
  [{ kind: "option", element: { kind: "option", element: U8 } }, null, { tag: "none" }],
  [
    { kind: "option", element: { kind: "option", element: U8 } },
    { some: null },
    { tag: "some", val: undefined },
  ],
  [{ kind: "option", element: { kind: "option", element: U8 } }, { some: 1 }, { tag: "some", val: 1 }],
  [{ kind: "result", ok: U8 }, { ok: 1 }, { tag: "ok", val: 1 }],
  [{ kind: "result", ok: U8 }, { err: null }, { tag: "err", val: undefined }],
];

test.each(CASES)("case %#", (type, value, jco) => {
  expect(toJco(value, type)).toEqual(jco);
  expect(fromJco(jco, type)).toEqual(value);
});

test("every value survives the way to jco's form and back", () => {
  assert(
    property(arbitraryTypedValue(), ({ type, value }) => {
      expect(fromJco(toJco(value, type), type)).toEqual(value);
    }),
    { seed: 7, numRuns: 300 },
  );
});

test("bytes are a copy, not a view of a larger buffer", () => {
  const memory = new Uint8Array(1000);
  const value = fromJco(memory.subarray(10, 12), { kind: "list", element: U8 });
  expect(value instanceof Uint8Array && value.buffer.byteLength).toBe(2);
});

test.each([
  [{ kind: "u8" }, "x"],
  [{ kind: "u64" }, 1],
  [{ kind: "variant", cases: [{ name: "a" }] }, { tag: "b" }],
  [{ kind: "record", fields: [{ name: "a", type: U8 }] }, undefined],
  [{ kind: "list", element: U8 }, 3],
  [{ kind: "own", resource: { name: "r" } }, {}],
] as readonly (readonly [ValueType, unknown])[])("what is not of the type %j is our fault", (type, jco) => {
  expect(() => fromJco(jco, type)).toThrow(expect.objectContaining({ code: "INTERNAL" }));
});

/** Every kind of type in one record, wide enough to be passed by pointer: the guest gives that pointer back. */
const WIT = `package t:e@1.0.0;
interface echoes {
  flags bits { a-b, c }
  enum colour { deep-red, blue }
  variant shape { round, named(string), sized(tuple<u8, f64>) }
  record point { x-axis: s32, y: u8 }
  record all {
    b: bool, s8x: s8, u16x: u16, s64x: s64, u64x: u64, f32x: f32, f64x: f64, c: char, s: string,
    bytes: list<u8>, shorts: list<s16>, words: list<u32>, wides: list<u64>, floats: list<f32>,
    strings: list<string>, points: list<point>, flagged: bits, coloured: colour, shaped: shape,
    maybe: option<u32>, maybe-string: option<string>, nested: option<option<point>>,
    outcome: result<u8, string>, bare: result, %constructor: tuple<string, list<bool>>,
  }
  echo: func(x: all) -> all;
}
world w { export echoes; }`;

const WAT = `(module
  (memory (export "memory") 8)
  (global $next (mut i32) (i32.const 16))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (local i32)
    (local.set 4 (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
    (global.set $next (i32.add (local.get 4) (local.get 3)))
    (local.get 4))
  (func (export "t:e/echoes@1.0.0#echo") (param i32) (result i32) (local.get 0)))`;

describe("through jco and a guest", () => {
  let func: FuncType;
  let instantiate: () => InstanceExports;

  beforeAll(async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "echo.wasm"), await buildComponent({ wat: WAT, wit: WIT }));
    const image = await loadImage(join(folder, "echo.wasm"), { cacheFolder: folder, linker: "jco" });
    const [item] = image.world.exports;
    const found = item?.kind === "interface" ? item.interface.functions[0]?.type : undefined;
    if (found === undefined || image.code.kind !== "jco") throw new Error("no function");
    func = found;
    const { module } = await importJcoModule(image, image.code, {});
    instantiate = () => module.instantiate({});
  });

  test("every kind of value comes back as it went", () => {
    const [param] = func.params;
    if (param === undefined || func.result === undefined) throw new Error("no type");
    const { type } = param;
    const { result } = func;
    assert(
      property(arbitraryValue(type), (value) => {
        const { echo } = Object(instantiate()["t:e/echoes@1.0.0"]);
        expect(fromJco(echo(toJco(value, type)), result)).toEqual(value);
      }),
      { seed: 7, numRuns: 100 },
    );
  });
});
