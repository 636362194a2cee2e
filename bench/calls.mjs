/** `npm run bench`: what one call across the boundary costs. The method is in README.md. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { compileLibrary, compilerVersion } from "./compiler.mjs";
import { measure, prepareCell, summarise, time } from "./measure.mjs";
import { COLUMNS, environment, formatTable, formatTargets, nanoseconds } from "./report.mjs";
import { ROWS } from "./rows.mjs";

const USAGE = `usage: npm run bench -- [--only ROW]... [--rounds N] [--json FILE]
  --only ROW     measure this row; may repeat (default: all)
  --rounds N     samples per row and column (default: 21)
  --json FILE    where the figures go (default: bench/results/<date>.json)
rows: ${ROWS.map(({ id }) => id).join(", ")}`;

const here = dirname(fileURLToPath(import.meta.url));
const options = readOptions();
requireTools();
const folder = mkdtempSync(join(tmpdir(), "hostbundle-bench-"));
try {
  await main();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: "string", multiple: true, default: [] },
        rounds: { type: "string", default: "21" },
        json: { type: "string" },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) stop(USAGE, 0);
    const rounds = Number(values.rounds);
    if (!Number.isInteger(rounds) || rounds < 1)
      stop(`--rounds ${values.rounds} is not a positive integer\n${USAGE}`, 2);
    const unknown = values.only.filter((only) => !ROWS.some(({ id }) => id === only));
    if (unknown.length > 0) stop(`unknown row ${unknown.join(", ")}\n${USAGE}`, 2);
    return { only: values.only, rounds, json: values.json };
  } catch (error) {
    if (error instanceof TypeError) return stop(`${error.message}\n${USAGE}`, 2);
    throw error;
  }
}

/** @returns {never} */
function stop(/** @type {string} */ message, /** @type {number} */ exitCode) {
  (exitCode === 0 ? process.stdout : process.stderr).write(`${message}\n`);
  return process.exit(exitCode);
}

function requireTools() {
  if (compilerVersion() === undefined) stop("the bench compiles a C library and needs a C compiler (cc)", 2);
  if (!existsSync(join(here, "../dist/worker/abi/compile.js")))
    stop("run `npm run build` first: the bench measures dist/", 2);
}

async function main() {
  const library = join(folder, "libbench.so");
  compileLibrary(join(here, "calls.c"), library);

  // Loaded late: they need dist/.
  const { bareColumn, bindBare, checkBare } = await import("./columns/bare.mjs");
  const { hostbundleColumn } = await import("./columns/hostbundle.mjs");
  const { jcoColumn } = await import("./columns/jco.mjs");
  const bare = bindBare(library);
  checkBare(bare);
  const { column: hostbundle, emptyLoop } = await hostbundleColumn(library);
  const columns = { bare: bareColumn(bare), hostbundle, jco: await jcoColumn(bare, folder) };

  const rows = ROWS.filter(({ id }) => options.only.length === 0 || options.only.includes(id));
  const cells = rows.flatMap(({ id }) =>
    COLUMNS.map((name) => {
      progress(`warming up ${id}, ${name}`);
      return prepareCell(id, name, columns[name][id], bare.callCount);
    }),
  );
  measure(cells, options.rounds, (round) => progress(`round ${round + 1} of ${options.rounds}`));
  progress("");
  const emptyLoopNs = time(emptyLoop, 10_000_000) / 10_000_000;

  const results = rows.map(({ id, title }) => {
    const summary = (/** @type {string} */ column) => {
      const cell = cells.find((one) => one.row === id && one.column === column);
      if (cell === undefined) throw new Error(`${column}, ${id} was not measured`);
      return { ...summarise(cell.samplesNs), callsPerSample: cell.count, samplesNs: cell.samplesNs };
    };
    return {
      id,
      title,
      columns: { bare: summary("bare"), hostbundle: summary("hostbundle"), jco: summary("jco") },
    };
  });
  const machine = environment();
  console.log(
    `node ${machine.node}, koffi ${machine.koffi}, jco-transpile ${machine.jcoTranspile}, ${machine.system}`,
  );
  console.log(
    `${machine.cpu}, ${machine.cores} cores, load ${machine.loadAverage?.toFixed(1)}; ${machine.compiler}`,
  );
  console.log(
    `median [min | middle half] of ${options.rounds} samples; the guests' empty loop: ${nanoseconds(emptyLoopNs)} ns\n`,
  );
  console.log(`${formatTable(results)}\n`);
  const targets = formatTargets(results);
  if (targets !== "") console.log(`${targets}\n`);
  const file = options.json ?? join(here, "results", `calls-${machine.date.replaceAll(/[:.]/gu, "-")}.json`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(
    file,
    `${JSON.stringify({ bench: "calls", rounds: options.rounds, emptyLoopNs, environment: machine, rows: results }, null, 2)}\n`,
  );
  console.log(`figures: ${file}`);
}

/** On a terminal only, on one line that the next one replaces. */
function progress(/** @type {string} */ text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\u{1b}[K${text}`);
}
