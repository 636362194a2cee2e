import { type Stats, statSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import { isSystemError } from "../system-error.ts";

/** A path as a person writes it in a file: `~` is the home folder, relative is to `folder`. */
export function expandPath(folder: string, text: string): string {
  if (text === "~") return homedir();
  return text.startsWith("~/") ? join(homedir(), text.slice(2)) : resolve(folder, text);
}

/** What lies at a path, symlinks followed; nothing where there is none or it cannot be reached. */
export function lookAt(path: string): Stats | undefined {
  // Node refuses such a path with a TypeError.
  if (path.includes("\0")) return undefined;
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    // EACCES, ELOOP, ENAMETOOLONG: for the reader of the message the file is not there.
    if (isSystemError(error)) return undefined;
    throw error;
  }
}

/** Whether a path is in a folder or below it; both absolute, symlinks resolved. */
export function liesIn(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== "" && way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
