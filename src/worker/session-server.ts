/** Serves a session to the main thread until it is over. */
import { expose } from "comlink";
import type { Call, RunOutcome } from "../shared/protocol.ts";
import type { SessionServer } from "../shared/session.ts";
import type { SessionPort } from "../shared/task.ts";

/** Where a session's instance is, and how it is called. One call at a time. */
export interface SessionBody {
  /** Resolves when the instance can be made. */
  readonly ready?: Promise<unknown>;
  open(): RunOutcome | Promise<RunOutcome>;
  call(call: Call): RunOutcome | Promise<RunOutcome>;
  close(): RunOutcome | Promise<RunOutcome>;
  /** Resolves where the session ends whether it is called or not. */
  readonly lost?: Promise<RunOutcome>;
}

/** Gives what the session has ended with: the error of its last call, or of its end. */
export async function serveSession(body: SessionBody, port: SessionPort): Promise<RunOutcome> {
  const outcome = await new Promise<RunOutcome>((end) => {
    const ending = (one: RunOutcome): RunOutcome => {
      if (one.status === "error") end(one);
      return one;
    };
    void body.lost?.then(end);
    const server: SessionServer = {
      ready: async () => void (await body.ready),
      open: async () => ending(await body.open()),
      call: async (call) => ending(await body.call(call)),
      close: async () => {
        end(await body.close());
      },
    };
    expose(server, port);
  });
  port.close();
  return outcome;
}
