/** A library by bare name among the system's folders, as the dynamic loader would find it: `libm.so.6`. */
import { readdirSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { lookAt } from "../paths.ts";
import { inspectLibrary, type Machine } from "./inspect.ts";
import { isSystemError } from "../../system-error.ts";
import { LibraryProblem } from "./file.ts";

const TRIPLET_ARCHITECTURES: Readonly<Record<string, string>> = {
  x64: "x86_64",
  arm64: "aarch64",
  riscv64: "riscv64",
  ppc64: "powerpc64le",
  s390x: "s390x",
  loong64: "loongarch64",
};

/** Includes of `ld.so.conf` are followed this deep. */
const MAX_INCLUDE_DEPTH = 3;

/** The first file of that name that this machine can load, symlinks resolved. */
export function findSystemLibrary(name: string, machine: Machine): string | undefined {
  for (const folder of systemFolders(machine)) {
    const path = join(folder, name);
    // Folders lie there too (`/usr/lib/systemd`).
    if (lookAt(path)?.isFile() !== true) continue;
    try {
      inspectLibrary(path, machine);
    } catch (error) {
      // Linker scripts and other architectures lie in the same folders: the loader passes them over too.
      if (error instanceof LibraryProblem || isSystemError(error)) continue;
      throw error;
    }
    return realpathSync(path);
  }
  return undefined;
}

/** Where the loader looks: the standard folders, then those of `/etc/ld.so.conf`. */
function systemFolders(machine: Machine): string[] {
  if (machine.platform === "darwin") return ["/usr/lib", "/usr/local/lib"];
  const triplet = `${TRIPLET_ARCHITECTURES[machine.architecture] ?? machine.architecture}-linux-gnu`;
  const standard = [`/lib/${triplet}`, `/usr/lib/${triplet}`, "/lib64", "/usr/lib64", "/lib", "/usr/lib"];
  return [...new Set([...standard, ...configuredFolders("/etc/ld.so.conf", 0)])];
}

function configuredFolders(file: string, depth: number): string[] {
  if (depth > MAX_INCLUDE_DEPTH) return [];
  const folders: string[] = [];
  for (const line of readLines(file)) {
    const text = line.replace(/#.*$/u, "").trim();
    const include = /^include\s+(.*)\/\*\.conf$/u.exec(text)?.[1];
    if (include !== undefined) {
      const names = listFolder(include).filter((name) => name.endsWith(".conf"));
      for (const name of names.toSorted()) folders.push(...configuredFolders(join(include, name), depth + 1));
    } else if (text.startsWith("/")) folders.push(text);
  }
  return folders;
}

/** Machines without the file, or where it may not be read, have the standard folders. */
function readLines(file: string): string[] {
  return orNothing(() => readFileSync(file, "utf8").split("\n"));
}

function listFolder(folder: string): string[] {
  return orNothing(() => readdirSync(folder));
}

function orNothing(read: () => string[]): string[] {
  try {
    return read();
  } catch (error) {
    if (isSystemError(error)) return [];
    throw error;
  }
}
