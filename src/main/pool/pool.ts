/**
 * Runs on threads: Piscina schedules, one run per thread at a time. A thread that dies costs its run and
 * nothing else.
 */
import { fileURLToPath } from "node:url";
import type { Piscina } from "piscina";
import { ERROR_CODES, type ErrorCode } from "../../shared/errors.ts";
import type { RunOutcome, RunRequest } from "../../shared/protocol.ts";
import type { ThreadSetup, WorkerTask } from "../../shared/task.ts";
import { claimFor, claimSlots } from "./claims.ts";

export interface RunPoolOptions {
  /** Threads at most, which is runs at once. */
  readonly concurrency: number;
}

/** Workers run compiled JavaScript, also where this file itself is run as TypeScript. */
const WORKER_FILE = fileURLToPath(new URL("../../../dist/worker/entry.js", import.meta.url));

export class RunPool {
  readonly #concurrency: number;
  #threads: Promise<Piscina<WorkerTask, RunOutcome | undefined>> | undefined;
  #hasLibraries = false;
  #closed: Promise<void> | undefined;

  constructor(options: RunPoolOptions) {
    this.#concurrency = options.concurrency;
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
    this.#hasLibraries ||= request.plan.libraries.some((library) => library.hasDeinit);
    const claims = request.plan.libraries.map(claimFor);
    try {
      this.#threads ??= startThreads(this.#concurrency);
      const threads = await this.#threads;
      const outcome = await threads.run({ kind: "run", request, claims });
      return outcome ?? failed("INTERNAL", "the thread gave no outcome");
    } catch (error) {
      if (this.#closed !== undefined) return failed("CANCELLED", "the host was closed during the run");
      if (hasCode(error, "ERR_WORKER_OUT_OF_MEMORY")) {
        return failed("TRAP", "the run used up the JavaScript heap of its thread");
      }
      return failed("INTERNAL", `the thread of the run ended: ${describe(error)}`);
    }
  }

  /** Ends the libraries (`hostbundle_deinit`), then the threads. Runs that have not ended are cancelled. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const threads = await this.#threads;
    if (threads === undefined) return;
    if (this.#hasLibraries) await endLibraries(threads);
    await threads.destroy();
  }
}

async function startThreads(concurrency: number): Promise<Piscina<WorkerTask, RunOutcome | undefined>> {
  const { Piscina } = await import("piscina");
  const setup: ThreadSetup = { claims: claimSlots };
  const threads = new Piscina<WorkerTask, RunOutcome | undefined>({
    filename: WORKER_FILE,
    minThreads: 1,
    maxThreads: concurrency,
    // A thread keeps its libraries and compiled components: it is worth more than the memory it holds.
    idleTimeout: Infinity,
    execArgv: [],
    workerData: setup,
  });
  // A thread that dies with no run in it: the next run gets a new one.
  threads.on("error", () => undefined);
  return threads;
}

async function endLibraries(threads: Piscina<WorkerTask, RunOutcome | undefined>): Promise<void> {
  const count = threads.threads.length;
  const arrived = new SharedArrayBuffer(4);
  const tasks = Array.from({ length: count }, () => threads.run({ kind: "close", arrived, threads: count }));
  // A thread that died or whose library failed to end is no reason not to end the others.
  await Promise.allSettled(tasks);
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message.replaceAll(/\s*\n\s*/g, "; ") : String(error);
}
