/** The error of a run, or a session, that has used up the JavaScript heap of the thread, or the process, that it was in. */
import { ERROR_CODES, type ErrorData } from "./errors.ts";
import type { Isolation } from "./limits.ts";

/** `maxMib`: the limit; absent where it is Node's own. */
export function heapExhausted(
  what: "run" | "session",
  isolation: Isolation,
  maxMib: number | undefined,
): ErrorData {
  const max = maxMib === undefined ? undefined : maxMib * 1024 ** 2;
  const limit = maxMib === undefined ? "Node's own limit" : `${maxMib} MiB`;
  return {
    code: "MEMORY_LIMIT",
    fault: ERROR_CODES.MEMORY_LIMIT.fault,
    message: `the ${what} used up the JavaScript heap of its ${isolation}: ${limit}`,
    ...(max === undefined ? {} : { limit: { name: "maxHeapBytes", max } }),
    help: "allow more: --max-heap (maxHeapBytes)",
  };
}
