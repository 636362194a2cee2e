/**
 * Results → SVG: a panel per file, a bar per row and column on a logarithmic scale, a thin line over the middle half of
 * the samples. Pure: the same results give the same text. Colours follow the reader's light or dark mode.
 */
import { duration } from "../report.mjs";
import { drawText, escapeText, rect, rule } from "./svg.mjs";
import { STYLE } from "./style.mjs";

const WIDTH = 860;
const LABEL_WIDTH = 250;
/** Right of the longest bar, for its figure. */
const VALUE_WIDTH = 70;
const MARGIN = 20;
const BAR_HEIGHT = 9;
const BAR_PITCH = 11;
const ROW_GAP = 8;
const AXIS_LEFT = MARGIN + LABEL_WIDTH;
const AXIS_RIGHT = WIDTH - MARGIN - VALUE_WIDTH;

/** Rows that stand for the others: a chart of all of them is long. */
const SHOWN = new Set([
  "i32-add",
  "string16-both",
  "record-both",
  "strings100-both",
  "bytes1m-in",
  "lifted-i32",
  "lifted-string16",
  "wasi-clock",
  "wasi-environment",
  "composed-i32",
  "composed-string16",
  "warm-add",
  "warm-greet",
  "warm-hello",
  "warm-quickjs",
  "cli-node",
  "cli-greet",
]);

/** @typedef {import("../results.mjs").Results} Results */
/** @typedef {import("../results.mjs").RowResult} RowResult */
/** @typedef {import("../results.mjs").ColumnResult} ColumnResult */

/**
 * @param {readonly Results[]} files
 * @param {{ readonly all: boolean }} options `all`: every row
 */
export function renderChart(files, { all }) {
  const parts = [];
  let y = MARGIN;
  for (const results of files) {
    const panel = drawPanel(results, y, all);
    parts.push(...panel.parts);
    y = panel.bottom + 2 * MARGIN;
  }
  const height = y - MARGIN;
  const title = files.map((results) => results.title).join("; ");
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img">
<title>${escapeText(title)}</title>
<style>${STYLE}</style>
${parts.join("\n")}
</svg>
`;
}

/**
 * @param {Results} results
 * @param {number} top
 * @param {boolean} all
 */
function drawPanel(results, top, all) {
  const rows = results.rows.filter(
    ({ id, cells }) => (all || SHOWN.has(id)) && Object.keys(cells).length > 0,
  );
  const columns = results.columns.filter(({ id }) => rows.some(({ cells }) => cells[id] !== undefined));
  const scale = makeScale(rows);
  const parts = [
    drawText(MARGIN, top + 14, results.title, "title"),
    drawText(MARGIN, top + 32, describe(results), "note"),
  ];
  let y = top + 42;
  let x = MARGIN;
  for (const column of columns) {
    parts.push(rect(x, y, 10, 10, columnClass(column)), drawText(x + 14, y + 9, legend(column), "label"));
    x += 30 + legend(column).length * 6.6;
  }
  y += 22;
  const axisTop = y;
  const bars = [];
  for (const group of results.groups) {
    const inGroup = rows.filter((row) => row.group === group.id);
    if (inGroup.length === 0) continue;
    y += 16;
    bars.push(drawText(MARGIN, y, group.title, "group"));
    y += ROW_GAP;
    for (const row of inGroup) {
      const drawn = drawRow(row, columns, y, scale);
      bars.push(...drawn.parts);
      y = drawn.bottom + ROW_GAP;
    }
  }
  for (const decade of scale.decades) {
    const at = scale.at(decade);
    parts.push(rule(at, axisTop, at, y, "grid"), drawText(at, y + 14, axisLabel(decade), "tick"));
  }
  return { parts: [...parts, ...bars], bottom: y + 18 };
}

/**
 * @param {RowResult} row
 * @param {readonly ColumnResult[]} columns
 * @param {number} top
 * @param {ReturnType<typeof makeScale>} scale
 */
function drawRow(row, columns, top, scale) {
  const measured = columns.filter(({ id }) => row.cells[id] !== undefined);
  const height = measured.length * BAR_PITCH;
  const parts = [drawText(AXIS_LEFT - 8, top + height / 2 + 3, row.title, "row")];
  for (const [index, column] of measured.entries()) {
    const cell = row.cells[column.id];
    if (cell === undefined) continue;
    const y = top + index * BAR_PITCH;
    const middle = y + BAR_HEIGHT / 2;
    parts.push(
      rect(AXIS_LEFT, y, scale.at(cell.median) - AXIS_LEFT, BAR_HEIGHT, columnClass(column)),
      rule(scale.at(cell.p25), middle, scale.at(cell.p75), middle, "spread"),
      drawText(
        Math.max(scale.at(cell.median), scale.at(cell.p75)) + 5,
        y + BAR_HEIGHT - 1,
        duration(cell.median),
        "value",
      ),
    );
  }
  return { parts, bottom: top + height };
}

/** Whole decades around all medians; a bar begins at the left end, which on such a scale is no zero. */
function makeScale(/** @type {readonly RowResult[]} */ rows) {
  const cells = rows.flatMap((row) => Object.values(row.cells));
  const low = Math.floor(Math.log10(Math.min(...cells.map(({ p25 }) => p25))) - 0.2);
  const high = Math.ceil(Math.log10(Math.max(...cells.map(({ p75 }) => p75))));
  return {
    decades: Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index)),
    at: (/** @type {number} */ ns) =>
      AXIS_LEFT + ((Math.log10(ns) - low) / (high - low)) * (AXIS_RIGHT - AXIS_LEFT),
  };
}

/** 1 ns, 10 us: decades need no decimals. */
function axisLabel(/** @type {number} */ ns) {
  return duration(ns).replace(/\.0+ /u, " ");
}

function describe(/** @type {Results} */ { rounds, environment: machine }) {
  const load = machine.loadAverage.toFixed(1);
  return `median of ${rounds} samples, middle half as a line; logarithmic, shorter is faster; Node ${machine.node.slice(1)}, ${machine.cpu}, ${machine.cores} cores, load ${load}, ${machine.date.slice(0, 10)}`;
}

function legend(/** @type {ColumnResult} */ { title, version }) {
  const number = version?.match(/\d+(?:\.\d+)*/u)?.[0];
  return number === undefined ? title : `${title} ${number}`;
}

function columnClass(/** @type {ColumnResult} */ { id }) {
  return `bar ${id}`;
}
