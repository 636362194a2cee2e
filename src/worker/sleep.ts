const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** Blocks the thread. */
export function sleep(timeMs: number): void {
  Atomics.wait(sleeper, 0, 0, timeMs);
}
