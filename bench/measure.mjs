/** Timing: how many calls make a sample, samples in turns, and what is said about them. */

/** A sample takes about this long: far above the clock's and the scheduler's grain, short enough for many rounds. */
const SAMPLE_NS = 20_000_000;
/** Before the first sample each loop runs this long, so that V8 has optimised what it will. */
const WARM_UP_NS = 150_000_000;

/**
 * @typedef {object} Cell
 * @property {string} row
 * @property {string} column
 * @property {(count: number) => void} loop
 * @property {number} count calls per sample
 * @property {number[]} samplesNs ns per call, one per round
 */

/**
 * @typedef {object} Summary ns per call
 * @property {number} min
 * @property {number} p25
 * @property {number} median
 * @property {number} p75
 */

/**
 * Warms a loop up and finds how many calls make a sample.
 * @param {string} row
 * @param {string} column
 * @param {(count: number) => void} loop
 * @param {() => bigint} callCount how many native calls there were so far
 * @returns {Cell}
 */
export function prepareCell(row, column, loop, callCount) {
  let count = 1;
  let spentNs = 0;
  let elapsedNs = 0;
  while (spentNs < WARM_UP_NS || elapsedNs < SAMPLE_NS / 4) {
    const before = callCount();
    elapsedNs = time(loop, count);
    const made = callCount() - before;
    // A loop that does not call would win.
    if (made !== BigInt(count))
      throw new Error(`${column}, ${row}: ${made} native calls in a loop of ${count}`);
    spentNs += elapsedNs;
    if (elapsedNs < SAMPLE_NS) count = Math.ceil(count * Math.min(2, SAMPLE_NS / Math.max(elapsedNs, 1)));
  }
  count = Math.max(1, Math.round((count * SAMPLE_NS) / time(loop, count)));
  return { row, column, loop, count, samplesNs: [] };
}

/**
 * Takes one sample of every cell per round. A round begins with another cell each time, so that no column
 * always follows the same one.
 * @param {readonly Cell[]} cells
 * @param {number} rounds
 * @param {(round: number) => void} onRound
 */
export function measure(cells, rounds, onRound) {
  for (let round = 0; round < rounds; round++) {
    onRound(round);
    for (let turn = 0; turn < cells.length; turn++) {
      const cell = cells[(turn + round) % cells.length];
      cell?.samplesNs.push(time(cell.loop, cell.count) / cell.count);
    }
  }
}

/**
 * @param {readonly number[]} samples
 * @returns {Summary}
 */
export function summarise(samples) {
  const sorted = samples.toSorted((a, b) => a - b);
  return {
    min: quantile(sorted, 0),
    p25: quantile(sorted, 0.25),
    median: quantile(sorted, 0.5),
    p75: quantile(sorted, 0.75),
  };
}

/** Linear between the two nearest samples. */
function quantile(/** @type {readonly number[]} */ sorted, /** @type {number} */ share) {
  const position = share * (sorted.length - 1);
  const below = sorted[Math.floor(position)] ?? NaN;
  const above = sorted[Math.ceil(position)] ?? NaN;
  return below + (above - below) * (position - Math.floor(position));
}

/** Nanoseconds that `count` turns take. */
export function time(/** @type {(count: number) => void} */ loop, /** @type {number} */ count) {
  const start = process.hrtime.bigint();
  loop(count);
  return Number(process.hrtime.bigint() - start);
}
