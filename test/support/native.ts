import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** The C compiler of this machine, or why native tests are skipped. */
export const compiler: { readonly available: boolean; readonly reason: string } = (() => {
  const found = spawnSync("cc", ["--version"], { encoding: "utf8" });
  return found.status === 0
    ? { available: true, reason: "" }
    : { available: false, reason: "skipped: no C compiler (cc) on this machine" };
})();

/** The C++ compiler of this machine, or why its tests are skipped. */
export const cxxCompiler: typeof compiler = (() => {
  const found = spawnSync("c++", ["--version"], { encoding: "utf8" });
  return found.status === 0
    ? { available: true, reason: "" }
    : { available: false, reason: "skipped: no C++ compiler (c++) on this machine" };
})();

/** Compiles C++ source to a shared library `<folder>/lib<name>.so`. */
export function compileCxxLibrary(folder: string, name: string, source: string): void {
  const sourcePath = join(folder, `${name}.cc`);
  writeFileSync(sourcePath, source);
  execFileSync("c++", ["-shared", "-fPIC", "-O1", "-o", join(folder, `lib${name}.so`), sourcePath], {
    stdio: ["ignore", "ignore", "pipe"],
  });
}

/** Compiles C source to a shared library `<folder>/lib<name>.so` and gives its path. */
export function compileLibrary(
  folder: string,
  name: string,
  source: string,
  flags: readonly string[] = [],
): string {
  const sourcePath = join(folder, `${name}.c`);
  const libraryPath = join(folder, `lib${name}.so`);
  writeFileSync(sourcePath, source);
  execFileSync("cc", ["-shared", "-fPIC", "-O1", "-o", libraryPath, sourcePath, ...flags], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  return libraryPath;
}
