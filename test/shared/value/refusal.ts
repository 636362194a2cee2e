import { formatError, isHostbundleError } from "../../../src/shared/errors.ts";

/** What a person reads when the action refuses its input with ARGUMENT_INVALID; throws where it does anything else. */
export function refusal(action: () => unknown): string {
  let accepted: unknown;
  try {
    accepted = action();
  } catch (error) {
    if (!isHostbundleError(error) || error.code !== "ARGUMENT_INVALID") throw error;
    return formatError(error.toData());
  }
  throw new Error(`accepted as ${String(accepted)}`);
}
