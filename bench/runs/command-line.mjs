/** The rows of processes: one is spawned, and waited for. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const MANIFEST = new URL("../../package.json", import.meta.url);
/** What `hostbundle` is where the package is installed. */
const BIN = fileURLToPath(new URL(JSON.parse(readFileSync(MANIFEST, "utf8")).bin.hostbundle, MANIFEST));
const WASMTIME = process.env["WASMTIME"] ?? "wasmtime";

/** @returns {import("./rows.mjs").RunSamplers} */
export function nodeColumn() {
  return { "cli-node": command(process.execPath, ["-e", "0"], {}, "") };
}

/**
 * @param {Readonly<Record<import("./programs.mjs").ProgramId, import("./programs.mjs").Program>>} programs
 * @param {"own" | "jco"} linker
 * @param {string} cacheFolder
 * @returns {import("./rows.mjs").RunSamplers}
 */
export function commandLineColumn({ greet, hello }, linker, cacheFolder) {
  // `auto` is what users have; it takes our own.
  const env = { HOSTBUNDLE_CACHE_DIR: cacheFolder, HOSTBUNDLE_LINKER: linker === "own" ? "auto" : linker };
  const bundles = greet.bundles.flatMap((bundle) => ["--host-bundle", bundle]);
  const run = (/** @type {string[]} */ args, /** @type {string} */ prints) =>
    command(process.execPath, [BIN, ...args], env, prints);
  const runGreet = (/** @type {string} */ isolation) =>
    run(
      ["run", "--isolation", isolation, ...bundles, "--invoke", 'run("World")', greet.component],
      '"Hello, World!"',
    );
  return {
    ...(linker === "own" ? { "cli-version": run(["--version"], "") } : {}),
    "cli-greet": runGreet("thread"),
    ...(linker === "own" ? { "cli-greet-process": runGreet("process") } : {}),
    "cli-hello": run(["run", hello.component], "Hello"),
  };
}

/**
 * @param {import("./programs.mjs").Program} hello
 * @returns {{ samplers: import("./rows.mjs").RunSamplers, version: string } | { skipped: string }}
 */
export function wasmtimeCommandColumn({ component }) {
  const { status, stdout } = spawnSync(WASMTIME, ["--version"], { encoding: "utf8" });
  if (status !== 0) return { skipped: `no ${WASMTIME} on the PATH (set WASMTIME to name it)` };
  return {
    version: stdout.trim(),
    samplers: { "cli-hello": command(WASMTIME, ["run", "-C", "cache=y", component], {}, "Hello") },
  };
}

/**
 * @param {string} file
 * @param {readonly string[]} args
 * @param {Readonly<Record<string, string>>} env beside our own
 * @param {string} prints what its output begins with
 * @returns {import("./rows.mjs").RunSampler}
 */
function command(file, args, env, prints) {
  const options = { encoding: /** @type {const} */ ("utf8"), env: { ...process.env, ...env } };
  return {
    turns: 1,
    sample: () => {
      const start = process.hrtime.bigint();
      const { status, stdout, stderr } = spawnSync(file, args, options);
      const elapsedNs = Number(process.hrtime.bigint() - start);
      if (status !== 0 || !stdout.startsWith(prints))
        throw new Error(`${[file, ...args].join(" ")}: ${stdout}${stderr}`);
      return elapsedNs;
    },
  };
}
