/**
 * Promises of functions that jco runs asynchronously. One that nothing is left to keep would end the thread, and
 * with it the run without an outcome: the event loop has nothing to wait for.
 */
import { HostbundleError } from "../shared/errors.ts";

const CHECK_MS = 20;

/** What an asynchronous `call` gives. Throws TRAP where it waits for something that can never happen. */
export async function settle(call: () => unknown): Promise<unknown> {
  const idle = process.getActiveResourcesInfo().length;
  const given = call();
  if (!(given instanceof Promise)) return given;
  let timer: NodeJS.Timeout | undefined;
  const deadlock = new Promise<never>((_, reject) => {
    timer = setInterval(() => {
      // More than what there was and this timer: something is still going on.
      if (process.getActiveResourcesInfo().length > idle + 1) return;
      reject(
        new HostbundleError("TRAP", "the guest waits for something that can never happen", {
          help: "build the guest without async; hostbundle runs synchronous components (WASI 0.2)",
        }),
      );
    }, CHECK_MS);
  });
  try {
    return await Promise.race([given, deadlock]);
  } finally {
    clearInterval(timer);
  }
}
