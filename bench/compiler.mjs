import { execFileSync, spawnSync } from "node:child_process";

const COMPILER = process.env["CC"] ?? "cc";

/** The compiler's first line about itself; undefined where there is none. */
export function compilerVersion() {
  const { status, stdout } = spawnSync(COMPILER, ["--version"], { encoding: "utf8" });
  return status === 0 ? stdout.split("\n")[0] : undefined;
}

/** Compiles one C file to a shared library. */
export function compileLibrary(/** @type {string} */ source, /** @type {string} */ library) {
  execFileSync(COMPILER, ["-O2", "-shared", "-fPIC", "-o", library, source], { stdio: "inherit" });
}
