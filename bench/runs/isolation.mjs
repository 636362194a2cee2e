/** The rows that compare a child process with a thread: a run, a host call, what comes after a crash and a deadline. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { componentEmbed, componentNew, parse } from "@bytecodealliance/jco-transpile/wasm-tools";
import { createHost } from "../../dist/main/index.js";
import { compileLibrary } from "../compiler.mjs";
import { sessionSamplers } from "./session.mjs";

const LIBRARY_WIT = "interface lib { add: func(a: u32, b: u32) -> u32; crash: func(); spin: func(); }";
const WIT = `package bench:guest;
  world guest {
    import bench:isolation/lib@1.0.0;
    export one: func() -> u32;
    export calls: func(count: u32) -> u32;
    export crash: func();
    export spin: func();
  }
  package bench:isolation@1.0.0 { ${LIBRARY_WIT} }`;
const WAT = `(module
  (import "bench:isolation/lib@1.0.0" "add" (func $add (param i32 i32) (result i32)))
  (import "bench:isolation/lib@1.0.0" "crash" (func $crash))
  (import "bench:isolation/lib@1.0.0" "spin" (func $spin))
  (func (export "one") (result i32) (call $add (i32.const 2) (i32.const 3)))
  (func (export "calls") (param $left i32) (result i32) (local $sum i32)
    (loop $again
      (local.set $sum (call $add (local.get $sum) (i32.const 1)))
      (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
    (local.get $sum))
  (func (export "crash") (call $crash))
  (func (export "spin") (call $spin)))`;

const IN_FLIGHT = 16;
const DEADLINE_MS = 50;
/** A spare is up by then, also on a busy machine. */
const SPARE_WAIT_MS = 400;

/** @typedef {{ host: import("../../dist/main/index.js").Host, component: import("../../dist/main/index.js").Component }} Opened */

/**
 * @param {string} folder
 * @param {string} cacheFolder
 * @returns {Promise<{ samplers: import("./rows.mjs").RunSamplers, close: () => Promise<void> }>}
 */
export async function isolationColumn(folder, cacheFolder) {
  const { bundle, guest } = await build(folder);
  const open = async (/** @type {"thread" | "process"} */ isolation, /** @type {number} */ concurrency) => {
    const host = await createHost({ bundles: [bundle], cacheFolder, isolation, concurrency });
    return { host, component: await host.load(guest) };
  };
  const thread = await open("thread", 1);
  const child = await open("process", 1);
  const children = await open("process", 2);
  // The children of these rows die: what comes after is new, and not warm.
  const mortal = await open("process", 1);
  return {
    samplers: {
      "isolation-thread": { sample: runs(thread, 1) },
      "isolation-process": { sample: runs(child, 1) },
      "isolation-process-16": { sample: runs(children, IN_FLIGHT) },
      "calls-thread": { sample: calls(thread) },
      "calls-process": { sample: calls(child) },
      ...(await sessionSamplers("thread", thread)),
      ...(await sessionSamplers("process", child)),
      "process-failover": { turns: 1, sample: () => failover(mortal) },
      "process-deadline": { turns: 1, sample: () => overrun(mortal) },
    },
    close: async () => {
      for (const { host } of [thread, child, children, mortal]) await host.close();
    },
  };
}

async function build(/** @type {string} */ folder) {
  const bundle = join(folder, "isolation_host");
  mkdirSync(bundle);
  compileLibrary(fileURLToPath(new URL("isolation.c", import.meta.url)), join(bundle, "libisolation.so"));
  writeFileSync(join(bundle, "lib.wit"), `package bench:isolation@1.0.0;\n${LIBRARY_WIT}\n`);
  writeFileSync(
    join(bundle, "host.toml"),
    '[host]\nname = "isolation"\nlib = "libisolation.so"\nwit = "lib.wit"\n',
  );
  const guest = join(folder, "isolation.wasm");
  const embedded = await componentEmbed({ binary: await parse(WAT), witSource: WIT, world: "guest" });
  writeFileSync(guest, await componentNew(embedded, []));
  return { bundle, guest };
}

/** Runs of one call, so many at a time. */
function runs(/** @type {Opened} */ opened, /** @type {number} */ inFlight) {
  return async (/** @type {number} */ count) => {
    const left = { count };
    const worker = async () => {
      for (; left.count > 0;) {
        left.count -= 1;
        await five(opened);
      }
    };
    const start = process.hrtime.bigint();
    await Promise.all(Array.from({ length: inFlight }, worker));
    return Number(process.hrtime.bigint() - start);
  };
}

async function five(/** @type {Opened} */ { host, component }) {
  const outcome = await host.run(component, { export: "one" });
  if (outcome.status !== "ok" || outcome.value !== 5)
    throw new Error(`a run ended in ${JSON.stringify(outcome)}`);
}

/** One run of so many calls, as its outcome says how long it took. */
function calls(/** @type {Opened} */ { host, component }) {
  return async (/** @type {number} */ count) => {
    const outcome = await host.run(component, { export: "calls", args: [count] });
    if (outcome.status !== "ok" || outcome.value !== count)
      throw new Error(`calls ended in ${JSON.stringify(outcome)}`);
    return outcome.durationMs * 1e6;
  };
}

/** From the outcome of a run that crashed to that of the next one, which finds a warm spare. */
async function failover(/** @type {Opened} */ opened) {
  await five(opened);
  await sleep(SPARE_WAIT_MS);
  const crash = await opened.host.run(opened.component, { export: "crash" });
  if (crash.status !== "error" || crash.error.signal !== "SIGSEGV")
    throw new Error(`a crash ended in ${JSON.stringify(crash)}`);
  const start = process.hrtime.bigint();
  await five(opened);
  return Number(process.hrtime.bigint() - start);
}

/** How long after its deadline a run ends that never returns from native code. */
async function overrun(/** @type {Opened} */ opened) {
  await five(opened);
  await sleep(SPARE_WAIT_MS);
  const start = process.hrtime.bigint();
  const outcome = await opened.host.run(opened.component, {
    export: "spin",
    limits: { timeoutMs: DEADLINE_MS },
  });
  const elapsedNs = Number(process.hrtime.bigint() - start);
  if (outcome.status !== "error" || outcome.error.code !== "TIMEOUT")
    throw new Error(`spinning ended in ${JSON.stringify(outcome)}`);
  return elapsedNs - DEADLINE_MS * 1e6;
}
