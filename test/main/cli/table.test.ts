import { expect, test } from "vitest";
import { statsLines } from "../../../src/main/cli/stats.ts";
import { table } from "../../../src/main/cli/table.ts";

test("columns are as wide as their widest cell, and nothing trails", () => {
  expect(table([["a", "bbb", "c"], ["aaaa", "b"], []], [1])).toEqual(["a     bbb  c", "aaaa    b", ""]);
});

test("statistics", () => {
  const stat = { function: "a:b/c#f", calls: 4, bytesIn: 10, bytesOut: 0, timeNs: 2_000_000 };
  expect(statsLines([stat, { ...stat, function: "g", calls: 0, timeNs: 0 }])).toEqual([
    "import   calls  bytes in  bytes out  total ms  ns/call",
    "a:b/c#f      4        10          0     2.000   500000",
    "g            0        10          0     0.000        -",
  ]);
  expect(statsLines([])).toEqual(["no import was called"]);
});
