/** How much the resident memory of another process has grown. */
import { readFileSync } from "node:fs";

/** Asking costs as much as a small run. */
const ASK_EVERY = 16;

export class MemoryGrowth {
  #asked = 0;
  #firstBytes: number | undefined;
  #lastBytes = 0;

  /** Since this was first called, in bytes, as it was lately; 0 where the system does not say. */
  sinceFirst(pid: number | undefined): number {
    if (this.#asked++ % ASK_EVERY === 0) this.#lastBytes = residentBytes(pid);
    this.#firstBytes ??= this.#lastBytes;
    return this.#lastBytes - this.#firstBytes;
  }
}

function residentBytes(pid: number | undefined): number {
  if (process.platform !== "linux" || pid === undefined) return 0;
  try {
    const [, kib = "0"] = /^VmRSS:\s+([0-9]+) kB$/mu.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return Number(kib) * 1024;
  } catch {
    // It has just ended.
    return 0;
  }
}
