/** A private copy of a library file: a second image in the process, with globals of its own. */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";

/**
 * A folder with more is the system's own, where the loader looks anyway: linking to thousands of files would take the
 * better part of a second.
 */
const MAX_SIBLINGS = 500;

let scratchFolder: string | undefined;

/** Copies go into this folder, which need not exist: its owner removes it, whatever becomes of this process. */
export function copyInto(folder: string): void {
  scratchFolder = folder;
}

/** The folder of `copyInto`, made if need be; nothing where there is none. */
export function makeScratchFolder(): string | undefined {
  if (scratchFolder !== undefined) mkdirSync(scratchFolder, { recursive: true, mode: 0o700 });
  return scratchFolder;
}

/**
 * Calls `use` with the path of a copy and removes the copy right after: the image lives on without its file. The
 * copy's folder links to the library's siblings, so that dependencies found through `$ORIGIN` are found.
 */
export function withPrivateCopy<T>(path: string, use: (copy: string) => T): T {
  const folder = mkdtempSync(join(makeScratchFolder() ?? tmpdir(), "hostbundle-lib-"));
  try {
    const copy = join(folder, basename(path));
    // Not copyFile, which sets modes: a sandbox refuses that.
    writeFileSync(copy, readFileSync(path));
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
