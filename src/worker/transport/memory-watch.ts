/**
 * Ends a child whose memory outgrows the limits of its run. The system's own limit (`src/worker/native/rlimits.ts`) makes `malloc` fail, and
 * does not count memory that is shared; this counts what is resident, shared memory too, and not files that are mapped, which the
 * system takes back when it needs room.
 */
import { readFileSync } from "node:fs";
import { type RunLimits, nativeGrowthBytes } from "../../shared/limits.ts";

/** What a library can take before it is noticed depends on it; looking costs 30 microseconds. */
const LOOK_EVERY_MS = 50;
/**
 * What the process had been given before, and touches only now, looks like growth. A library that the system refuses its last
 * byte may go on with what it has: it must not seem to have more.
 */
const TOUCHED_LATE_BYTES = 32 * 1024 ** 2;

export class MemoryWatch {
  readonly #timer: NodeJS.Timeout;

  /** `exceeded` is called once, with how much the child has grown. */
  constructor(pid: number, mostBytes: number, exceeded: (grownBytes: number) => void) {
    const firstBytes = heldBytes(pid) ?? 0;
    this.#timer = setInterval(() => {
      const grownBytes = (heldBytes(pid) ?? 0) - firstBytes;
      if (grownBytes <= mostBytes) return;
      this.stop();
      exceeded(grownBytes);
    }, LOOK_EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

/** With how much growth during a run the child is ended; absent: nothing is watched. */
export function watchedBytes(limits: RunLimits): number | undefined {
  if (process.platform !== "linux") return undefined;
  const growthBytes = nativeGrowthBytes(limits);
  return growthBytes === undefined ? undefined : growthBytes + TOUCHED_LATE_BYTES;
}

function heldBytes(pid: number): number | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return [...status.matchAll(/^Rss(?:Anon|Shmem):\s+([0-9]+) kB$/gmu)].reduce(
      (sum, [, kib]) => sum + Number(kib) * 1024,
      0,
    );
  } catch {
    // It has just ended.
    return undefined;
  }
}
