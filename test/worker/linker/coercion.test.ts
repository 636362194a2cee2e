/** A function that is lowered and lifted again without a module between: its values are core values all the same. */
import { expect, test } from "vitest";
import { jsImports, linkText } from "../../support/link.ts";

test.each([
  ["s32", "u32", 2 ** 32 - 1, -1, -1, 2 ** 32 - 1],
  ["u32", "s32", -1, 2 ** 32 - 1, 2 ** 32 - 1, -1],
  ["s64", "u64", 2n ** 64n - 1n, -1n, -1n, 2n ** 64n - 1n],
  ["u64", "s64", -1n, 2n ** 64n - 1n, 2n ** 64n - 1n, -1n],
  ["u8", "u32", 300, 44, 255, 255],
  ["f32", "f32", 0.1, Math.fround(0.1), 0.1, Math.fround(0.1)],
  ["f64", "f64", 0.1, 0.1, 0.1, 0.1],
] as const)("%s lifted as %s", async (imported, lifted, given, seen, returned, got) => {
  const calls: unknown[] = [];
  const component = await linkText(`(component
    (import "g" (func $g (param "x" ${imported}) (result ${imported})))
    (core func $lowered (canon lower (func $g)))
    (func (export "f") (param "x" ${lifted}) (result ${lifted}) (canon lift (core func $lowered))))`);
  const g = (value: unknown): unknown => {
    calls.push(value);
    return returned;
  };
  expect(component.instantiate(jsImports({ g })).exported(undefined, "f")?.(given)).toBe(got);
  expect(calls).toEqual([seen]);
});
