/** Finds wasmtime's Python package and starts `wasmtime_peer.py` with what it shall prepare. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compileLibrary } from "../compiler.mjs";
import { LineProcess } from "./line-process.mjs";

const PYTHON = process.env["PYTHON"] ?? "python3";
const SCRIPT = fileURLToPath(new URL("wasmtime_peer.py", import.meta.url));

/**
 * @param {string} folder for its files
 * @param {readonly object[]} items what `wasmtime_peer.py` shall prepare
 * @returns {Promise<{ version: string, sampler: (row: string) => import("../measure.mjs").Sampler, close: () => void }
 *   | { skipped: string }>}
 */
export async function startWasmtime(folder, items) {
  const { status, stdout } = spawnSync(PYTHON, [SCRIPT], { encoding: "utf8" });
  if (status !== 0) return { skipped: `${PYTHON} has no package wasmtime (set PYTHON to name one that has)` };
  const { version, library } = JSON.parse(stdout);
  const shim = join(folder, "libwasmtime-bench.so");
  compileLibrary(fileURLToPath(new URL("wasmtime.c", import.meta.url)), shim, [library]);
  const peer = new LineProcess(PYTHON, [SCRIPT, shim, JSON.stringify(items)]);
  try {
    await peer.ask(undefined);
  } catch (error) {
    return { skipped: error instanceof Error ? error.message : String(error) };
  }
  return {
    version: `${version}, dynamic values`,
    sampler: (row) => async (count) => Number(await peer.ask(`${row} ${count}`)),
    close: () => peer.close(),
  };
}
