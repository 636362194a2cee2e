/**
 * `wasi:clocks`. Not preview2-shim's: its `wall-clock.now` writes to the wrong place of the guest's memory
 * under jco's hybrid bindings.
 */
import type { Datetime, Functions } from "./shim.ts";
import { Pollable } from "./wasi-io.ts";

// Needs no `this`, and a function around it would cost a quarter of it.
// oxlint-disable-next-line typescript/unbound-method
const monotonicNow = process.hrtime.bigint;

let lastSecond = 0;
let lastSeconds = 0n;

function wallNow(): Datetime {
  const timeMs = Date.now();
  const second = Math.floor(timeMs / 1000);
  if (second !== lastSecond) {
    lastSecond = second;
    lastSeconds = BigInt(second);
  }
  return { seconds: lastSeconds, nanoseconds: (timeMs - second * 1000) * 1_000_000 };
}

export const WALL_CLOCK: Functions = {
  now: wallNow,
  resolution: (): Datetime => ({ seconds: 0n, nanoseconds: 1_000_000 }),
};

export const MONOTONIC_CLOCK: Functions = {
  now: monotonicNow,
  resolution: () => 1n,
  subscribeInstant: (instant: bigint) => new Pollable(instant),
  subscribeDuration: (durationNs: bigint) => new Pollable(monotonicNow() + durationNs),
};
