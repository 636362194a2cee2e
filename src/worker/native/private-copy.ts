/** A private copy of a library file: a second image in the process, with globals of its own. */
import { copyFileSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";

/**
 * A folder with more is the system's own, where the loader looks anyway: linking to thousands of files would take the
 * better part of a second.
 */
const MAX_SIBLINGS = 500;

/**
 * Calls `use` with the path of a copy and removes the copy right after: the image lives on without its file. The
 * copy's folder links to the library's siblings, so that dependencies found through `$ORIGIN` are found.
 */
export function withPrivateCopy<T>(path: string, use: (copy: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "hostbundle-lib-"));
  try {
    const copy = join(folder, basename(path));
    copyFileSync(path, copy);
    const home = dirname(path);
    const names = readdirSync(home);
    for (const name of names.length > MAX_SIBLINGS ? [] : names) {
      if (name !== basename(path)) symlinkSync(join(home, name), join(folder, name));
    }
    return use(copy);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
