/** What a pool thread runs where runs happen in child processes. It never loads native code of a bundle, nor a guest's. */
import { workerData } from "node:worker_threads";
import type { RunOutcome } from "../shared/protocol.ts";
import type { ThreadSetup, WorkerTask } from "../shared/task.ts";
import { waitForAll } from "./barrier.ts";
import { lazily } from "./lazy.ts";
import { hasRings } from "./sandbox/rings.ts";
import { beginRun, cancelled, endRun } from "./ticket.ts";
import { ProcessTransport } from "./transport/process.ts";

// Only the pool starts this file, with a ThreadSetup that has `children`.
const { children }: ThreadSetup = workerData;
if (children === undefined) throw new RangeError("a supervisor without children");
const sessionModules = lazily(() =>
  Promise.all([import("./session-server.ts"), import("./transport/session.ts")]),
);
const transport = new ProcessTransport(children);
const prepared = prepare(children.setup.sandbox.mode !== "off" && hasRings());

/** Starts the first child, without what its sandbox would refuse it later. */
async function prepare(isFiltered: boolean): Promise<void> {
  if (isFiltered) (await import("./sandbox/no-rings.ts")).startWithoutRings();
  transport.warm();
}

export default async function work(task: WorkerTask): Promise<RunOutcome | undefined> {
  await prepared;
  switch (task.kind) {
    case "run": {
      const { ticket, request } = task;
      if (ticket === undefined || !beginRun(ticket)) return undefined;
      try {
        return await transport.run(request, cancelled(ticket));
      } finally {
        endRun(ticket);
      }
    }
    case "session": {
      const { ticket, request, port } = task;
      if (!beginRun(ticket)) return undefined;
      try {
        const [{ serveSession }, { ProcessSession }] = await sessionModules();
        return await serveSession(new ProcessSession(transport, request, cancelled(ticket)), port);
      } finally {
        endRun(ticket);
      }
    }
    case "close":
      await transport.close();
      waitForAll(new Int32Array(task.arrived), task.threads);
      return undefined;
  }
}
