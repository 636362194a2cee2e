/** What a run of the bench prints, and what it stores. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { arch, cpus, loadavg, platform, release, totalmem } from "node:os";
import { compilerVersion } from "./compiler.mjs";

const require = createRequire(import.meta.url);

/** Column names in the order of the table. */
export const COLUMNS = /** @type {const} */ (["bare", "hostbundle", "jco"]);
/** @typedef {(typeof COLUMNS)[number]} ColumnName */

/**
 * @typedef {object} RowResult
 * @property {string} id
 * @property {string} title
 * @property {Readonly<Record<ColumnName, import("./measure.mjs").Summary & { callsPerSample: number, samplesNs: readonly number[] }>>} columns
 */

/** The machine and the versions that figures belong to. */
export function environment() {
  const processors = cpus();
  return {
    date: new Date().toISOString(),
    node: process.version,
    v8: process.versions.v8,
    koffi: versionOf("koffi"),
    jcoTranspile: versionOf("@bytecodealliance/jco-transpile"),
    hostbundle: versionOf("../package.json"),
    compiler: compilerVersion(),
    system: `${platform()} ${release()} ${arch()}`,
    cpu: processors[0]?.model ?? "unknown",
    cores: processors.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    loadAverage: loadavg()[0],
  };
}

function versionOf(/** @type {string} */ name) {
  const path = name.startsWith(".") ? new URL(name, import.meta.url) : packageJson(name);
  return JSON.parse(readFileSync(path, "utf8")).version;
}

/** Not every package exports its package.json: it is looked for upwards from the entry point. */
function packageJson(/** @type {string} */ name) {
  const entry = require.resolve(name === "@bytecodealliance/jco-transpile" ? `${name}/component` : name);
  return `${entry.slice(0, entry.lastIndexOf(`node_modules/${name}/`))}node_modules/${name}/package.json`;
}

/** Three digits that matter: 23.4, 1 230, 45 600. */
export function nanoseconds(/** @type {number} */ value) {
  if (value < 100) return value.toFixed(1);
  return String(Math.round(value)).replaceAll(/\B(?=(?:[0-9]{3})+$)/gu, " ");
}

/**
 * The table: per column the median with the middle half of the samples, then the two ratios of medians.
 * @param {readonly RowResult[]} results
 */
export function formatTable(results) {
  const header = ["ns per call", "bare koffi", "hostbundle", "jco", "hostbundle/bare", "jco/hostbundle"];
  const rows = results.map(({ title, columns }) => [
    title,
    ...COLUMNS.map((name) => formatCell(columns[name])),
    (columns.hostbundle.median / columns.bare.median).toFixed(2),
    (columns.jco.median / columns.hostbundle.median).toFixed(1),
  ]);
  const widths = header.map((_, index) =>
    Math.max(...[header, ...rows].map((row) => (row[index] ?? "").length)),
  );
  return [header, ...rows]
    .map((row) =>
      row
        .map((text, index) => (index === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[index] ?? 0)))
        .join("  "),
    )
    .join("\n");
}

function formatCell(/** @type {import("./measure.mjs").Summary} */ { min, p25, median, p75 }) {
  return `${nanoseconds(median)} [${nanoseconds(min)} | ${nanoseconds(p25)}-${nanoseconds(p75)}]`;
}

/**
 * The limits that a release must keep, on Node 24: one cell over another.
 * @typedef {readonly [row: import("./rows.mjs").RowId, column: ColumnName]} CellName
 * @type {readonly { says: string, of: CellName, over: CellName, limit: number, isAtLeast?: boolean }[]}
 */
const TARGETS = [
  {
    says: "i32 add, against bare koffi",
    of: ["i32-add", "hostbundle"],
    over: ["i32-add", "bare"],
    limit: 1.5,
  },
  {
    says: "16 B string in and out, against the bare i32 add",
    of: ["string16-both", "hostbundle"],
    over: ["i32-add", "bare"],
    limit: 8,
  },
  {
    says: "16 B string in and out, jco's bindings against it",
    of: ["string16-both", "jco"],
    over: ["string16-both", "hostbundle"],
    limit: 20,
    isAtLeast: true,
  },
  {
    says: "1 MiB byte list in, against 16 B",
    of: ["bytes1m-in", "hostbundle"],
    over: ["bytes16-in", "hostbundle"],
    limit: 2,
  },
];

/**
 * Which limits hold, by medians; the ratio of minima beside it tells what a busy machine added. Limits
 * whose rows were not measured are left out.
 * @param {readonly RowResult[]} results
 */
export function formatTargets(results) {
  const find = (/** @type {CellName} */ [id, column]) =>
    results.find((row) => row.id === id)?.columns[column];
  const lines = TARGETS.flatMap(({ says, of, over, limit, isAtLeast = false }) => {
    const [above, below] = [find(of), find(over)];
    if (above === undefined || below === undefined) return [];
    const ratio = above.median / below.median;
    const isMet = isAtLeast ? ratio >= limit : ratio <= limit;
    const minima = (above.min / below.min).toFixed(2);
    const bound = `${isAtLeast ? "at least" : "at most"} ${limit}x`;
    return [`${isMet ? "met   " : "MISSED"}  ${says}: ${ratio.toFixed(2)}x, by minima ${minima}x (${bound})`];
  });
  return lines.join("\n");
}
