/** Ends a run before its time: cancelled by its caller, or past its deadline. */
import { ERROR_CODES, type ErrorCode, type ReachedLimit } from "../../shared/errors.ts";
import type { Isolation } from "../../shared/limits.ts";
import type { RunOutcome } from "../../shared/protocol.ts";
import { TICKET, TICKET_BYTES, type Ticket } from "../../shared/task.ts";

type StopReason = Extract<ErrorCode, "TIMEOUT" | "CANCELLED">;

/**
 * The pool's hold on one run. A run in a child process is ended by its supervisor, which is told by the ticket. A run on a thread
 * cannot be told anything: its thread is ended, which stops JavaScript and WebAssembly, and not native code.
 */
export class RunStop {
  readonly ticket: Ticket = new SharedArrayBuffer(TICKET_BYTES);
  /** Ends the thread. */
  readonly threadSignal: AbortSignal | undefined;
  /** Resolves where the run is ended here, rather than by whoever has it. */
  readonly stopped: Promise<RunOutcome>;
  readonly #state = new Int32Array(this.ticket, 0, 1);
  readonly #began = new Float64Array(this.ticket, 8, 1);
  readonly #startMs = performance.now();
  readonly #thread = new AbortController();
  #resolve: (outcome: RunOutcome) => void = () => undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(isolation: Isolation, timeoutMs: number | undefined) {
    this.stopped = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    if (isolation === "process") return;
    this.threadSignal = this.#thread.signal;
    if (timeoutMs !== undefined) this.#watch(timeoutMs, timeoutMs);
  }

  cancel(message: string): void {
    this.#end("CANCELLED", message);
  }

  /** The run has an outcome. */
  release(): void {
    clearTimeout(this.#timer);
  }

  #end(reason: StopReason, message: string, limit?: ReachedLimit): void {
    const before = Atomics.compareExchange(this.#state, 0, TICKET.queued, TICKET.cancelled);
    if (before === TICKET.running && this.threadSignal === undefined) {
      // The supervisor says how it ended.
      Atomics.compareExchange(this.#state, 0, TICKET.running, TICKET.cancelled);
      Atomics.notify(this.#state, 0);
      return;
    }
    this.#thread.abort();
    this.#resolve({
      status: "error",
      error: {
        code: reason,
        fault: ERROR_CODES[reason].fault,
        message,
        ...(limit === undefined ? {} : { limit }),
      },
      durationMs: performance.now() - this.#startMs,
    });
  }

  /** Looks again when the time of a run that has begun is over; what waits in the queue has not begun. */
  #watch(timeoutMs: number, delayMs: number): void {
    this.#timer = setTimeout(() => {
      const hasBegun = Atomics.load(this.#state, 0) === TICKET.running;
      const leftMs = hasBegun ? (this.#began[0] ?? 0) + timeoutMs - Date.now() : timeoutMs;
      if (leftMs > 0) this.#watch(timeoutMs, leftMs);
      else {
        const limit = { name: "timeoutMs", max: timeoutMs } as const;
        this.#end("TIMEOUT", `the run took longer than ${timeoutMs} ms`, limit);
      }
    }, delayMs);
  }
}
