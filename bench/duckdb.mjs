/**
 * `node bench/duckdb.mjs [--rows N]`: results of many rows read by a component through the adapter duckdb, chunk by chunk: how many
 * rows a second, and how much memory the process has at most. Exits 1 where that is more than the limit.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { componentEmbed, componentNew, parse } from "@bytecodealliance/jco-transpile/wasm-tools";
import { createHost } from "hostbundle";

const LIMIT_MIB = 256;
const MIB = 1024 ** 2;

const { values } = parseArgs({ options: { rows: { type: "string", default: "10000000" } } });
const rows = Number(values.rows);

/** Results of so many rows, one kind of column after the other. */
const QUERIES = {
  "an integer": `select i from range(${rows}) t(i)`,
  "an integer, a double, a boolean": `select i, i / 2, i % 2 = 0 from range(${rows}) t(i)`,
  "an integer, every third NULL": `select case when i % 3 > 0 then i end from range(${rows}) t(i)`,
  "a short text": `select 'row ' || i % 1000 from range(${rows}) t(i)`,
  "a long text": `select 'the text of row number ' || i from range(${rows}) t(i)`,
};

/** @param {string} path */
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "hostbundle-duckdb-"));
try {
  process.exitCode = (await measure()) ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function measure() {
  const manifest = join(folder, "hosts.toml");
  const searchPath = JSON.stringify(here("../examples"));
  writeFileSync(
    manifest,
    `[global]\nsearch_paths = [${searchPath}]\n[[host]]\nname = "db"\nbundle = "duckdb_host"\nconfig = { memory-limit = "64MiB" }\n`,
  );
  const host = await createHost({ manifests: [manifest], linker: "own", cacheFolder: join(folder, "cache") });
  const component = await host.load(await buildGuest());
  const resting = highWaterMib();
  console.log(`${rows.toLocaleString("en")} rows a query; ${resting} MiB before the first\n`);
  for (const [title, sql] of Object.entries(QUERIES)) {
    const start = performance.now();
    const outcome = await host.run(component, { export: "scan", args: [sql] });
    const seconds = (performance.now() - start) / 1000;
    if (outcome.status === "error" || outcome.value !== BigInt(rows))
      throw new Error(JSON.stringify(outcome));
    const rate = (rows / seconds / 1e6).toFixed(1);
    console.log(
      `${title.padEnd(34)} ${rate.padStart(6)} M rows/s   ${seconds.toFixed(2)} s   peak ${highWaterMib()} MiB`,
    );
  }
  await host.close();
  const peak = highWaterMib();
  console.log(
    `\n${peak <= LIMIT_MIB ? "yes" : "NO "}  the process never had more than ${LIMIT_MIB} MiB resident: ${peak} MiB`,
  );
  return peak <= LIMIT_MIB;
}

/** What the process had resident at most, so far. */
function highWaterMib() {
  return Math.round((process.resourceUsage().maxRSS * 1024) / MIB);
}

async function buildGuest() {
  const wit = readFileSync(here("../src/worker/adapters/duckdb/wit/duckdb.wit"), "utf8");
  const packageOfHost = wit.replace(/package duckdb:host@0\.1\.0;/u, "package duckdb:host@0.1.0 {");
  const world = `package bench:scan;
    world scan { import duckdb:host/sql@0.1.0; export scan: func(sql: string) -> u64; }
    ${packageOfHost} }`;
  const binary = await parse(readFileSync(here("duckdb/scan.wat"), "utf8"));
  const path = join(folder, "scan.wasm");
  writeFileSync(path, await componentNew(await componentEmbed({ binary, witSource: world }), []));
  return path;
}
