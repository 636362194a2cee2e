/** Sessions: one living instance of a component, called as often as its user likes, one call after the other. */
import { setTimeout as sleep } from "node:timers/promises";
import { ERROR_CODES, type ErrorCode, type ErrorData, type ReachedLimit, toError } from "../shared/errors.ts";
import type { Call, RunOutcome } from "../shared/protocol.ts";
import type { Value } from "../shared/value/types.ts";
import type { CallOptions } from "./call.ts";
import { checkMilliseconds } from "./limits.ts";
import type { SessionThread } from "./pool/session.ts";

/** One call of a session. */
export interface SessionCallOptions extends CallOptions {
  /** Over the session's `limits.timeoutMs`. From when the call begins; one that is cut short ends the session. */
  readonly timeoutMs?: number;
  /** Ends the call with CANCELLED: at once, and the session with it, where it has begun; without harm where it waits for others. */
  readonly signal?: AbortSignal;
}

/**
 * A living instance. Calls may be made at any time; they happen one after the other, in the order in which they were made. The
 * first error that the guest, a library or a limit is the reason of ends the session: calls that wait, and all later ones, end in
 * that same error.
 */
export interface Session extends AsyncDisposable {
  /** Why the session is over; absent while it lives. */
  readonly failure: ErrorData | undefined;
  /**
   * Calls a function by its name (as `CallOptions.export`) and gives its value, nothing where it has none; a `result` is a value
   * whichever side it is. Rejects with a HostbundleError: ARGUMENT_INVALID leaves the session as it is, everything else ends it.
   */
  call(name: string, ...args: readonly unknown[]): Promise<Value | undefined>;
  /**
   * The same with the outcome as data, as `Host.run` gives it: with what the guest wrote during the call (`output: "capture"`) and
   * the imports' accounts since the session was opened (`stats`). Throws USAGE or ARGUMENT_INVALID where the call does not fit.
   */
  run(options: SessionCallOptions): Promise<RunOutcome>;
  /**
   * Ends the instance and frees what it holds; calls that have not ended are cancelled. Gives what the session has ended with, which
   * is never thrown.
   */
  close(): Promise<RunOutcome>;
}

export interface SessionOptions {
  /** For each call, and for making the instance. */
  readonly timeoutMs: number | undefined;
  /** How long the session may live without a call. */
  readonly idleTimeoutMs: number | undefined;
  readonly signal: AbortSignal | undefined;
  /** Throws USAGE or ARGUMENT_INVALID. */
  readonly resolveCall: (options: CallOptions) => Promise<Call>;
}

/** How long the end of an instance may take: destructors are the guest's and the library's. */
const CLOSE_TIMEOUT_MS = 2000;

type Failed = Extract<RunOutcome, { readonly status: "error" }>;

export class LiveSession implements Session {
  readonly #thread: SessionThread;
  readonly #options: SessionOptions;
  /** Resolves when all calls that were made have ended. */
  #last: Promise<unknown> = Promise.resolve();
  /** Calls that have not ended. */
  #calls = 0;
  /** The thread has been asked something that it has not answered. */
  #isAsked = false;
  #idle: NodeJS.Timeout | undefined;
  #failure: Failed | undefined;
  /** Resolves when there is a failure. */
  readonly #failed: Promise<Failed>;
  #fail: (outcome: Failed) => void = () => undefined;
  #closed: Promise<RunOutcome> | undefined;

