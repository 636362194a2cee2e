/** What a pool thread runs. Piscina calls the default export once per task. */
import { setFlagsFromString } from "node:v8";
import { workerData } from "node:worker_threads";
import type { RunOutcome } from "../shared/protocol.ts";
import type { ThreadSetup, WorkerTask } from "../shared/task.ts";
import { closeLibraries, run } from "./run.ts";

// jco's modules read a variable on every call: in a worker that is a locked map behind a proxy, 190 ns
// each time. A plain object is also no window to the process's environment.
process.env = { ...process.env };

// SpiderMonkey and QuickJS guests use it; Node 20 has it behind this flag, later ones always.
if (Number.parseInt(process.versions.node, 10) < 22) setFlagsFromString("--experimental-wasm-extended-const");

// Whose fault an error is shows in its stack: the frames of the guest lie under ten or so of jco's.
Error.stackTraceLimit = 40;

/** A thread that waits for others gives up after this time: one of them may have died. */
const CLOSE_WAIT_MS = 2000;

// Only the pool starts this file, with a ThreadSetup.
const setup: ThreadSetup = workerData;
const slots = new Int32Array(setup.claims);

export default async function work(task: WorkerTask): Promise<RunOutcome | undefined> {
  switch (task.kind) {
    case "run":
      return run(task, slots);
    case "close":
      closeLibraries();
      waitForAll(new Int32Array(task.arrived), task.threads);
      return undefined;
  }
}

/** Blocks until all threads have come here, so that each takes one of these tasks. */
function waitForAll(arrived: Int32Array, threads: number): void {
  const deadlineMs = Date.now() + CLOSE_WAIT_MS;
  let seen = Atomics.add(arrived, 0, 1) + 1;
  Atomics.notify(arrived, 0);
  while (seen < threads && Date.now() < deadlineMs) {
    Atomics.wait(arrived, 0, seen, deadlineMs - Date.now());
    seen = Atomics.load(arrived, 0);
  }
}
