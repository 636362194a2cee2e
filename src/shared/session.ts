/**
 * What a session's thread serves to the main thread, by Comlink over a port. One call at a time: who calls waits for the answer
 * before the next one.
 */
import type { Call, RunOutcome } from "./protocol.ts";

export interface SessionServer {
  /** Resolves when there is a place for the instance: from here on time counts. */
  ready(): Promise<void>;
  /** Makes the instance. */
  open(): Promise<RunOutcome>;
  /** Its outcome, with what the guest wrote since the last one. An error ends the session, whose task then ends with the same. */
  call(call: Call): Promise<RunOutcome>;
  /** Ends the instance, and with it the task. */
  close(): Promise<void>;
}
