/** What the build makes of the WIT of hostbundle's own adapters. */
import { formatError, isHostbundleError } from "../../shared/errors.ts";
import { loadWit } from "../wit/load.ts";
import { builtInBindings } from "./modules.ts";

/** The text of the `bindings.ts` that belongs to a WIT folder. */
export async function bindingsOf(witFolder: string): Promise<string> {
  try {
    const { world } = await loadWit(witFolder);
    return builtInBindings(world);
  } catch (error) {
    // For the person at the build: with all findings, not as a stack.
    throw isHostbundleError(error) ? new Error(formatError(error.toData()), { cause: error }) : error;
  }
}
