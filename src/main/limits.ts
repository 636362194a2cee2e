/** Limits as users give them. */
import { HostbundleError } from "../shared/errors.ts";
import { COUNTED_LIMITS, type RunLimits } from "../shared/limits.ts";

/** What a timer can wait for: 24 days. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** Where nobody says otherwise. */
const DEFAULTS: RunLimits = { memoryBytes: 1024 ** 3, tableElements: 10_000_000 };

/** The limits with their defaults. Throws USAGE for one that is none. */
export function checkLimits(given: RunLimits): RunLimits {
  const limits = { ...DEFAULTS, ...given };
  const { timeoutMs } = limits;
  for (const name of COUNTED_LIMITS) {
    const value = limits[name];
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= 0)) {
      throw new HostbundleError("USAGE", `${name} must be a whole number that is not negative, got ${value}`);
    }
  }
  checkMilliseconds("timeoutMs", timeoutMs);
  return limits;
}

/** Throws USAGE for what no timer can wait for. */
export function checkMilliseconds(name: string, value: number | undefined): void {
  if (value === undefined || (value > 0 && value <= MAX_TIMEOUT_MS)) return;
  throw new HostbundleError("USAGE", `${name} must be a number from 1 to ${MAX_TIMEOUT_MS}, got ${value}`);
}

/** A heap that this small does not hold what is ours. */
const MIN_HEAP_MIB = 16;

/** The heap limit as engines count it. Throws USAGE for one that is none. */
export function checkHeapMib(maxHeapBytes: number): number {
  const mebibytes = Math.floor(maxHeapBytes / 1024 ** 2);
  if (Number.isSafeInteger(maxHeapBytes) && mebibytes >= MIN_HEAP_MIB) return mebibytes;
  const least = `${MIN_HEAP_MIB} MiB (${MIN_HEAP_MIB * 1024 ** 2})`;
  throw new HostbundleError("USAGE", `maxHeapBytes must be at least ${least}, got ${maxHeapBytes}`);
}
