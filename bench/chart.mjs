/** `npm run bench:chart`: results of the benches → one SVG. The same files give the same bytes. */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { renderChart } from "./chart/render.mjs";
import { stop } from "./options.mjs";
import { readResults } from "./results.mjs";

const USAGE = `usage: npm run bench:chart -- [--all] [--out FILE.svg] [RESULTS.json]...
  --all          every row, not only those that stand for the others
  --out FILE     where the chart goes (default: bench/chart.svg)
  RESULTS.json   what to draw, in this order (default: bench/reference/calls.json and runs.json)`;

const { all, out, files } = readChartOptions();
writeFileSync(out, renderChart(files.map(readResults), { all }));
console.log(`chart: ${out}`);

function readChartOptions() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        all: { type: "boolean", default: false },
        out: { type: "string", default: inBench("chart.svg") },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) stop(USAGE, 0);
    const references = ["reference/calls.json", "reference/runs.json"].map(inBench);
    return { all: values.all, out: values.out, files: positionals.length > 0 ? positionals : references };
  } catch (error) {
    if (error instanceof TypeError) return stop(`${error.message}\n${USAGE}`, 2);
    throw error;
  }
}

function inBench(/** @type {string} */ path) {
  return fileURLToPath(new URL(path, import.meta.url));
}
