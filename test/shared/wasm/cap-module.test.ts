import { parse } from "@bytecodealliance/jco-transpile/wasm-tools";
import { describe, expect, test } from "vitest";
import { capModule, readDefinitions } from "../../../src/shared/wasm/cap-module.ts";

const WAT = `(module
  (import "host" "memory" (memory 1))
  (import "host" "table" (table 1 funcref))
  (func $answer (result i32) (i32.const 42))
  (table $one 2 funcref)
  (table $two (export "two") 3 5 externref)
  (memory $own (export "own") 1)
  (memory $small (export "small") 1 300)
  (global (export "global") i32 (i32.const 7))
  (elem (table $one) (i32.const 0) func $answer)
  (data (memory $own) (i32.const 0) "hello")
  (func (export "answer") (result i32) (call_indirect $one (result i32) (i32.const 0)))
  (func (export "grow") (param i32) (result i32) (memory.grow $own (local.get 0))))`;

async function module(wat = WAT): Promise<Uint8Array<ArrayBuffer>> {
  return Uint8Array.from(await parse(wat));
}

test("definitions are found, imports aside", async () => {
  expect(readDefinitions(await module())).toMatchObject({
    memories: [{ min: 1 }, { min: 1, max: 300 }],
    tables: [{ min: 2 }, { min: 3, max: 5 }],
  });
});

test("a module without memories and tables has none", async () => {
  expect(readDefinitions(await module("(module)"))).toEqual({ memories: [], tables: [] });
});

test("nothing to change gives the module itself", async () => {
  const bytes = await module();
  expect(capModule(bytes, { memories: [undefined], tables: [] })).toBe(bytes);
});

describe("with other maxima", () => {
  test("only they are different", async () => {
    const bytes = await module();
    const capped = capModule(bytes, { memories: [200, undefined], tables: [undefined, 4] });
    expect(readDefinitions(capped)).toMatchObject({
      memories: [
        { min: 1, max: 200 },
        { min: 1, max: 300 },
      ],
      tables: [{ min: 2 }, { min: 3, max: 4 }],
    });
    const back = capModule(capped, { memories: [undefined, 300], tables: [undefined, 5] });
    expect(back.length).toBe(bytes.length + 2);
  });

  test.runIf(canHaveSeveralMemories())("it does what it did, and grows no further", async () => {
    const capped = capModule(await module(), { memories: [3, 2], tables: [2, 3] });
    const host = {
      memory: new WebAssembly.Memory({ initial: 1 }),
      table: new WebAssembly.Table({ initial: 1, element: "anyfunc" }),
    };
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(capped), { host });
    const { answer, grow, own } = exports;
    if (!isFunction(answer) || !isFunction(grow) || !(own instanceof WebAssembly.Memory)) {
      throw new TypeError("the module exports something else");
    }
    expect([answer(), grow(2), grow(1)]).toEqual([42, 1, -1]);
    expect(new TextDecoder().decode(own.buffer.slice(0, 5))).toBe("hello");
  });
});

function isFunction(value: unknown): value is (...args: readonly number[]) => unknown {
  return typeof value === "function";
}

/** Node 20 has one memory a module. */
function canHaveSeveralMemories(): boolean {
  return Number.parseInt(process.versions.node, 10) >= 22;
}
