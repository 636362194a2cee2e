/** Whether time or memory grows while something is done over and over. */
import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

const TENTHS = 10;
/** The fastest slice of a tenth stands for it: other work on the machine only ever adds time. */
const SLICES_PER_TENTH = 10;
/** The last tenth over the second; what grows with the number of turns is far beyond. */
const TIME_LIMIT = 1.5;
const MEMORY_LIMIT_MIB = 24;
const MIB = 1024 * 1024;

/**
 * Does `turns` turns in slices, prints a line per tenth, and says whether it stayed within the limits. The first tenth
 * warms up; memory is that of the process after garbage was collected.
 * @param {string} title
 * @param {number} turns
 * @param {(turns: number) => void | Promise<void>} slice
 */
export async function staysLevel(title, turns, slice) {
  const perSlice = Math.max(1, Math.round(turns / (TENTHS * SLICES_PER_TENTH)));
  console.log(`\n${title}\n        turns   ns per turn   RSS MiB   heap MiB   outside MiB`);
  const nsPerTurn = [];
  const rssMib = [];
  for (let tenth = 1; tenth <= TENTHS; tenth++) {
    let fastest = Infinity;
    for (let index = 0; index < SLICES_PER_TENTH; index++) {
      const start = performance.now();
      await slice(perSlice);
      fastest = Math.min(fastest, ((performance.now() - start) * 1e6) / perSlice);
    }
    await settle();
    const { rss, heapUsed, external } = process.memoryUsage();
    nsPerTurn.push(fastest);
    rssMib.push(rss / MIB);
    const cells = [tenth * SLICES_PER_TENTH * perSlice, fastest, rss / MIB, heapUsed / MIB, external / MIB];
    const widths = [13, 14, 10, 11, 14];
    console.log(cells.map((cell, at) => cell.toFixed(at < 2 ? 0 : 1).padStart(widths[at] ?? 0)).join(""));
  }
  const timeRatio = (nsPerTurn.at(-1) ?? NaN) / (nsPerTurn[1] ?? NaN);
  const grownMib = Math.max(...rssMib.slice(1)) - (rssMib[0] ?? NaN);
  const isLevel = timeRatio < TIME_LIMIT && grownMib < MEMORY_LIMIT_MIB;
  console.log(
    `${isLevel ? "yes" : "NO "}  last tenth over second: ${timeRatio.toFixed(2)}x (below ${TIME_LIMIT}x); grown after the first: ${grownMib.toFixed(1)} MiB (below ${MEMORY_LIMIT_MIB})`,
  );
  return isLevel;
}

setFlagsFromString("--expose-gc");
/** @type {() => void} */
const collectGarbage = runInNewContext("gc");

/** Collects what can be collected; memories of guests are released a turn of the event loop later. */
async function settle() {
  for (let turn = 0; turn < 3; turn++) {
    collectGarbage();
    await sleep(10);
  }
}
