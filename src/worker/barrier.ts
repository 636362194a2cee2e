/** Blocks until all threads have come here, so that each takes one of the tasks that are meant for all. */

/** A thread that waits for others gives up after this time: one of them may have died. */
const WAIT_MS = 2000;

/** `arrived` holds one Int32. */
export function waitForAll(arrived: Int32Array, threads: number): void {
  const deadlineMs = Date.now() + WAIT_MS;
  let seen = Atomics.add(arrived, 0, 1) + 1;
  Atomics.notify(arrived, 0);
  while (seen < threads && Date.now() < deadlineMs) {
    Atomics.wait(arrived, 0, seen, deadlineMs - Date.now());
    seen = Atomics.load(arrived, 0);
  }
}
