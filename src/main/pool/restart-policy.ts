/**
 * Keeps a bundle that crashes whenever it is opened from costing every run a child process: after a few attempts in a row its
 * runs fail at once, for a time that doubles with each further attempt. A bundle that crashes in a call is not concerned.
 */
import type { ErrorData } from "../../shared/errors.ts";
import type { LibraryPlan, RunOutcome } from "../../shared/protocol.ts";

/** Attempts in a row that are free. */
const BUDGET = 3;
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 60_000;

/** Outcomes that say nothing about whether the library could be opened. */
const SILENT: ReadonlySet<string> = new Set(["TIMEOUT", "CANCELLED", "INTERNAL"]);

interface CrashRecord {
  readonly crashes: number;
  /** On the clock of the policy. */
  readonly retryAtMs: number;
  readonly error: ErrorData;
}

export class RestartPolicy {
  readonly #records = new Map<string, CrashRecord>();
  readonly #nowMs: () => number;

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** Why a run with these libraries is not to begin now; nothing where it may. */
  refusal(libraries: readonly LibraryPlan[]): ErrorData | undefined {
    for (const { bundle, path } of libraries) {
      const record = this.#records.get(keyOf(bundle, path));
      const waitMs = record === undefined ? 0 : record.retryAtMs - this.#nowMs();
      if (record === undefined || waitMs <= 0) continue;
      return {
        ...record.error,
        message: `host bundle "${bundle}" has crashed ${record.crashes} times in a row while it was opened; it is tried again in ${(waitMs / 1000).toFixed(1)} s`,
        findings: [{ message: record.error.message }, ...(record.error.findings ?? [])],
      };
    }
    return undefined;
  }

  /** Learns from what a run with these libraries ended with. */
  note(libraries: readonly LibraryPlan[], outcome: RunOutcome): void {
    const error = outcome.status === "error" ? outcome.error : undefined;
    if (error !== undefined && SILENT.has(error.code)) return;
    const isCrash = error?.code === "NATIVE_CRASH" && error.phase === "load";
    for (const { bundle, path } of libraries) {
      const key = keyOf(bundle, path);
      if (!isCrash) this.#records.delete(key);
      else if (error.bundle === bundle) this.#records.set(key, this.#next(this.#records.get(key), error));
    }
  }

  #next(before: CrashRecord | undefined, error: ErrorData): CrashRecord {
    const crashes = (before?.crashes ?? 0) + 1;
    const waitMs = Math.min(FIRST_WAIT_MS * 2 ** (crashes - BUDGET), LONGEST_WAIT_MS);
    return { crashes, retryAtMs: crashes < BUDGET ? 0 : this.#nowMs() + waitMs, error };
  }
}

function keyOf(bundle: string, path: string): string {
  return `${bundle}\0${path}`;
}
