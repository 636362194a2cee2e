import { execFileSync, spawnSync } from "node:child_process";

const COMPILER = process.env["CC"] ?? "cc";

/** The compiler's first line about itself; undefined where there is none. */
export function compilerVersion() {
  const { status, stdout } = spawnSync(COMPILER, ["--version"], { encoding: "utf8" });
  return status === 0 ? stdout.split("\n")[0] : undefined;
}

/**
 * Compiles one C file to a shared library.
 * @param {string} source
 * @param {string} library
 * @param {readonly string[]} linked libraries to link with
 */
export function compileLibrary(source, library, linked = []) {
  const args = ["-O2", "-shared", "-fPIC", "-o", library, source, ...linked, "-lm", "-ldl"];
  execFileSync(COMPILER, args, { stdio: "inherit" });
}
