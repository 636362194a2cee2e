/**
 * Ends a child whose memory outgrows the limits of its run. The system's own limit (`src/worker/native/rlimits.ts`) makes `malloc` fail, and
 * does not count memory that is shared; this counts what is resident, shared memory too, and not files that are mapped, which the
 * system takes back when it needs room.
 */
import { readFileSync } from "node:fs";
import { type RunLimits, nativeGrowthBytes } from "../../shared/limits.ts";

/** What a library can take before it is noticed depends on it; looking costs 30 microseconds. */
const LOOK_EVERY_MS = 50;

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

/** What the child may grow by during a run; absent: nothing is watched. */
export function watchedBytes(limits: RunLimits): number | undefined {
  return process.platform === "linux" ? nativeGrowthBytes(limits) : undefined;
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
