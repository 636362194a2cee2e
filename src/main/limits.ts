/** Limits as users give them. */
import { HostbundleError } from "../shared/errors.ts";
import type { RunLimits } from "../shared/limits.ts";

/** What a timer can wait for: 24 days. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** Throws USAGE for a limit that is none. */
export function checkLimits(limits: RunLimits): RunLimits {
  const { timeoutMs } = limits;
  if (timeoutMs !== undefined && !(timeoutMs > 0 && timeoutMs <= MAX_TIMEOUT_MS)) {
    throw new HostbundleError(
      "USAGE",
      `timeoutMs must be a number from 1 to ${MAX_TIMEOUT_MS}, got ${timeoutMs}`,
    );
  }
  return limits;
}
