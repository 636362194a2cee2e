/**
 * Runs on threads: Piscina schedules, one run per thread at a time. A thread that dies costs its run and
 * nothing else.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Piscina } from "piscina";
import { ERROR_CODES, type ErrorCode } from "../../shared/errors.ts";
import type { RunOutcome, RunRequest } from "../../shared/protocol.ts";
import type { ThreadSetup, WorkerTask } from "../../shared/task.ts";
import { WORKER_FILE } from "../installation.ts";
import { claimFor, claimSlots } from "./claims.ts";

/** A process that has one run. */
export interface OwnProcess {
  /** Where V8 keeps the compiled code of our own files; absent: nowhere. */
  readonly codeFolder: string | undefined;
}

export interface RunPoolOptions {
  /** Threads at most, which is runs at once. */
  readonly concurrency: number;
  /** JavaScript heap of a thread, in MiB; default: Node's own limit. Does not count a guest's memory. */
  readonly heapLimitMib?: number;
  /** The worker's module; default: the built one. */
  readonly workerFile?: string;
  /** For a process of one run: nothing is made ready for a next one, and the thread ends with the process. */
  readonly single?: OwnProcess;
}

/** How long closing waits for libraries to end, in all. */
const CLOSE_TIMEOUT_MS = 5000;

type Threads = Piscina<WorkerTask, RunOutcome | undefined>;

export class RunPool {
  readonly #options: RunPoolOptions;
  #threads: Promise<Threads> | undefined;
  #hasLibraries = false;
  #closed: Promise<void> | undefined;

  constructor(options: RunPoolOptions) {
    this.#options = options;
  }

  /** Runs a request on the next free thread; the first call starts the first thread. Never rejects. */
  async run(request: RunRequest): Promise<RunOutcome> {
    const startMs = performance.now();
    const failed = (code: ErrorCode, message: string): RunOutcome => ({
      status: "error",
      error: { code, fault: ERROR_CODES[code].fault, message },
      durationMs: performance.now() - startMs,
    });
    if (this.#closed !== undefined) return failed("CANCELLED", "the host was closed before the run began");
    this.#hasLibraries ||=
      request.plan.adapters.length > 0 || request.plan.libraries.some((library) => library.hasDeinit);
    const claims = request.plan.libraries.map(claimFor);
    const adapterClaims = request.plan.adapters.map((adapter) => {
      const { library } = adapter;
      return library === undefined ? {} : claimFor({ ...adapter, path: library });
    });
    const started = this.#start();
    try {
      const threads = await started;
      const outcome = await threads.run({ kind: "run", request, claims, adapterClaims });
      return outcome ?? failed("INTERNAL", "the thread gave no outcome");
    } catch (error) {
      if (this.#closed !== undefined) return failed("CANCELLED", "the host was closed during the run");
      await this.#replaceDead(started);
      if (hasCode(error, "ERR_WORKER_OUT_OF_MEMORY")) {
        return failed("TRAP", "the run used up the JavaScript heap of its thread");
      }
      return failed("INTERNAL", `the thread of the run ended: ${describe(error)}`);
    }
  }

  /** Starts the first thread, which takes longer than all that a warm run does before it needs one; does not wait for it. */
  async warm(): Promise<void> {
    // What is wrong with it is the first run's to say.
    await this.#start().catch(() => undefined);
  }

  #start(): Promise<Threads> {
    if (this.#threads !== undefined) return this.#threads;
    const started = startThreads(this.#options);
    this.#threads = started;
    started.then(
      // A thread died with no run in it.
      (threads) => threads.on("error", () => void this.#replaceDead(started)),
      () => undefined,
    );
    return started;
  }

  /**
   * After a thread that could not even start, Piscina starts no other and its queue waits for ever: what is
   * queued ends in an error, and the next run begins with new threads.
   */
  async #replaceDead(started: Promise<Threads>): Promise<void> {
    const threads = await started.catch(() => undefined);
    if (this.#threads !== started || (threads !== undefined && threads.threads.length > 0)) return;
    this.#threads = undefined;
    await threads?.destroy();
  }

  /** Ends the libraries (`hostbundle_deinit`), then the threads. Runs that have not ended are cancelled. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    // Threads that failed to start have nothing to end.
    const threads = await this.#threads?.catch(() => undefined);
    if (threads === undefined) return;
    if (this.#hasLibraries) await endLibraries(threads);
    if (this.#options.single === undefined) await threads.destroy();
  }
}

async function startThreads(options: RunPoolOptions): Promise<Threads> {
  const { Piscina } = await import("piscina");
  const { single } = options;
  const setup: ThreadSetup = {
    claims: claimSlots,
    ...(single?.codeFolder === undefined ? {} : { codeFolder: single.codeFolder }),
  };
  return new Piscina<WorkerTask, RunOutcome | undefined>({
    filename: options.workerFile ?? WORKER_FILE,
    minThreads: 1,
    maxThreads: options.concurrency,
    // A thread keeps its libraries and compiled components: it is worth more than the memory it holds.
    idleTimeout: Infinity,
    // Waiting for a next task costs its thread 3 ms (streams that Piscina flushes first).
    ...(single === undefined ? {} : { atomics: "disabled" as const }),
    recordTiming: false,
    execArgv: [],
    ...(options.heapLimitMib === undefined
      ? {}
      : { resourceLimits: { maxOldGenerationSizeMb: options.heapLimitMib } }),
    workerData: setup,
  });
}

async function endLibraries(threads: Threads): Promise<void> {
  const count = threads.threads.length;
  const arrived = new SharedArrayBuffer(4);
  const tasks = Array.from({ length: count }, () => threads.run({ kind: "close", arrived, threads: count }));
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
