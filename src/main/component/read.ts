import { readFileSync, statSync, type Stats } from "node:fs";
import { HostbundleError } from "../../shared/errors.ts";
import { reasonOf } from "../system-error.ts";

/** QuickJS guests have 2 MB, StarlingMonkey's 12 MB, the largest known a tenth of this. */
const MAX_COMPONENT_BYTES = 512 * 1024 * 1024;

/** The bytes of a component file. Throws COMPONENT_INVALID: unreadable, too large, not a file. */
export function readComponent(path: string): Uint8Array {
  let stats: Stats;
  try {
    stats = statSync(path);
    if (stats.isFile() && stats.size <= MAX_COMPONENT_BYTES) return readFileSync(path);
  } catch (error) {
    throw new HostbundleError("COMPONENT_INVALID", `cannot read the component ${path}: ${reasonOf(error)}`, {
      cause: error,
    });
  }
  const problem = stats.isFile()
    ? `it has ${stats.size} bytes, the limit is ${MAX_COMPONENT_BYTES}`
    : stats.isDirectory()
      ? "it is a directory"
      : "it is not a regular file";
  throw new HostbundleError("COMPONENT_INVALID", `cannot read the component ${path}: ${problem}`);
}
