/** A session's thread: a task of the pool that lasts as long as the session, and the port through which it is spoken to. */
import { MessageChannel } from "node:worker_threads";
import { wrap } from "comlink";
import type { Isolation } from "../../shared/limits.ts";
import type { InstanceRequest, RunOutcome } from "../../shared/protocol.ts";
import type { SessionServer } from "../../shared/session.ts";
import type { PlanClaims, WorkerTask } from "../../shared/task.ts";
import { RunStop } from "./stop.ts";

export interface SessionThread {
  /** What serves the session. A call that it can no longer answer stays without answer: `ended` says why. */
  readonly server: SessionServer;
  /** What the session has ended with, once its thread has no part of it any more. Never rejects. */
  readonly ended: Promise<RunOutcome>;
  /** Ends it at once, whatever it is doing. On a thread, native code goes on until it returns. */
  stop(message: string): void;
}

/** `run`: does a task and gives its outcome; nothing where it was stopped. */
export function openSession(
  request: InstanceRequest,
  claims: PlanClaims,
  isolation: Isolation,
  run: (task: WorkerTask, signal: AbortSignal | undefined) => Promise<RunOutcome | undefined>,
): SessionThread {
  const { port1: port, port2 } = new MessageChannel();
  const stop = new RunStop(isolation, undefined);
  const task: WorkerTask = { kind: "session", request, ...claims, ticket: stop.ticket, port: port2 };
  const done = run(task, stop.threadSignal).then((outcome) => outcome ?? stop.stopped);
  const ended = Promise.race([stop.stopped, done]).finally(() => {
    stop.release();
    port.close();
  });
  return {
    server: wrap<SessionServer>(port),
    ended,
    stop: (message) => {
      stop.cancel(message);
    },
  };
}
