/** Sessions: one living instance of a component, called as often as its user likes, one call after the other. */
import { ERROR_CODES, type ErrorCode, type ErrorData, type ReachedLimit, toError } from "../shared/errors.ts";
import type { Call, RunOutcome } from "../shared/protocol.ts";
import type { Value } from "../shared/value/types.ts";
import { CallCancellation } from "./call-cancellation.ts";
import type { CallOptions } from "./call.ts";
import { checkMilliseconds } from "./limits.ts";
import { onAbort } from "./on-abort.ts";
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
 * first error that the guest, a library or a limit is the reason of ends the session, an exit of the guest with whatever code too:
 * calls that wait, and all later ones, end in that same error, its message saying that the session is over.
 *
 * What crosses are values. A function that deals in resources cannot be called, as in a run: no handle leaves the instance.
 */
export interface Session extends AsyncDisposable {
  /** Why the session is over, CANCELLED where it was closed; absent while it lives. */
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
  run(options?: SessionCallOptions): Promise<RunOutcome>;
  /**
   * Ends the instance and frees what it holds; calls that have not ended are cancelled. Gives what the session has ended with, which
   * is never thrown: `ok` where nothing was wrong, with what the guest's and the libraries' destructors wrote.
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

/** How long the end of an instance may take: destructors are the library's. */
const CLOSE_TIMEOUT_MS = 2000;

type Failed = Extract<RunOutcome, { readonly status: "error" }>;

export class LiveSession implements Session {
  readonly #thread: SessionThread;
  readonly #options: SessionOptions;
  /** Resolves when all calls that were made have ended. */
  #last: Promise<unknown> = Promise.resolve();
  /** Calls that have not ended. */
  #calls = 0;
  /** There is an instance. */
  #isOpen = false;
  /** When the thread was asked what it has not answered; absent: it waits. */
  #askedMs: number | undefined;
  #idle: NodeJS.Timeout | undefined;
  #failure: Failed | undefined;
  /** Ends the wait for an answer: the thread will not give it. */
  #giveUp: ((outcome: Failed) => void) | undefined;
  #closed: Promise<RunOutcome> | undefined;

  constructor(thread: SessionThread, options: SessionOptions) {
    this.#thread = thread;
    this.#options = options;
    const stopWaiting = onAbort(options.signal, () => void this.end("the session was cancelled"));
    void thread.ended.then((outcome) => {
      stopWaiting();
      // A session that is well ends only when it is told to.
      this.#fail(outcome.status === "error" ? outcome : failed("CANCELLED", "the session was closed", 0));
    });
  }

  get failure(): ErrorData | undefined {
    return this.#failure?.error;
  }

  /** Makes the instance. Throws what the session has ended with where there comes to be none. */
  async open(): Promise<void> {
    const { server } = this.#thread;
    // Waiting for a thread and a process takes no time of the session's.
    await this.#answer(() => server.ready());
    const opened = await this.#ask("making the instance", () => server.open(), this.#options.timeoutMs);
    if (opened.status === "error") {
      await this.#thread.ended;
      throw toError(opened.error);
    }
    this.#isOpen = true;
    this.#restIfIdle();
  }

  async call(name: string, ...args: readonly unknown[]): Promise<Value | undefined> {
    const outcome = await this.run({ export: name, args });
    if (outcome.status === "ok") return outcome.value;
    throw toError(outcome.error);
  }

