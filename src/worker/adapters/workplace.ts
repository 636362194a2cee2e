import { statSync } from "node:fs";
import { dirname } from "node:path";

/** The folder in which a file is made, with its journals; a folder itself. */
export function workplace(path: string): string {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true ? path : dirname(path);
}
