/** The command line of the benches. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { compilerVersion } from "./compiler.mjs";

/**
 * @typedef {object} BenchOptions
 * @property {readonly string[]} only rows; none: all
 * @property {readonly string[]} columns none: all
 * @property {number} rounds
 * @property {boolean} quick next to no warm-up and short samples: shows that all works, the figures are worth nothing
 * @property {string | undefined} json
 */

/**
 * Reads the options, or ends the process with the usage.
 * @param {{ command: string, rounds: number, rows: readonly string[], columns: readonly string[] }} bench
 * @returns {BenchOptions}
 */
export function readOptions({ command, rounds: defaultRounds, rows, columns }) {
  const usage = `usage: ${command} -- [--only ROW]... [--column COLUMN]... [--rounds N] [--quick] [--json FILE]
  --only ROW        measure this row; may repeat (default: all)
  --column COLUMN   measure this column; may repeat (default: all)
  --rounds N        samples per row and column (default: ${defaultRounds})
  --quick           next to no warm-up: shows that all works, the figures are worth nothing
  --json FILE       where the figures go (default: bench/results/<bench>-<date>.json)
rows: ${rows.join(", ")}
columns: ${columns.join(", ")}`;
  try {
    const { values } = parseArgs({
      options: {
        only: { type: "string", multiple: true, default: [] },
        column: { type: "string", multiple: true, default: [] },
        rounds: { type: "string", default: String(defaultRounds) },
        quick: { type: "boolean", default: false },
        json: { type: "string" },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) stop(usage, 0);
    const rounds = Number(values.rounds);
    if (!Number.isInteger(rounds) || rounds < 1)
      stop(`--rounds ${values.rounds} is not a positive integer\n${usage}`, 2);
    refuseUnknown("row", values.only, rows, usage);
    refuseUnknown("column", values.column, columns, usage);
    return { only: values.only, columns: values.column, rounds, quick: values.quick, json: values.json };
  } catch (error) {
    if (error instanceof TypeError) return stop(`${error.message}\n${usage}`, 2);
    throw error;
  }
}

function refuseUnknown(
  /** @type {string} */ what,
  /** @type {readonly string[]} */ given,
  /** @type {readonly string[]} */ known,
  /** @type {string} */ usage,
) {
  const unknown = given.filter((name) => !known.includes(name));
  if (unknown.length > 0) stop(`unknown ${what} ${unknown.join(", ")}\n${usage}`, 2);
}

/** What all benches need: a compiler, and the built package. */
export function requireTools() {
  if (compilerVersion() === undefined) stop("the bench compiles a C library and needs a C compiler (cc)", 2);
  if (!existsSync(fileURLToPath(new URL("../dist/worker/entry.js", import.meta.url))))
    stop("run `npm run build` first: the bench measures dist/", 2);
}

/** @returns {never} */
export function stop(/** @type {string} */ message, /** @type {number} */ exitCode) {
  (exitCode === 0 ? process.stdout : process.stderr).write(`${message}\n`);
  return process.exit(exitCode);
}

/** On a terminal only, on one line that the next one replaces. */
export function progress(/** @type {string} */ text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\u{1b}[K${text}`);
}