  constructor(thread: SessionThread, options: SessionOptions) {
    this.#thread = thread;
    this.#options = options;
    this.#failed = new Promise((resolve) => {
      this.#fail = (outcome) => {
        this.#failure ??= outcome;
        clearTimeout(this.#idle);
        resolve(this.#failure);
      };
    });
    const { signal } = options;
    const cancel = (): void => void this.end("the session was cancelled");
    void thread.ended.then((outcome) => {
      signal?.removeEventListener("abort", cancel);
      // A session that is well ends only when it is told to.
      this.#fail(outcome.status === "error" ? outcome : failed("CANCELLED", "the session was closed"));
    });
    signal?.addEventListener("abort", cancel);
    if (signal?.aborted === true) cancel();
  }

  get failure(): ErrorData | undefined {
    return this.#failure?.error;
  }

  /** Makes the instance. Throws what the session has ended with where there comes to be none. */
  async open(): Promise<void> {
    const { server } = this.#thread;
    this.#isAsked = true;
    const unready = await Promise.race([server.ready(), this.#failed]);
    const opened =
      unready ?? (await this.#ask("making the instance", () => server.open(), this.#options.timeoutMs));
    if (opened.status === "error") {
      await this.#thread.ended;
      throw toError(opened.error);
    }
    this.#restIfIdle();
  }

  async call(name: string, ...args: readonly unknown[]): Promise<Value | undefined> {
    const outcome = await this.run({ export: name, args });
    if (outcome.status === "ok") return outcome.value;
    throw toError(outcome.error);
  }

  async run({ timeoutMs, signal, ...options }: SessionCallOptions): Promise<RunOutcome> {
    checkMilliseconds("timeoutMs", timeoutMs);
    clearTimeout(this.#idle);
    this.#calls += 1;
    const before = this.#last;
    const cancellation = new Cancellation(signal);
    const ended = this.#take(before, options, timeoutMs ?? this.#options.timeoutMs, cancellation);
    // Arguments that don't fit are known before those before them have ended.
    this.#last = ended.catch(() => undefined).then(() => before);
    try {
      return await Promise.race([ended, cancellation.early]);
    } finally {
      cancellation.release();
    }
  }

  close(): Promise<RunOutcome> {
    return this.end("the session was closed");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Closes the session, for a reason. */
  end(message: string): Promise<RunOutcome> {
    this.#closed ??= this.#end(message);
    return this.#closed;
  }

  async #end(message: string): Promise<RunOutcome> {
    const isOver = this.#failure !== undefined;
    this.#fail(failed("CANCELLED", message));
    if (!isOver) {
      if (this.#isAsked) this.#thread.stop(message);
      else await this.#endInstance(message);
    }
    return this.#thread.ended;
  }

  async #endInstance(message: string): Promise<void> {
    const timeout = new AbortController();
    // Whether it has answered is not asked: its thread's end is what counts.
    this.#thread.server.close().catch(() => undefined);
    const isLate = await Promise.race([
      this.#thread.ended.then(() => false),
      sleep(CLOSE_TIMEOUT_MS, true, { signal: timeout.signal }).catch(() => false),
    ]);
    timeout.abort();
    if (isLate) this.#thread.stop(message);
  }

  /** One call, when its turn has come. */
  async #take(
    before: Promise<unknown>,
    options: CallOptions,
    timeoutMs: number | undefined,
    cancellation: Cancellation,
  ): Promise<RunOutcome> {
    try {
      const call = await this.#options.resolveCall(options);
      await before;
      if (this.#failure !== undefined) return over(this.#failure.error);
      const interrupt = (): void => {
        this.#interrupt("CANCELLED", "the call was cancelled");
      };
      if (!cancellation.begin(interrupt)) return failed("CANCELLED", CANCELLED_EARLY);
      return await this.#ask("the call", () => this.#thread.server.call(call), timeoutMs);
    } finally {
      this.#calls -= 1;
      this.#restIfIdle();
    }
  }

  /** What the thread answers; or why it does not. */
  async #ask(
    subject: string,
    ask: () => Promise<RunOutcome>,
    timeoutMs: number | undefined,
  ): Promise<RunOutcome> {
    const startMs = performance.now();
    const expire = (max: number): void => {
      const limit = { name: "timeoutMs", max } as const;
      this.#interrupt("TIMEOUT", `${subject} took longer than ${max} ms`, limit);
    };
    const timer = timeoutMs === undefined ? undefined : setTimeout(expire, timeoutMs, timeoutMs);
    this.#isAsked = true;
    try {
      const outcome = await Promise.race([ask(), this.#failed]);
      if (outcome.status === "error") this.#fail(outcome);
      // Those that were ended here lasted until now.
      return outcome.durationMs === 0 ? { ...outcome, durationMs: performance.now() - startMs } : outcome;
    } catch (error) {
      this.#interrupt("INTERNAL", `the thread of the session cannot answer: ${String(error)}`);
      return await this.#failed;
    } finally {
      this.#isAsked = false;
      clearTimeout(timer);
    }
  }

  /** Ends the session in the middle of a call: an instance that was cut short is none any more. */
  #interrupt(code: ErrorCode, message: string, limit?: ReachedLimit): void {
    this.#fail(failed(code, message, limit));
    this.#thread.stop(message);
  }

  #restIfIdle(): void {
    const { idleTimeoutMs } = this.#options;
    if (idleTimeoutMs === undefined || this.#calls > 0 || this.#failure !== undefined) return;
    clearTimeout(this.#idle);
    this.#idle = setTimeout(
      () => void this.end(`the session was closed after ${idleTimeoutMs} ms without a call`),
      idleTimeoutMs,
    );
  }
}

const CANCELLED_EARLY = "the call was cancelled before it began";

/** The signal of one call. */
class Cancellation {
  /** Resolves where the call is cancelled before it has begun. */
  readonly early: Promise<RunOutcome>;
  readonly #signal: AbortSignal | undefined;
  #cancel: () => void = () => undefined;
  #interrupt: (() => void) | undefined;

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
    this.early = new Promise((resolve) => {
      this.#cancel = () => {
        if (this.#interrupt === undefined) resolve(failed("CANCELLED", CANCELLED_EARLY));
        else this.#interrupt();
      };
    });
    signal?.addEventListener("abort", this.#cancel);
    if (signal?.aborted === true) this.#cancel();
  }

  /** From here on `interrupt` is what cancels the call; false where it was cancelled before. */
  begin(interrupt: () => void): boolean {
    this.#interrupt = interrupt;
    return this.#signal?.aborted !== true;
  }

  release(): void {
    this.#signal?.removeEventListener("abort", this.#cancel);
  }
}

function failed(code: ErrorCode, message: string, limit?: ReachedLimit): Failed {
  const { fault } = ERROR_CODES[code];
  const error: ErrorData = { code, fault, message, ...(limit === undefined ? {} : { limit }) };
  return { status: "error", error, durationMs: 0 };
}

/** Of a call to a session that has ended. */
function over(error: ErrorData): Failed {
  return {
    status: "error",
    error: { ...error, message: `the session is over: ${error.message}` },
    durationMs: 0,
  };
}
