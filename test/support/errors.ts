import { isHostbundleError, type ErrorData } from "../../src/shared/errors.ts";

/** The error that an action throws, as data. Fails where it throws none, or one that is not ours. */
export function thrownBy(action: () => unknown): ErrorData {
  try {
    action();
  } catch (error) {
    if (isHostbundleError(error)) return error.toData();
    throw error;
  }
  throw new Error("expected a HostbundleError, nothing was thrown");
}
