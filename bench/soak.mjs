/**
 * `npm run soak`: millions of calls in one instance and many fresh instances, and what they leave behind. Time and memory
 * must stay level; a counting allocator tells whether every native allocation was released once. Exits 1 where not.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { compilerVersion } from "./compiler.mjs";
import { stop } from "./options.mjs";
import { staysLevel } from "./soak/growth.mjs";

const USAGE = `usage: npm run soak -- [--calls N] [--instances N]
  --calls N       calls in one instance, from the guest and into the guest each (default: 10000000); 0: none
  --instances N   fresh instances (default: 100000); 0: none`;

const options = readSoakOptions();
const folder = mkdtempSync(join(tmpdir(), "hostbundle-soak-"));
try {
  process.exitCode = (await soak()) ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function soak() {
  // Loaded late: they need dist/.
  const { prepareCalls } = await import("./soak/calls.mjs");
  const { prepareRuns } = await import("./soak/runs.mjs");
  const verdicts = [];
  mkdirSync(join(folder, "cache"));
  if (options.calls > 0) {
    const { callOut, callIn, lostBlocks } = await prepareCalls(folder);
    const turns = Math.ceil(options.calls / 2);
    const out = "calls out of one instance: records, lists and strings both ways, 2 a turn";
    verdicts.push(await staysLevel(out, turns, callOut));
    const lost = lostBlocks();
    console.log(`${lost === 0 ? "yes" : "NO "}  native allocations that were not released once: ${lost}`);
    verdicts.push(lost === 0);
    verdicts.push(await staysLevel("calls into one instance: a string both ways", options.calls, callIn));
  }
  if (options.instances > 0) {
    const turns = Math.ceil(options.instances / 2);
    const title = "fresh instances: one with a native import, one over WASI a turn";
    verdicts.push(await staysLevel(title, turns, await prepareRuns(folder)));
  }
  return verdicts.every(Boolean);
}

function readSoakOptions() {
  if (compilerVersion() === undefined)
    stop("the soak test compiles a C library and needs a C compiler (cc)", 2);
  if (!existsSync(fileURLToPath(new URL("../dist/worker/entry.js", import.meta.url))))
    stop("run `npm run build` first: the soak test runs dist/", 2);
  try {
    const { values } = parseArgs({
      options: {
        calls: { type: "string", default: "10000000" },
        instances: { type: "string", default: "100000" },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) stop(USAGE, 0);
    return { calls: readCount("calls", values.calls), instances: readCount("instances", values.instances) };
  } catch (error) {
    if (error instanceof TypeError) return stop(`${error.message}\n${USAGE}`, 2);
    throw error;
  }
}

function readCount(/** @type {string} */ name, /** @type {string} */ text) {
  const count = Number(text);
  return Number.isInteger(count) && count >= 0 ? count : stop(`--${name} ${text} is no count\n${USAGE}`, 2);
}
