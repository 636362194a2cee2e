/** Runs requests on threads, or in child processes that threads supervise. */
import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ERROR_CODES, type ErrorData, HostbundleError, toError } from "../../shared/errors.ts";
import { type Isolation, PROCESS_LIMITS } from "../../shared/limits.ts";
import type { InstanceRequest, LinkPlan, RunOutcome, RunRequest } from "../../shared/protocol.ts";
import { NO_GRANTS, type SandboxGrants, type SandboxMode } from "../../shared/sandbox.ts";
import type { ChildOptions, PlanClaims, WorkerTask } from "../../shared/task.ts";
import { CHILD_FILE, SUPERVISOR_FILE, WORKER_FILE } from "../installation.ts";
import { onAbort } from "../on-abort.ts";
import { claimSlots, claimsFor } from "./claims.ts";
import { RestartPolicy } from "./restart-policy.ts";
import type { SessionThread } from "./session.ts";
import { RunStop } from "./stop.ts";
import { Threads, type ThreadsOptions } from "./threads.ts";

/** A process that has one run. */
export interface OwnProcess {
  /** Where V8 keeps the compiled code of our own files; absent: nowhere. */
  readonly codeFolder: string | undefined;
}

export interface RunPoolOptions {
  /** Runs at once, of either isolation. */
  readonly concurrency: number;
  /** Default: `process` for a run with native libraries, else `thread`. */
  readonly isolation?: Isolation;
  /** JavaScript heap of a thread or a child, in MiB; default: Node's own limit. Does not count a guest's memory. */
  readonly heapLimitMib?: number;
  /** The worker's module; default: the built one. */
  readonly workerFile?: string;
  readonly children?: ChildPolicy;
  /** How child processes are restricted; default: `best-effort`. */
  readonly sandbox?: SandboxMode;
  /** Sessions at once, besides runs: each has a thread of its own; default: 16. */
  readonly maxSessions?: number;
  /** For a process of one run: nothing is made ready for a next one, and the thread ends with the process. */
  readonly single?: OwnProcess;
}

/** How child processes are kept. */
export interface ChildPolicy {
  /** Children that each thread keeps ready beside the one in use, so that a crash costs milliseconds; default: 1. */
  readonly spares?: number;
  /** A child is replaced after this many runs; default: 10,000. */
  readonly maxRuns?: number;
  /** A child whose resident memory has grown by more than this since its first run is replaced; default: 512 MiB. */
  readonly maxGrowthBytes?: number;
  /** What libraries may do besides working on the files of their bundles and configs. Paths are absolute. */
  readonly grants?: Partial<SandboxGrants>;
  /** Environment variables that libraries see besides the few that every child gets. */
  readonly env?: Readonly<Record<string, string>>;
}

const DEFAULT_MAX_SESSIONS = 16;
const DEFAULT_MAX_RUNS = 10_000;
const DEFAULT_MAX_GROWTH_BYTES = 512 * 2 ** 20;

export class RunPool {
  readonly #options: RunPoolOptions;
  readonly #threads: Threads;
  readonly #supervisors: Threads;
  readonly #sessionThreads: Threads;
  readonly #sessionSupervisors: Threads;
  readonly #maxSessions: number;
  #sessions = 0;
  readonly #running = new Set<RunStop>();
  readonly #restarts = new RestartPolicy();
  #hasLibraries = false;
  /** Of threads, which may be ended before they have tidied up. */
  readonly #scratchFolder = join(tmpdir(), `hostbundle-${randomUUID()}`);

