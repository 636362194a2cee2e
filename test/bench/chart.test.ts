import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../support/temporary.ts";
import { chart, judge, results as format, summarise, type Results } from "./modules.ts";

const SCRIPT = fileURLToPath(new URL("../../bench/chart.mjs", import.meta.url));
const folder = temporaryFolder();

const cell = (median: number) => ({
  min: median * 0.9,
  p25: median * 0.95,
  median,
  p75: median * 1.1,
  p99: median * 1.5,
  turnsPerSample: 1000,
  samplesNs: [median],
});

const fixture: Results = {
  format: "hostbundle-bench/1",
  bench: "calls",
  title: "Time per call",
  rounds: 3,
  environment: {
    date: "2026-01-02T03:04:05.678Z",
    node: "v24.0.0",
    v8: "13",
    koffi: "3",
    jcoTranspile: "0",
    hostbundle: "0",
    compiler: "cc",
    system: "linux",
    cpu: "<Fast> & Sons",
    cores: 2,
    memoryGiB: 8,
    loadAverage: 0.25,
  },
  groups: [{ id: "lowered", title: "Lowered imports" }],
  columns: [
    { id: "bare", title: "bare koffi" },
    { id: "hostbundle", title: "hostbundle" },
    { id: "wasmtime", title: "wasmtime", skipped: "not installed" },
  ],
  rows: [
    {
      id: "i32-add",
      group: "lowered",
      title: "i32 add",
      cells: { bare: cell(40), hostbundle: cell(44) },
    },
    { id: "u64-add", group: "lowered", title: "u64 add", cells: { hostbundle: cell(12_345) } },
  ],
  targets: [],
  facts: {},
};

/** The length of the bar for a median, beside the bars of the fixture, so that the axis stays what it is. */
function width(median: number): number {
  const row = {
    id: "i32-add",
    group: "lowered",
    title: "",
    cells: { bare: cell(median), hostbundle: cell(10) },
  };
  const svg = chart.renderChart([{ ...fixture, rows: [row, ...fixture.rows] }], { all: true });
  return Number(/class="bar bare" x="270\.0" y="[\d.]+" width="([\d.]+)"/u.exec(svg)?.[1]);
}

describe("the chart", () => {
  test("one bar for each cell, its figure beside it, machine and method above; text is escaped", () => {
    const svg = chart.renderChart([fixture], { all: true });
    expect(svg.match(/<rect class="bar (?:bare|hostbundle)" x="270\.0"/gu)).toHaveLength(3);
    for (const text of [">44.0 ns<", ">40.0 ns<", ">12.3 us<", ">10 ns<", ">100 us<", ">Lowered imports<"])
      expect(svg).toContain(text);
    expect(svg).toContain("median of 3 samples");
    expect(svg).toContain("Node 24.0.0, &lt;Fast&gt; &amp; Sons, 2 cores, load 0.3, 2026-01-02");
    expect(svg).toContain("prefers-color-scheme:dark");
    // A column without a bar is not in the legend.
    expect(svg).not.toContain(">wasmtime");
  });

  test("without `all`, rows that stand for others are left out", () => {
    const svg = chart.renderChart([fixture], { all: false });
    expect(svg).toContain("i32 add");
    expect(svg).not.toContain("u64 add");
  });

  test("a bar's length is the logarithm of its median", () => {
    expect(width(10_000) - width(1000)).toBeCloseTo(width(1000) - width(100), 0);
    expect(width(1000)).toBeGreaterThan(width(100) + 50);
  });

  test("the same files give the same bytes", () => {
    const file = join(folder, "results.json");
    const draw = (out: string): string => {
      execFileSync(process.execPath, [SCRIPT, "--out", join(folder, out), file]);
      return readFileSync(join(folder, out), "utf8");
    };
    writeFileSync(file, JSON.stringify(fixture));
    expect(draw("a.svg")).toBe(draw("b.svg"));
  });

  test("the chart in the repository is that of the results in the repository", () => {
    const out = join(folder, "chart.svg");
    execFileSync(process.execPath, [SCRIPT, "--out", out]);
    const committed = new URL("../../bench/chart.svg", import.meta.url);
    expect(readFileSync(out, "utf8")).toBe(readFileSync(committed, "utf8"));
  });

  test("a file that is no result is refused", () => {
    const file = join(folder, "other.json");
    writeFileSync(file, JSON.stringify({ ...fixture, format: "another" }));
    const { status, stderr } = spawnSync(process.execPath, [SCRIPT, file], { encoding: "utf8" });
    expect(status).not.toBe(0);
    expect(stderr).toContain("format is not hostbundle-bench/1");
  });
});

describe("the format of results", () => {
  test("the fixture has no fault", () => {
    expect(format.faultOf(fixture)).toBeUndefined();
  });

  test.each<[string, unknown, string]>([
    ["null", null, "format is not"],
    ["another bench", { ...fixture, bench: "other" }, "bench is neither"],
    ["no title", { ...fixture, title: 1 }, "title"],
    ["half a round", { ...fixture, rounds: 0.5 }, "rounds"],
    ["no machine", { ...fixture, environment: [] }, "environment"],
    ["rows that are no list", { ...fixture, rows: {} }, "a list is missing"],
    [
      "a row without a title",
      { ...fixture, rows: [{ id: "a", group: "lowered", cells: {} }] },
      "lacks its id",
    ],
    ["a row of no group", { ...fixture, rows: [{ ...fixture.rows[0], group: "other" }] }, "is in no group"],
    ["a row without cells", { ...fixture, rows: [{ ...fixture.rows[0], cells: null }] }, "has no cells"],
    [
      "a cell of no column",
      { ...fixture, rows: [{ ...fixture.rows[0], cells: { other: cell(1) } }] },
      "a cell of no column",
    ],
    [
      "a cell without samples",
      { ...fixture, rows: [{ ...fixture.rows[0], cells: { bare: { ...cell(1), samplesNs: [] } } }] },
      "i32-add, bare",
    ],
  ])("%s", (_, value, words) => {
    expect(format.faultOf(value)).toContain(words);
  });
});

describe("what is said about samples", () => {
  test("quantiles lie between the samples", () => {
    expect(summarise([4, 1, 3, 2, 5])).toEqual({ min: 1, p25: 2, median: 3, p75: 4, p99: 4.96 });
    expect(summarise([7])).toEqual({ min: 7, p25: 7, median: 7, p75: 7, p99: 7 });
  });

  const of = ["i32-add", "hostbundle"] as const;
  const over = ["i32-add", "bare"] as const;
  test.each([
    [
      { of, over, limit: 1.15 },
      { unit: "x", ofMedians: 1.1, isMet: true },
    ],
    [
      { of, over, limit: 1.05 },
      { unit: "x", ofMedians: 1.1, isMet: false },
    ],
    [
      { of, over, limit: 1.05, isAtLeast: true },
      { unit: "x", isAtLeast: true, isMet: true },
    ],
    [
      { of, limit: 44 },
      { unit: "ns", ofMedians: 44, ofMinima: 39.6, isMet: true },
    ],
    [
      { of, limit: 43 },
      { unit: "ns", isMet: false },
    ],
  ])("the limit %j", (target, verdict) => {
    expect(judge([{ says: "it", ...target }], fixture.rows)).toMatchObject([verdict]);
  });

  test("a limit whose cells were not measured is left out", () => {
    expect(judge([{ says: "it", of: ["i32-add", "wasmtime"], limit: 1 }], fixture.rows)).toEqual([]);
    expect(judge([{ says: "it", of, over: ["nothing", "bare"], limit: 1 }], fixture.rows)).toEqual([]);
  });
});
