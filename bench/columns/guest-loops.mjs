import { ROWS } from "../rows.mjs";

/**
 * An exported loop: `guest.mjs` declares them all so.
 * @param {unknown} value
 * @returns {value is (count: number) => void}
 */
export function isLoop(value) {
  return typeof value === "function";
}

/**
 * The exported loops of a guest as a column.
 * @param {(name: string) => unknown} exported gives the export of that name
 * @returns {import("../rows.mjs").Column}
 */
export function guestColumn(exported) {
  const loops = ROWS.map(({ id }) => {
    const loop = exported(`run-${id}`);
    if (!isLoop(loop)) throw new TypeError(`the guest does not export run-${id}`);
    return [id, loop];
  });
  return Object.fromEntries(loops);
}
