/** How a run gets to where it happens. */
import type { RunOutcome, RunRequest } from "../../shared/protocol.ts";

/** One run at a time. */
export interface Transport {
  /** Exactly one outcome, whatever happens. `cancelled` resolves when the run is to end at once. */
  run(request: RunRequest, cancelled: Promise<unknown>): Promise<RunOutcome>;
  /** Ends the libraries, and what was started. */
  close(): Promise<void>;
}
