/** What a pool thread runs where runs happen on threads. Piscina calls the default export once per task. */
import { workerData } from "node:worker_threads";
import type { RunOutcome } from "../shared/protocol.ts";
import type { ThreadSetup, WorkerTask } from "../shared/task.ts";
import { waitForAll } from "./barrier.ts";
import { handedOn, handingOn } from "./hand-on.ts";
import { lazily } from "./lazy.ts";
import { copyInto } from "./native/private-copy.ts";
import { closeLibraries, run } from "./run.ts";
import { prepareRuntime } from "./runtime.ts";
import { beginRun } from "./ticket.ts";

const sessionModules = lazily(() => Promise.all([import("./session.ts"), import("./session-server.ts")]));

prepareRuntime();

// Only the pool starts this file, with a ThreadSetup.
const setup: ThreadSetup = workerData;
const slots = new Int32Array(setup.claims);
copyInto(setup.scratchFolder);

export default async function work(task: WorkerTask): Promise<RunOutcome | undefined> {
  switch (task.kind) {
    case "run":
      if (task.ticket !== undefined && !beginRun(task.ticket)) return undefined;
      return handedOn(await run(task, slots));
    case "session": {
      if (!beginRun(task.ticket)) return undefined;
      const [{ SessionInstance }, { serveSession }] = await sessionModules();
      return serveSession(handingOn(new SessionInstance(task, slots)), task.port);
    }
    case "close":
      closeLibraries();
      waitForAll(new Int32Array(task.arrived), task.threads);
      return undefined;
  }
}
