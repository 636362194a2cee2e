/**
 * The threads of one kind of isolation: Piscina schedules, one run per thread at a time. A thread that dies costs its run
 * and nothing else.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { MessagePort, type Worker } from "node:worker_threads";
import type { Piscina } from "piscina";
import { ERROR_CODES, type ErrorCode } from "../../shared/errors.ts";
import { heapExhausted } from "../../shared/heap-limit.ts";
import type { RunOutcome } from "../../shared/protocol.ts";
import type { ThreadSetup, WorkerTask } from "../../shared/task.ts";

export interface ThreadsOptions {
  /** Threads at most. */
  readonly concurrency: number;
  /** What they run. */
  readonly file: string;
  readonly setup: ThreadSetup;
  /** JavaScript heap of a thread, in MiB; default: Node's own limit. */
  readonly heapLimitMib?: number;
  /** The event loop of an idle thread goes on. */
  readonly isResponsive: boolean;
  /** Threads need not be ended: the process ends with them. */
  readonly isLeft: boolean;
}

/** How long closing waits for libraries to end, in all. */
const CLOSE_TIMEOUT_MS = 5000;

type Pool = Piscina<WorkerTask, RunOutcome | undefined>;

export class Threads {
  readonly #options: ThreadsOptions;
  #pool: Promise<Pool> | undefined;
  #closed: Promise<void> | undefined;
  /** Threads that may have to be ended, until they have. */
  readonly #endable = new Map<Worker, Promise<void>>();

  constructor(options: ThreadsOptions) {
    this.#options = options;
  }

  /**
   * Has the next free thread do a task; the first call starts the first thread. Never rejects; gives nothing where the thread
   * had nothing to say. `signal` ends the thread.
   */
  async run(task: WorkerTask, signal?: AbortSignal): Promise<RunOutcome | undefined> {
    const transfer =
      task.kind === "session" && task.port instanceof MessagePort ? { transferList: [task.port] } : {};
    const startMs = performance.now();
    const failed = (code: ErrorCode, message: string): RunOutcome => ({
      status: "error",
      error: { code, fault: ERROR_CODES[code].fault, message },
      durationMs: performance.now() - startMs,
    });
    if (this.#closed !== undefined) return failed("CANCELLED", "the host was closed before the run began");
    const started = this.#start();
    try {
      const pool = await started;
      if (signal === undefined) return await pool.run(task, transfer);
      const outcome = pool.run(task, { ...transfer, signal });
      for (const thread of pool.threads) this.#follow(thread);
      return await outcome;
    } catch (error) {
      if (signal?.aborted === true) return undefined;
      if (this.#closed !== undefined) return failed("CANCELLED", "the host was closed during the run");
      await this.#replaceDead(started);
      if (hasCode(error, "ERR_WORKER_OUT_OF_MEMORY")) {
        const exhausted = heapExhausted(
          task.kind === "session" ? "session" : "run",
          "thread",
          this.#options.heapLimitMib,
        );
        return { status: "error", error: exhausted, durationMs: performance.now() - startMs };
      }
      return failed("INTERNAL", `the thread of the run ended: ${describe(error)}`);
    }
  }

  /** Starts the first thread, which takes longer than all that a warm run does before it needs one; does not wait for it. */
  async warm(): Promise<void> {
    // What is wrong with it is the first run's to say.
    await this.#start().catch(() => undefined);
  }

  /** Whether threads that were ended are still there after this time: native code cannot be stopped. */
  async isStuck(waitMs: number): Promise<boolean> {
    const pool = await this.#pool?.catch(() => undefined);
    const ending = [...this.#endable].filter(([thread]) => pool?.threads.includes(thread) !== true);
    if (ending.length === 0) return false;
    const timeout = new AbortController();
    const hasEnded = await Promise.race([
      Promise.all(ending.map(([, exit]) => exit)).then(() => true),
      sleep(waitMs, false, { signal: timeout.signal }).catch(() => false),
    ]);
    timeout.abort();
    return !hasEnded;
  }

  #follow(thread: Worker): void {
    if (this.#endable.has(thread)) return;
    const exit = new Promise<void>((resolve) => {
      thread.once("exit", () => {
        this.#endable.delete(thread);
        resolve();
      });
    });
    this.#endable.set(thread, exit);
  }

  #start(): Promise<Pool> {
    if (this.#pool !== undefined) return this.#pool;
    const started = startPool(this.#options);
    this.#pool = started;
    started.then(
      // A thread died with no run in it.
      (pool) => pool.on("error", () => void this.#replaceDead(started)),
      () => undefined,
    );
    return started;
  }

  /**
   * After a thread that could not even start, Piscina starts no other and its queue waits for ever: what is
   * queued ends in an error, and the next run begins with new threads.
   */
  async #replaceDead(started: Promise<Pool>): Promise<void> {
    const pool = await started.catch(() => undefined);
    if (this.#pool !== started || (pool !== undefined && pool.threads.length > 0)) return;
    this.#pool = undefined;
    await pool?.destroy();
  }

  /** Ends the threads; `endsLibraries`: after each has ended its libraries or children. Tasks that have not ended are cancelled. */
  close(endsLibraries: boolean): Promise<void> {
    this.#closed ??= this.#close(endsLibraries);
    return this.#closed;
  }

  async #close(endsLibraries: boolean): Promise<void> {
    // Threads that failed to start have nothing to end.
    const pool = await this.#pool?.catch(() => undefined);
    if (pool === undefined) return;
    if (endsLibraries) await endLibraries(pool);
    if (!this.#options.isLeft) await pool.destroy();
  }
}

async function startPool(options: ThreadsOptions): Promise<Pool> {
  const { Piscina } = await import("piscina");
  return new Piscina<WorkerTask, RunOutcome | undefined>({
    filename: options.file,
    minThreads: 1,
    maxThreads: options.concurrency,
    // A thread keeps its libraries and compiled components: it is worth more than the memory it holds.
    idleTimeout: Infinity,
    ...(options.isResponsive ? { atomics: "disabled" as const } : {}),
    recordTiming: false,
    execArgv: [],
    ...(options.heapLimitMib === undefined
      ? {}
      : { resourceLimits: { maxOldGenerationSizeMb: options.heapLimitMib } }),
    workerData: options.setup,
  });
}

async function endLibraries(pool: Pool): Promise<void> {
  const count = pool.threads.length;
  const arrived = new SharedArrayBuffer(4);
  const tasks = Array.from({ length: count }, () => pool.run({ kind: "close", arrived, threads: count }));
  // A thread that died, or whose library fails or hangs at its end, is no reason not to end the others.
  const timeout = new AbortController();
  await Promise.race([
    Promise.allSettled(tasks),
    sleep(CLOSE_TIMEOUT_MS, undefined, { signal: timeout.signal }).catch(() => undefined),
  ]);
  timeout.abort();
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message.replaceAll(/\s*\n\s*/g, "; ") : String(error);
}
