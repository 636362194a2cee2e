/** What a bench prints. */

/** Columns whose ratio is worth a look: what one costs in terms of the other. */
const RATIOS = /** @type {const} */ ([
  ["hostbundle", "bare"],
  ["jco-koffi", "hostbundle"],
  ["jco", "hostbundle"],
]);

/** Processes that wanted to run in the last minute. */
const BUSY_LOAD = 1;

/** The whole report, ready to print. */
export function formatResults(/** @type {import("./results.mjs").Results} */ results) {
  const { environment: machine, groups, rows, columns, targets } = results;
  const skipped = columns.filter(({ skipped }) => skipped !== undefined);
  return [
    `node ${machine.node}, koffi ${machine.koffi}, jco-transpile ${machine.jcoTranspile}, ${machine.system}`,
    `${machine.cpu}, ${machine.cores} cores, load ${machine.loadAverage.toFixed(1)}; ${machine.compiler}`,
    ...(machine.loadAverage > BUSY_LOAD
      ? ["the machine was busy before the bench began: trust ratios only"]
      : []),
    ...columns.flatMap(({ title, version }) => (version === undefined ? [] : [`${title}: ${version}`])),
    ...skipped.map(({ title, skipped }) => `skipped ${title}: ${skipped}`),
    `${results.title}: median of ${results.rounds} samples ±half of the middle half`,
    ...groups
      .map(({ id, title }) => ({
        title,
        measured: rows.filter((row) => row.group === id && isMeasured(row)),
      }))
      .filter(({ measured }) => measured.length > 0)
      .map(({ title, measured }) => `\n${title}\n${formatTable(measured, columns)}`),
    "",
    ...targets.map(formatTarget),
  ].join("\n");
}

function isMeasured(/** @type {import("./results.mjs").RowResult} */ { cells }) {
  return Object.keys(cells).length > 0;
}

/** 23.4 ns, 123 ns, 4.56 us, 78.9 ms: three digits that matter. */
export function duration(/** @type {number} */ ns) {
  for (const [unit, size] of /** @type {const} */ ([
    ["s", 1e9],
    ["ms", 1e6],
    ["us", 1e3],
  ])) {
    // Not 1000 ns but 1.00 us.
    if (ns >= size * 0.9995) return `${digits(ns / size)} ${unit}`;
  }
  return `${digits(ns)} ns`;
}

function digits(/** @type {number} */ value) {
  return value.toFixed(value < 9.995 ? 2 : value < 99.95 ? 1 : 0);
}

/**
 * @param {readonly import("./results.mjs").RowResult[]} rows
 * @param {readonly import("./results.mjs").ColumnResult[]} columns
 */
function formatTable(rows, columns) {
  const shown = columns.filter(({ id }) => rows.some(({ cells }) => cells[id] !== undefined));
  const ratios = RATIOS.filter((pair) => pair.every((name) => shown.some(({ id }) => id === name)));
  const header = ["", ...shown.map(({ title }) => title), ...ratios.map(([of, over]) => `${of}/${over}`)];
  const lines = rows.map(({ title, cells }) => [
    title,
    ...shown.map(({ id }) => formatCell(cells[id])),
    ...ratios.map(([of, over]) => ratio(cells[of]?.median, cells[over]?.median)),
  ]);
  const widths = header.map((_, index) =>
    Math.max(...[header, ...lines].map((line) => (line[index] ?? "").length)),
  );
  return [header, ...lines]
    .map((line) =>
      line
        .map((text, index) => (index === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[index] ?? 0)))
        .join("  "),
    )
    .join("\n");
}

function formatCell(/** @type {import("./measure.mjs").Summary | undefined} */ cell) {
  if (cell === undefined) return "";
  const spread = (50 * (cell.p75 - cell.p25)) / cell.median;
  return `${duration(cell.median)} ±${spread.toFixed(0)}%`;
}

function ratio(/** @type {number | undefined} */ of, /** @type {number | undefined} */ over) {
  if (of === undefined || over === undefined) return "";
  return of / over < 10 ? (of / over).toFixed(2) : (of / over).toFixed(0);
}

function formatTarget(/** @type {import("./results.mjs").TargetResult} */ target) {
  const show = (/** @type {number} */ value) =>
    target.unit === "ns" ? duration(value) : `${Number(value.toPrecision(3))}x`;
  const bound = `${target.isAtLeast ? "at least" : "at most"} ${show(target.limit)}`;
  return `${target.isMet ? "yes" : "NO "}  ${target.says}: ${show(target.ofMedians)}, by minima ${show(target.ofMinima)} (${bound})`;
}
