/** `npm run bench`: what one call across the boundary costs. The method is in README.md. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compileLibrary } from "./compiler.mjs";
import { environment } from "./machine.mjs";
import { measure, prepareCell } from "./measure.mjs";
import { progress, readOptions, requireTools } from "./options.mjs";
import { formatResults } from "./report.mjs";
import { columnResult, defaultFile, FORMAT, rowResults, writeResults } from "./results.mjs";
import { CALL_GROUPS, CALL_ROWS } from "./rows.mjs";
import { CALL_TARGETS, judge } from "./targets.mjs";

/** Titles of the columns, in the order of the table. */
const COLUMNS = {
  bare: "bare koffi",
  hostbundle: "hostbundle",
  jco: "jco",
  "jco-koffi": "jco with koffi",
  wasmtime: "wasmtime (C API)",
  wamr: "WAMR",
};
const FULL = { sampleNs: 20_000_000, warmUpNs: 150_000_000 };
const QUICK = { sampleNs: 100_000, warmUpNs: 1 };

/**
 * What a column's module gives: its samplers, or why there are none.
 * @typedef {{ samplers: import("./columns/samplers.mjs").Samplers, version?: string, close?: () => void }
 *   | { skipped: string }} PreparedColumn
 */

const options = readOptions({
  command: "npm run bench",
  rounds: 21,
  rows: CALL_ROWS.map(({ id }) => id),
  columns: Object.keys(COLUMNS),
});
requireTools();
const folder = mkdtempSync(join(tmpdir(), "hostbundle-bench-"));
try {
  await main();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function main() {
  const machine = environment();
  const { columns, emptyLoop } = await prepareColumns();
  const rows = CALL_ROWS.filter(({ id }) => options.only.length === 0 || options.only.includes(id));
  const lengths = options.quick ? QUICK : FULL;
  const cells = [];
  for (const { id: row } of rows) {
    for (const [column, prepared] of columns) {
      const sampler = "samplers" in prepared ? prepared.samplers[row] : undefined;
      if (sampler === undefined) continue;
      progress(`warming up ${row}, ${column}`);
      cells.push(await prepareCell({ row, column, ...sampler }, lengths));
    }
  }
  await measure(cells, options.rounds, (round) => progress(`round ${round + 1} of ${options.rounds}`));
  progress("");
  const emptyTurns = options.quick ? 1000 : 10_000_000;
  const emptyLoopNs = emptyLoop === undefined ? undefined : (await emptyLoop(emptyTurns)) / emptyTurns;
  for (const [, prepared] of columns) if ("close" in prepared) prepared.close?.();

  const measured = rowResults(rows, cells);
  /** @type {import("./results.mjs").Results} */
  const results = {
    format: FORMAT,
    bench: "calls",
    title: "Time per call",
    rounds: options.rounds,
    environment: machine,
    groups: CALL_GROUPS,
    columns: columns.map(([id, prepared]) => columnResult(id, COLUMNS[id], prepared)),
    rows: measured,
    targets: options.quick ? [] : judge(CALL_TARGETS, measured),
    facts: emptyLoopNs === undefined ? {} : { emptyLoopNs },
  };
  console.log(formatResults(results));
  if (emptyLoopNs !== undefined) console.log(`the guests' empty loop: ${emptyLoopNs.toFixed(2)} ns`);
  const file = options.json ?? defaultFile(results);
  writeResults(file, results);
  console.log(`figures: ${file}`);
}

/** The columns that were asked for, each ready or skipped; those that were not asked for are left out. */
async function prepareColumns() {
  const library = join(folder, "libbench.so");
  compileLibrary(fileURLToPath(new URL("calls.c", import.meta.url)), library);

  // Loaded late: they need dist/.
  const { buildGuests } = await import("./guests/build.mjs");
  const { bareColumn, bindBare, checkBare } = await import("./columns/bare.mjs");
  const guests = await buildGuests();
  const bare = bindBare(library);
  checkBare(bare);

  /** @type {[keyof typeof COLUMNS, PreparedColumn][]} */
  const columns = [];
  let emptyLoop;
  if (isWanted("bare")) columns.push(["bare", { samplers: bareColumn(bare) }]);
  if (isWanted("hostbundle")) {
    const { hostbundleColumn } = await import("./columns/hostbundle.mjs");
    const column = await hostbundleColumn(guests, library, bare.callCount, folder);
    emptyLoop = column.emptyLoop;
    columns.push(["hostbundle", { samplers: column.samplers }]);
  }
  if (isWanted("jco") || isWanted("jco-koffi")) {
    const { jcoColumns } = await import("./columns/jco.mjs");
    const { plain, koffi } = await jcoColumns(guests, bare, folder);
    if (isWanted("jco")) columns.push(["jco", { samplers: plain }]);
    if (isWanted("jco-koffi")) columns.push(["jco-koffi", { samplers: koffi }]);
  }
  if (isWanted("wasmtime")) {
    const { wasmtimeColumn } = await import("./columns/wasmtime.mjs");
    columns.push(["wasmtime", await wasmtimeColumn(guests, folder)]);
  }
  if (isWanted("wamr")) {
    const { wamrColumn } = await import("./columns/wamr.mjs");
    columns.push(["wamr", await wamrColumn(folder)]);
  }
  return { columns, emptyLoop };
}

function isWanted(/** @type {keyof typeof COLUMNS} */ id) {
  return options.columns.length === 0 || options.columns.includes(id);
}
