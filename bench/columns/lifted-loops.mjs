/**
 * The loops of the lifted rows: JavaScript calls what a guest exports. Load it through `lifted.mjs`, which gives
 * every column its own copy of this module.
 */
import { SHORT_TEXT } from "../rows.mjs";
import { samplers } from "./samplers.mjs";

/** @typedef {{ id: number, weight: number, stamp: bigint, valid: boolean }} Sample */

/**
 * What `guests/lifted.mjs` exports, as a user of the column calls it.
 * @typedef {object} LiftedExports
 * @property {(a: number, b: number) => number} addI32
 * @property {(text: string) => string} echoString
 * @property {(sample: Sample) => Sample} echoSample
 * @property {() => bigint} callCount how often the other three were called
 */

/**
 * Checks that the functions give the right results (a wrong one could be fast), and loops over each.
 * @public `lifted.mjs` imports it by URL
 * @param {LiftedExports} exported
 * @returns {import("./samplers.mjs").Samplers}
 */
export function liftedLoops({ addI32, echoString, echoSample, callCount }) {
  const { id, weight, stamp, valid } = echoSample({ id: 7, weight: 0.5, stamp: 2n ** 63n, valid: true });
  if (
    addI32(2, 3) !== 5 ||
    echoString(SHORT_TEXT) !== SHORT_TEXT ||
    `${id} ${weight} ${stamp} ${valid}` !== "7 0.5 9223372036854775808 true"
  )
    throw new Error("the guest's exports give wrong results");
  return samplers(
    {
      "lifted-i32"(count) {
        for (let turn = count; turn > 0; turn--) addI32(turn, 1);
      },
      "lifted-string16"(count) {
        for (let turn = count; turn > 0; turn--) echoString(SHORT_TEXT);
      },
      "lifted-record"(count) {
        for (let turn = count; turn > 0; turn--) {
          echoSample({ id: turn, weight: 0.5, stamp: 1_700_000_000_000n, valid: true });
        }
      },
    },
    callCount,
  );
}
