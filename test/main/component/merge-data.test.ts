import { parse } from "@bytecodealliance/jco-transpile/wasm-tools";
import { array, assert, asyncProperty, nat, record, string } from "fast-check";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { mergeDataSegments } from "../../../src/main/component/merge-data.ts";
import { planComponent } from "../../../src/main/component/plan.ts";

interface Segment {
  readonly at: number;
  readonly text: string;
}

function print({ at, text }: Segment): string {
  return `(data (i32.const ${at}) "${text}")`;
}

function module(body: string): Promise<Uint8Array> {
  return parse(`(module ${body} (func (export "f") (result i32) (i32.const 7)))`);
}

/** `count` segments of four bytes, `step` bytes from one to the next. */
function row(count: number, step = 8): string {
  return Array.from({ length: count }, (_, index) => print({ at: 16 + index * step, text: "data" })).join(
    " ",
  );
}

/** The memory of a fresh instance, as text. */
function memoryOf(bytes: Uint8Array): string {
  const instance = new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.from(bytes)));
  const { memory, f } = instance.exports;
  if (!(memory instanceof WebAssembly.Memory) || typeof f !== "function") throw new Error("no memory");
  return Buffer.from(memory.buffer).toString("latin1");
}

test("many segments become few, and the memory is the same", async () => {
  const bytes = await module(
    `(memory (export "memory") 2) ${row(1000)} ${print({ at: 100_000, text: "far" })}`,
  );
  const merged = mergeDataSegments(bytes);
  expect(merged.length).toBeLessThan(bytes.length);
  expect(memoryOf(merged)).toBe(memoryOf(bytes));
});

test("whatever the segments are, the memory is the same", async () => {
  const segments = array(record({ gap: nat(600), text: string({ unit: "grapheme-ascii", maxLength: 9 }) }), {
    minLength: 64,
    maxLength: 90,
  });
  await assert(
    asyncProperty(segments, async (parts) => {
      let end = 0;
      const texts = parts.map(({ gap, text }) => {
        const at = end + gap;
        const safe = text.replaceAll(/["\\]/g, "x");
        end = at + safe.length;
        return print({ at, text: safe });
      });
      const bytes = await module(`(memory (export "memory") 1) ${texts.join(" ")}`);
      expect(memoryOf(mergeDataSegments(bytes))).toBe(memoryOf(bytes));
    }),
    { seed: 11, numRuns: 60 },
  );
});

describe("a module is left as it is", () => {
  test.each([
    ["few segments", `(memory (export "memory") 1) ${row(63)}`],
    ["no data", '(memory (export "memory") 1)'],
    ["an imported memory", `(import "m" "memory" (memory 1)) ${row(100)}`],
    ["segments that overlap", `(memory (export "memory") 1) ${row(100)} ${print({ at: 18, text: "over" })}`],
    ["a segment that leaves the memory", `(memory 1) ${row(100)} ${print({ at: 65_533, text: "over" })}`],
    [
      "a place that only an instance knows",
      `(memory 1) (import "m" "g" (global i32)) ${row(100)} (data (global.get 0) "x")`,
    ],
    ["passive segments", `(memory 1) ${row(100)} (data "passive")`],
    ["code that names segments", `(memory 1) ${row(100)} (func (data.drop 3))`],
    ["a 64-bit memory", `(memory i64 1) ${row(100).replaceAll("i32", "i64")}`],
  ])("%s", async (_name, body) => {
    const ordered = body.replace(/^(\(memory[^)]*\)) (\(import[^)]*\)+)/, "$2 $1");
    const bytes = await module(ordered);
    expect(mergeDataSegments(bytes)).toBe(bytes);
  });

  test("a data section that is cut off", async () => {
    const bytes = await module(`(memory 1) ${row(100)}`);
    const cut = bytes.subarray(0, bytes.length - 3);
    expect(mergeDataSegments(cut)).toBe(cut);
  });
});

test("the QuickJS guest loses thousands of segments", () => {
  const file = readFileSync(new URL("../../../examples/guests/trig/app.wasm", import.meta.url));
  const { plan } = planComponent(file, "app.wasm");
  const lost = plan.modules.map(({ start, end }) => {
    const bytes = file.subarray(start, end);
    return mergeDataSegments(bytes) !== bytes;
  });
  expect(lost).toContain(true);
});
