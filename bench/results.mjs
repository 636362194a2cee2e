/** Results as data: one format for all benches. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { summarise } from "./measure.mjs";

export const FORMAT = "hostbundle-bench/1";

/** @typedef {import("./measure.mjs").Summary & { turnsPerSample: number, samplesNs: readonly number[] }} CellResult */

/**
 * @typedef {object} ColumnResult
 * @property {string} id
 * @property {string} title
 * @property {string} [version]
 * @property {string} [skipped] why it was not measured
 */

/**
 * @typedef {object} RowResult
 * @property {string} id
 * @property {string} group
 * @property {string} title
 * @property {Readonly<Record<string, CellResult>>} cells by column; those that a column cannot do are absent
 */

/**
 * @typedef {object} TargetResult
 * @property {string} says
 * @property {"x" | "ns"} unit of the three numbers
 * @property {number} limit
 * @property {boolean} isAtLeast otherwise the limit is the most that is allowed
 * @property {number} ofMedians what counts
 * @property {number} ofMinima beside it: what is left when the machine is quiet
 * @property {boolean} isMet
 */

/**
 * @typedef {object} Results
 * @property {typeof FORMAT} format
 * @property {"calls" | "runs"} bench
 * @property {string} title what a turn is; all times are in nanoseconds per turn
 * @property {number} rounds
 * @property {import("./machine.mjs").Environment} environment
 * @property {readonly { readonly id: string, readonly title: string }[]} groups
 * @property {readonly ColumnResult[]} columns
 * @property {readonly RowResult[]} rows
 * @property {readonly TargetResult[]} targets
 * @property {Readonly<Record<string, number>>} facts what else was measured
 */

/**
 * The samples of each row, column by column.
 * @param {readonly { readonly id: string, readonly group: string, readonly title: string }[]} rows
 * @param {readonly import("./measure.mjs").PreparedCell[]} cells
 * @returns {RowResult[]}
 */
export function rowResults(rows, cells) {
  return rows.map(({ id, group, title }) => ({
    id,
    group,
    title,
    cells: Object.fromEntries(
      cells
        .filter(({ row }) => row === id)
        .map(({ column, count, samplesNs }) => [column, cellResult(count, samplesNs)]),
    ),
  }));
}

/**
 * A column, measured or skipped.
 * @param {string} id
 * @param {string} title
 * @param {{ readonly version?: string } | { readonly skipped: string }} prepared
 * @returns {ColumnResult}
 */
export function columnResult(id, title, prepared) {
  if ("skipped" in prepared) return { id, title, skipped: prepared.skipped };
  return prepared.version === undefined ? { id, title } : { id, title, version: prepared.version };
}

/**
 * @param {number} turnsPerSample
 * @param {readonly number[]} samplesNs
 * @returns {CellResult}
 */
export function cellResult(turnsPerSample, samplesNs) {
  const { min, p25, median, p75, p99 } = summarise(samplesNs);
  return {
    min: round(min),
    p25: round(p25),
    median: round(median),
    p75: round(p75),
    p99: round(p99),
    turnsPerSample,
    samplesNs: samplesNs.map(round),
  };
}

/** Four digits: more than any sample is worth. */
function round(/** @type {number} */ value) {
  return Number(value.toPrecision(4));
}

/** Where figures go unless a file is named. */
export function defaultFile(/** @type {Results} */ { bench, environment }) {
  return fileURLToPath(
    new URL(`results/${bench}-${environment.date.replaceAll(/[:.]/gu, "-")}.json`, import.meta.url),
  );
}

export function writeResults(/** @type {string} */ file, /** @type {Results} */ results) {
  mkdirSync(dirname(file), { recursive: true });
  // Samples on one line: a reader looks at the summaries.
  const text = JSON.stringify(results, null, 2).replaceAll(
    /"samplesNs": \[([^\]]*)\]/gu,
    (_, samples) => `"samplesNs": [${String(samples).replaceAll(/\s+/gu, " ").trim()}]`,
  );
  writeFileSync(file, `${text}\n`);
}

/**
 * Reads a results file. Throws where it is none of this format.
 * @param {string} file
 * @returns {Results}
 */
export function readResults(file) {
  const read = JSON.parse(readFileSync(file, "utf8"));
  const fault = faultOf(read);
  if (fault !== undefined) throw new Error(`${file} is no result of a bench: ${fault}`);
  return read;
}

/** What is wrong with a value that should be `Results`; undefined where nothing is. */
export function faultOf(/** @type {unknown} */ value) {
  if (!isObject(value) || value["format"] !== FORMAT) return `format is not ${FORMAT}`;
  const { bench, title, rounds, environment, groups, columns, rows, targets, facts } = value;
  if (bench !== "calls" && bench !== "runs") return "bench is neither calls nor runs";
  if (typeof title !== "string") return "title is no string";
  if (!Number.isInteger(rounds)) return "rounds is no integer";
  if (!isObject(environment) || !isObject(facts)) return "environment or facts is no object";
  if (!isList(groups) || !isList(columns) || !isList(rows) || !isList(targets)) return "a list is missing";
  if (![...groups, ...columns, ...rows].every(isNamed)) return "a group, column or row lacks its id or title";
  for (const { id: row, group, cells } of rows) {
    const id = String(row);
    if (!groups.some((known) => known["id"] === group)) return `row ${id} is in no group`;
    if (!isObject(cells)) return `row ${id} has no cells`;
    for (const [column, cell] of Object.entries(cells)) {
      if (!columns.some((known) => known["id"] === column)) return `row ${id} has a cell of no column`;
      if (!isCell(cell)) return `the cell ${id}, ${column} is not a summary with samples`;
    }
  }
  return undefined;
}

function isNamed(/** @type {Record<string, unknown>} */ { id, title }) {
  return typeof id === "string" && typeof title === "string";
}

function isCell(/** @type {unknown} */ cell) {
  if (!isObject(cell)) return false;
  const { samplesNs } = cell;
  const numbers = ["min", "p25", "median", "p75", "p99", "turnsPerSample"].map((name) => cell[name]);
  return (
    numbers.every((number) => typeof number === "number" && number > 0) &&
    Array.isArray(samplesNs) &&
    samplesNs.length > 0
  );
}

/**
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * @param {unknown} value
 * @returns {value is Record<string, unknown>[]}
 */
function isList(value) {
  return Array.isArray(value) && value.every(isObject);
}
