/**
 * An outcome on its way to the host: a result that takes more memory than the host may have is none. A guest's lists are larger here than in
 * its own memory, and V8 ends the whole process where it cannot make one.
 */
import { HostbundleError } from "../shared/errors.ts";
import type { RunOutcome } from "../shared/protocol.ts";
import { failed } from "./outcome.ts";
import type { SessionBody } from "./session-server.ts";
import { BadReply, measureReply } from "./transport/replies.ts";

/** The same outcome, or OUTPUT_LIMIT instead of it. */
export function handedOn(outcome: RunOutcome): RunOutcome {
  if (outcome.status !== "ok" || typeof outcome.value !== "object") return outcome;
  try {
    measureReply(outcome.value);
    return outcome;
  } catch (error) {
    if (!(error instanceof BadReply)) throw error;
    return tooLarge(error, outcome);
  }
}

/** A session whose outcomes are. */
export function handingOn(body: SessionBody): SessionBody {
  return {
    open: () => body.open(),
    call: async (call) => handedOn(await body.call(call)),
    close: () => body.close(),
  };
}

/** What a run ends with whose outcome is too large. */
export function tooLarge({ message }: BadReply, { durationMs }: RunOutcome): RunOutcome {
  const error = new HostbundleError(
    "OUTPUT_LIMIT",
    `what the run ended with cannot be handed on: ${message}`,
    { help: "let it write to a file or to standard output, or return it in parts" },
  );
  return { ...failed(error), durationMs };
}