  async run({ timeoutMs, signal, ...options }: SessionCallOptions = {}): Promise<RunOutcome> {
    checkMilliseconds("timeoutMs", timeoutMs);
    clearTimeout(this.#idle);
    this.#calls += 1;
    const before = this.#last;
    const cancellation = new CallCancellation(signal);
    const ended = this.#take(before, options, timeoutMs ?? this.#options.timeoutMs, cancellation);
    // Arguments that don't fit are known before those before them have ended.
    this.#last = ended.catch(() => undefined).then(() => before);
    return cancellation.early === undefined
      ? ended
      : Promise.race([ended, cancellation.early.then(cancelledEarly)]);
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
    const isWell = this.#failure === undefined;
    const isIdle = this.#isOpen && this.#askedMs === undefined;
    const failure = this.#fail(failed("CANCELLED", message, this.#elapsedMs()));
    if (isWell && isIdle) return this.#endInstance();
    if (isWell) this.#thread.stop(message);
    await this.#thread.ended;
    return failure;
  }

  async #endInstance(): Promise<RunOutcome> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, CLOSE_TIMEOUT_MS, undefined);
    });
    // Whether it has answered is not asked: its thread's end is what counts.
    this.#thread.server.close().catch(() => undefined);
    const ended = await Promise.race([this.#thread.ended, late]);
    clearTimeout(timer);
    if (ended !== undefined) return ended;
    const message = `ending the instance took longer than ${CLOSE_TIMEOUT_MS} ms`;
    this.#thread.stop(message);
    await this.#thread.ended;
    return failed("TIMEOUT", message, CLOSE_TIMEOUT_MS);
  }

  /** One call, when its turn has come. */
  async #take(
    before: Promise<unknown>,
    options: CallOptions,
    timeoutMs: number | undefined,
    cancellation: CallCancellation,
  ): Promise<RunOutcome> {
    try {
      const call = await this.#options.resolveCall(options);
      await before;
      if (this.#failure !== undefined) return over(this.#failure.error);
      const interrupt = (): void => {
        this.#interrupt("CANCELLED", "the call was cancelled");
      };
      if (!cancellation.begin(interrupt)) return cancelledEarly();
      return await this.#ask("the call", () => this.#thread.server.call(call), timeoutMs);
    } finally {
      cancellation.release();
      this.#calls -= 1;
      this.#restIfIdle();
    }
  }

  /** The outcome of what the thread is asked to do with the instance. An error is the session's end. */
  async #ask(
    subject: string,
    ask: () => Promise<RunOutcome>,
    timeoutMs: number | undefined,
  ): Promise<RunOutcome> {
    const expire = (max: number): void => {
      const limit = { name: "timeoutMs", max } as const;
      this.#interrupt("TIMEOUT", `${subject} took longer than ${max} ms`, limit);
    };
    const timer = timeoutMs === undefined ? undefined : setTimeout(expire, timeoutMs, timeoutMs);
    const outcome = await this.#answer(ask);
    clearTimeout(timer);
    if (outcome.status === "error") this.#fail(outcome);
    return outcome;
  }

  /**
   * What the thread answers; where the session ends first, what it has ended with. A promise of its own for each question: one that
   * all of them waited for would keep them until the session's end.
   */
  async #answer<Answer>(ask: () => Promise<Answer>): Promise<Answer | Failed> {
    if (this.#failure !== undefined) return this.#failure;
    this.#askedMs = performance.now();
    try {
      return await new Promise<Answer | Failed>((resolve, reject) => {
        this.#giveUp = resolve;
        ask().then(resolve, reject);
      });
    } catch (error) {
      return this.#interrupt("INTERNAL", `the thread of the session cannot answer: ${String(error)}`);
    } finally {
      this.#askedMs = undefined;
      this.#giveUp = undefined;
    }
  }

  /** Ends the session in the middle of a call: an instance that was cut short is none any more. */
  #interrupt(code: ErrorCode, message: string, limit?: ReachedLimit): Failed {
    const failure = this.#fail(failed(code, message, this.#elapsedMs(), limit));
    this.#thread.stop(message);
    return failure;
  }

  /** The session is over. Gives why: the first reason. */
  #fail(outcome: Failed): Failed {
    this.#failure ??= outcome;
    clearTimeout(this.#idle);
    this.#giveUp?.(this.#failure);
    return this.#failure;
  }

  #elapsedMs(): number {
    return this.#askedMs === undefined ? 0 : performance.now() - this.#askedMs;
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

function failed(code: ErrorCode, message: string, durationMs: number, limit?: ReachedLimit): Failed {
  const { fault } = ERROR_CODES[code];
  const error: ErrorData = { code, fault, message, ...(limit === undefined ? {} : { limit }) };
  return { status: "error", error, durationMs };
}

function cancelledEarly(): Failed {
  return failed("CANCELLED", "the call was cancelled before it began", 0);
}

/** Of a call to a session that has ended without it. */
function over(error: ErrorData): Failed {
  return {
    status: "error",
    error: { ...error, message: `the session is over: ${error.message}` },
    durationMs: 0,
  };
}
