/** Timing: how many calls make a sample, samples in turns, and what is said about them. */

/**
 * Does the thing `count` times and gives the nanoseconds that took. Peers in other processes answer with a promise.
 * @typedef {(count: number) => number | Promise<number>} Sampler
 */

/**
 * @typedef {object} Cell
 * @property {string} row
 * @property {string} column
 * @property {Sampler} sample
 * @property {(() => bigint) | undefined} [callCount] how many calls arrived so far, where somebody counts them
 * @property {number} [turns] how many make a sample; absent: as many as take about `sampleNs`
 */

/**
 * @typedef {Cell & { count: number, samplesNs: number[] }} PreparedCell `count`: turns per sample; ns per turn, one
 *   per round
 */

/**
 * @typedef {object} Summary ns per turn
 * @property {number} min
 * @property {number} p25
 * @property {number} median
 * @property {number} p75
 * @property {number} p99
 */

/**
 * A sample takes about `sampleNs`: far above the clock's and the scheduler's grain, short enough for many rounds.
 * Before the first sample each loop runs for `warmUpNs`, so that V8 has optimised what it will.
 * @typedef {{ readonly sampleNs: number, readonly warmUpNs: number }} Lengths
 */

/**
 * Warms a loop up and finds how many turns make a sample.
 * @param {Cell} cell
 * @param {Lengths} lengths
 * @returns {Promise<PreparedCell>}
 */
export async function prepareCell(cell, { sampleNs, warmUpNs }) {
  if (cell.turns !== undefined) {
    await cell.sample(cell.turns);
    return { ...cell, count: cell.turns, samplesNs: [] };
  }
  let count = 1;
  let spentNs = 0;
  let elapsedNs = 0;
  while (spentNs < warmUpNs || elapsedNs < sampleNs / 4) {
    const before = cell.callCount?.();
    elapsedNs = await cell.sample(count);
    const made = before === undefined ? BigInt(count) : (cell.callCount?.() ?? 0n) - before;
    // A loop that does not call would win.
    if (made !== BigInt(count))
      throw new Error(`${cell.column}, ${cell.row}: ${made} calls in a loop of ${count}`);
    spentNs += elapsedNs;
    if (elapsedNs < sampleNs) count = Math.ceil(count * Math.min(2, sampleNs / Math.max(elapsedNs, 1)));
  }
  count = Math.max(1, Math.round((count * sampleNs) / (await cell.sample(count))));
  return { ...cell, count, samplesNs: [] };
}

/**
 * Takes one sample of every cell per round. A round begins with another cell each time, so that no column
 * always follows the same one.
 * @param {readonly PreparedCell[]} cells
 * @param {number} rounds
 * @param {(round: number) => void} onRound
 */
export async function measure(cells, rounds, onRound) {
  for (let round = 0; round < rounds; round++) {
    onRound(round);
    for (let turn = 0; turn < cells.length; turn++) {
      const cell = cells[(turn + round) % cells.length];
      if (cell !== undefined) cell.samplesNs.push((await cell.sample(cell.count)) / cell.count);
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
    p99: quantile(sorted, 0.99),
  };
}

/** Linear between the two nearest samples. */
function quantile(/** @type {readonly number[]} */ sorted, /** @type {number} */ share) {
  const position = share * (sorted.length - 1);
  const below = sorted[Math.floor(position)] ?? NaN;
  const above = sorted[Math.ceil(position)] ?? NaN;
  return below + (above - below) * (position - Math.floor(position));
}

/**
 * A loop of this process as a sampler.
 * @param {(count: number) => void} loop
 * @returns {(count: number) => number}
 */
export function timed(loop) {
  return (count) => {
    const start = process.hrtime.bigint();
    loop(count);
    return Number(process.hrtime.bigint() - start);
  };
}
