/** Loops → samplers, by row. */
import { timed } from "../measure.mjs";
import { CALL_ROWS } from "../rows.mjs";

/**
 * One way to call one row's function.
 * @typedef {object} RowSampler
 * @property {import("../measure.mjs").Sampler} sample
 * @property {(() => bigint) | undefined} callCount how many calls arrived so far
 */

/**
 * A column: the rows that it can do.
 * @typedef {Readonly<Partial<Record<import("../rows.mjs").CallRowId, RowSampler>>>} Samplers
 */

/** @typedef {(count: number) => void} Loop */

/**
 * @param {Readonly<Partial<Record<import("../rows.mjs").CallRowId, Loop>>>} loops
 * @param {(() => bigint) | undefined} callCount
 * @returns {Samplers}
 */
export function samplers(loops, callCount) {
  return Object.fromEntries(
    Object.entries(loops).map(([id, loop]) => [id, { sample: timed(loop), callCount }]),
  );
}

/**
 * The exported loops of a guest: `run-<row>` for each row of the group.
 * @param {string} group
 * @param {(name: string) => unknown} exported gives the export of that name
 * @param {(() => bigint)} [callCount]
 * @returns {Samplers}
 */
export function loopsOf(group, exported, callCount) {
  const loops = CALL_ROWS.filter((row) => row.group === group).map(({ id }) => {
    const loop = exported(`run-${id}`);
    if (!isLoop(loop)) throw new TypeError(`the guest does not export run-${id}`);
    return [id, loop];
  });
  return samplers(Object.fromEntries(loops), callCount);
}

/**
 * An exported loop: the guests' worlds declare them all so.
 * @param {unknown} value
 * @returns {value is Loop}
 */
function isLoop(value) {
  return typeof value === "function";
}