  constructor(options: RunPoolOptions) {
    this.#options = options;
    const { concurrency, single, heapLimitMib } = options;
    const code = single?.codeFolder === undefined ? {} : { codeFolder: single.codeFolder };
    const threads: ThreadsOptions = {
      concurrency,
      file: options.workerFile ?? WORKER_FILE,
      setup: { claims: claimSlots, scratchFolder: this.#scratchFolder, ...code },
      ...(heapLimitMib === undefined ? {} : { heapLimitMib }),
      // Waiting for a next task costs its thread 3 ms (streams that Piscina flushes first).
      isResponsive: single !== undefined,
      isLeft: single !== undefined,
    };
    const children = childOptions(options);
    const supervisors: ThreadsOptions = {
      concurrency,
      file: SUPERVISOR_FILE,
      setup: { ...threads.setup, children },
      // It hears of children that end while nothing runs.
      isResponsive: true,
      isLeft: single !== undefined,
    };
    this.#threads = new Threads(threads);
    this.#supervisors = new Threads(supervisors);
    // Apart from those of runs, which would wait for sessions to end.
    this.#maxSessions = options.maxSessions ?? DEFAULT_MAX_SESSIONS;
    const sessions = { concurrency: this.#maxSessions, isResponsive: true };
    this.#sessionThreads = new Threads({ ...threads, ...sessions });
    const setup = { ...supervisors.setup, children: { ...children, spares: 0 } };
    this.#sessionSupervisors = new Threads({ ...supervisors, ...sessions, setup });
  }

  /** Runs a request when there is a thread for it. Never rejects. */
  async run(request: RunRequest, signal?: AbortSignal): Promise<RunOutcome> {
    const isolation = this.#options.isolation ?? defaultIsolation(request);
    const refusal = this.#refusal(request, isolation);
    if (refusal !== undefined) return { status: "error", error: refusal, durationMs: 0 };
    const { timeoutMs } = request.limits;
    // A run on a thread that nobody will end needs no ticket.
    if (isolation === "thread" && timeoutMs === undefined && signal === undefined) {
      return complete(await this.#threads.run(this.#task(request)));
    }
    const { libraries } = request.plan;
    const stop = new RunStop(isolation, timeoutMs);
    const stopWaiting = onAbort(signal, () => {
      stop.cancel("the run was cancelled");
    });
    this.#running.add(stop);
    try {
      const threads = isolation === "thread" ? this.#threads : this.#supervisors;
      const task = { ...this.#task(request), ticket: stop.ticket };
      const ended = threads.run(task, stop.threadSignal);
      const outcome = await Promise.race([stop.stopped, ended.then((one) => one ?? stop.stopped)]);
      this.#restarts.note(libraries, outcome);
      return outcome;
    } finally {
      this.#running.delete(stop);
      stopWaiting();
      stop.release();
    }
  }

  /** Gives a session a thread of its own. Throws USAGE where there are too many, or why its libraries are not to be opened now. */
  async open(request: InstanceRequest): Promise<SessionThread> {
    if (this.#sessions >= this.#maxSessions) {
      throw new HostbundleError(
        "USAGE",
        `${this.#sessions} sessions are open, and there may be no more at once`,
        { help: "close one of them, or allow more: maxSessions" },
      );
    }
    const { libraries } = request.plan;
    const isolation = this.#options.isolation ?? defaultIsolation(request);
    const refusal = this.#refusal(request, isolation);
    if (refusal !== undefined) throw toError(refusal);
    this.#sessions += 1;
    const { openSession } = await import("./session.ts");
    const threads = isolation === "thread" ? this.#sessionThreads : this.#sessionSupervisors;
    const opened = openSession(request, this.#claims(request.plan), isolation, (task, signal) =>
      threads.run(task, signal),
    );
    void opened.ended.then((outcome) => {
      this.#sessions -= 1;
      this.#restarts.note(libraries, outcome);
    });
    return opened;
  }

  /** Starts what a first run of this isolation needs; does not wait for it. */
  warm(isolation: Isolation): Promise<void> {
    return (isolation === "thread" ? this.#threads : this.#supervisors).warm();
  }

  /** Ends the libraries (`hostbundle_deinit`), then children and threads. Runs that have not ended are cancelled. */
  async close(): Promise<void> {
    // Those on threads end with their threads.
    for (const stop of this.#running)
      if (stop.threadSignal === undefined) stop.cancel("the host was closed during the run");
    await Promise.all([
      this.#threads.close(this.#hasLibraries),
      this.#supervisors.close(true),
      this.#sessionThreads.close(this.#hasLibraries),
      this.#sessionSupervisors.close(true),
    ]);
    rmSync(this.#scratchFolder, { recursive: true, force: true });
  }

  /** Whether native code still runs on a thread that was ended, this time later. */
  isStuck(waitMs: number): Promise<boolean> {
    return this.#threads.isStuck(waitMs);
  }

  /** Why there can be no such instance now. */
  #refusal({ plan, limits }: InstanceRequest, isolation: Isolation): ErrorData | undefined {
    if (isolation === "process") return this.#restarts.refusal(plan.libraries);
    if (this.#options.sandbox === "required" && isNative(plan)) return unprotected();
    const needsProcess = PROCESS_LIMITS.find((name) => limits[name] !== undefined);
    return needsProcess === undefined ? undefined : beyondThreads(needsProcess);
  }

  #task(request: RunRequest): Extract<WorkerTask, { kind: "run" }> {
    return { kind: "run", request, ...this.#claims(request.plan) };
  }

  #claims(plan: LinkPlan): PlanClaims {
    this.#hasLibraries ||= plan.adapters.length > 0 || plan.libraries.some(({ hasDeinit }) => hasDeinit);
    return claimsFor(plan);
  }
}

/** Isolation follows trust: a native library can do anything to the process that it is in. */
function defaultIsolation({ plan, limits }: InstanceRequest): Isolation {
  const isLimited = PROCESS_LIMITS.some((name) => limits[name] !== undefined);
  return isNative(plan) || isLimited ? "process" : "thread";
}

const PROCESS_LIMIT_FLAGS = {
  nativeBytes: "--max-native-memory",
  cpuMs: "--max-cpu",
  openFiles: "--max-open-files",
} as const;

function beyondThreads(limit: (typeof PROCESS_LIMITS)[number]): ErrorData {
  return {
    code: "USAGE",
    fault: ERROR_CODES.USAGE.fault,
    message: `a thread cannot be held to the limit ${limit} (${PROCESS_LIMIT_FLAGS[limit]})`,
    help: 'isolate the run in a process: isolation: "process" (--isolation process)',
  };
}

function isNative({ libraries, adapters }: LinkPlan): boolean {
  return libraries.length > 0 || adapters.some(({ library }) => library !== undefined);
}

/** A thread has the rights of the process that it is in. */
function unprotected(): ErrorData {
  return {
    code: "USAGE",
    fault: ERROR_CODES.USAGE.fault,
    message: "the sandbox is required, and a run with a native library on a thread has none",
    help: "leave out --isolation=thread (isolation), or --sandbox",
  };
}

function childOptions({
  children = {},
  heapLimitMib,
  sandbox = "best-effort",
  single,
}: RunPoolOptions): ChildOptions {
  const {
    spares = single === undefined ? 1 : 0,
    maxRuns = DEFAULT_MAX_RUNS,
    maxGrowthBytes = DEFAULT_MAX_GROWTH_BYTES,
    grants = {},
    env = {},
  } = children;
  return {
    file: CHILD_FILE,
    setup: {
      sandbox: { mode: sandbox, ...NO_GRANTS, ...grants },
      ...(single?.codeFolder === undefined ? {} : { codeFolder: single.codeFolder }),
    },
    ...(heapLimitMib === undefined ? {} : { heapLimitMib }),
    env,
    spares,
    maxRuns,
    maxGrowthBytes,
  };
}

function complete(outcome: RunOutcome | undefined): RunOutcome {
  if (outcome !== undefined) return outcome;
  const { fault } = ERROR_CODES.INTERNAL;
  return {
    status: "error",
    error: { code: "INTERNAL", fault, message: "the thread gave no outcome" },
    durationMs: 0,
  };
}
