/** `npm run bench:runs`: what a fresh run costs, in a thread, through the library, as a process. See README.md. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { environment } from "./machine.mjs";
import { measure, prepareCell } from "./measure.mjs";
import { progress, readOptions, requireTools } from "./options.mjs";
import { formatResults } from "./report.mjs";
import { columnResult, defaultFile, FORMAT, rowResults, writeResults } from "./results.mjs";
import { RUN_COLUMNS, RUN_GROUPS, RUN_ROWS } from "./runs/rows.mjs";
import { judge, RUN_TARGETS } from "./targets.mjs";

const FULL = { sampleNs: 50_000_000, warmUpNs: 300_000_000 };
const QUICK = { sampleNs: 1, warmUpNs: 1 };

/**
 * @typedef {{ samplers: import("./runs/rows.mjs").RunSamplers, version?: string, close?: () => Promise<void> }
 *   | { skipped: string }} PreparedColumn
 */

const options = readOptions({
  command: "npm run bench:runs",
  rounds: 21,
  rows: RUN_ROWS.map(({ id }) => id),
  columns: Object.keys(RUN_COLUMNS),
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
  const rows = RUN_ROWS.filter(({ id }) => options.only.length === 0 || options.only.includes(id));
  const columns = await prepareColumns();
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
  for (const [, prepared] of columns) if ("close" in prepared) await prepared.close?.();

  const measured = rowResults(rows, cells);
  /** @type {import("./results.mjs").Results} */
  const results = {
    format: FORMAT,
    bench: "runs",
    title: "Time per run",
    rounds: options.rounds,
    environment: machine,
    groups: RUN_GROUPS,
    columns: columns.map(([id, prepared]) => columnResult(id, RUN_COLUMNS[id], prepared)),
    rows: measured,
    targets: options.quick ? [] : judge(RUN_TARGETS, measured),
    facts: {},
  };
  console.log(formatResults(results));
  const file = options.json ?? defaultFile(results);
  writeResults(file, results);
  console.log(`figures: ${file}`);
}

/** The columns that were asked for, each ready or skipped. */
async function prepareColumns() {
  // Loaded late: they need dist/.
  const { preparePrograms } = await import("./runs/programs.mjs");
  const { commandLineColumn, nodeColumn, wasmtimeCommandColumn } = await import("./runs/command-line.mjs");
  const { isolationColumn } = await import("./runs/isolation.mjs");
  const { poolColumn } = await import("./runs/pool.mjs");
  const { threadColumn } = await import("./runs/threads.mjs");
  const { wasmtimeRunsColumn } = await import("./runs/wasmtime.mjs");
  const programs = await preparePrograms(folder);
  const cacheFolder = join(folder, "cache");
  mkdirSync(cacheFolder);

  const hostbundle = async (/** @type {"own" | "jco"} */ linker) => {
    const threads = await threadColumn(programs, linker, cacheFolder);
    const pool = await poolColumn(programs.add, linker, cacheFolder);
    const isolation = linker === "own" ? await isolationColumn(folder, cacheFolder) : undefined;
    return {
      samplers: {
        ...threads.samplers,
        ...pool.samplers,
        ...isolation?.samplers,
        ...commandLineColumn(programs, linker, cacheFolder),
      },
      close: async () => {
        await threads.close();
        await pool.close();
        await isolation?.close();
      },
    };
  };
  /** @type {readonly (readonly [keyof typeof RUN_COLUMNS, () => PreparedColumn | Promise<PreparedColumn>])[]} */
  const preparations = [
    ["node", () => ({ samplers: nodeColumn() })],
    ["hostbundle", () => hostbundle("own")],
    ["jco", () => hostbundle("jco")],
    ["wasmtime", () => wasmtimeRunsColumn(programs, folder)],
    ["wasmtime-cli", () => wasmtimeCommandColumn(programs.hello)],
  ];
  /** @type {[keyof typeof RUN_COLUMNS, PreparedColumn][]} */
  const columns = [];
  for (const [id, prepare] of preparations) {
    if (options.columns.length === 0 || options.columns.includes(id)) columns.push([id, await prepare()]);
  }
  return columns;
}
