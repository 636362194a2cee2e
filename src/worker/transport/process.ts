/**
 * Runs in a child process, one at a time. A child keeps its libraries and compiled components from run to run. When one
 * dies or is killed, the run that it had ends in an outcome, and the next run finds another that is already up.
 */
import { ERROR_CODES, type ErrorCode, type ErrorData } from "../../shared/errors.ts";
import type { SandboxBundles } from "../../shared/child-protocol.ts";
import type { InstanceRequest, RunOutcome, RunRequest } from "../../shared/protocol.ts";
import type { ChildOptions } from "../../shared/task.ts";
import { Child, type ChildEnd } from "./child.ts";
import { crashReport } from "./crash-report.ts";
import { RunKinds } from "./kinds.ts";
import type { Transport } from "./types.ts";

/** A child that does not come up in this time never will. */
const START_TIMEOUT_MS = 20_000;
/** Children that end before they were given anything may have been killed from outside; more than these, and something is wrong. */
const START_ATTEMPTS = 4;
/** How long libraries may take to end. */
const CLOSE_TIMEOUT_MS = 2000;

const RESTOCK_DELAY_MS = 50;

export class ProcessTransport implements Transport {
  readonly #options: ChildOptions;
  readonly #kinds: RunKinds;
  #spares: Child[] = [];
  #current: Child | undefined;
  /** Children that are to end, until they have: what they hold open is not there for others. */
  #leaving: Promise<void> = Promise.resolve();
  #restocking: NodeJS.Timeout | undefined;
  /** The kind of the last run. */
  #lastKind: string | undefined;
  #lastId = 0;
  #isClosed = false;

  constructor(options: ChildOptions) {
    this.#options = options;
    this.#kinds = new RunKinds(options.setup.sandbox.mode);
  }

  /** Starts the first child; does not wait for it. */
  warm(): void {
    this.#current ??= new Child(this.#options);
  }

  async run(request: RunRequest, cancelled: Promise<unknown>): Promise<RunOutcome> {
    const startMs = performance.now();
    const elapsedMs = (): number => performance.now() - startMs;
    const stop: Stop = { reason: undefined };
    void cancelled.then(() => {
      stop.end?.("CANCELLED");
      stop.reason ??= "CANCELLED";
    });
    const child = await this.lease(request, stop);
    if (!(child instanceof Child)) return failed(child, elapsedMs());
    const beganMs = performance.now();
    stop.end = (reason) => {
      stop.reason ??= reason;
      child.kill();
    };
    // Cancelled since the child was ready.
    if (stop.reason !== undefined) stop.end(stop.reason);
    const { timeoutMs } = request.limits;
    const timer = timeoutMs === undefined ? undefined : setTimeout(() => stop.end?.("TIMEOUT"), timeoutMs);
    const answer = await child.call({ kind: "run", id: ++this.#lastId, request, ...this.bundlesFor(child) });
    clearTimeout(timer);
    stop.end = undefined;
    this.#restock(request, child.kind);
    if (answer.kind === "outcome") return answer.outcome;
    this.#current = undefined;
    if (stop.reason !== undefined) return failed(stopped(stop.reason, request), elapsedMs());
    if (answer.kind === "ready") return failed(startFailure(undefined), elapsedMs());
    const context = { what: "run", elapsedMs: performance.now() - beganMs, since: "the run began" } as const;
    return failed(crashReport(answer, request, context), elapsedMs());
  }

  /** A child for a session, which has it to itself until `lost` or its end. */
  async lease(request: InstanceRequest, stop: Stop): Promise<Child | ErrorData> {
    const child = await this.#ready(this.#kinds.kindOf(request), stop);
    if (child instanceof Child) return child;
    return stop.reason === undefined ? startFailure(child) : stopped("CANCELLED", request);
  }

  /** What the first question to a child says besides. */
  bundlesFor(child: Child): { readonly bundles?: SandboxBundles } {
    return child.runs === 0 ? { bundles: this.#kinds.bundles } : {};
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#restocking);
    for (const spare of this.#spares) spare.kill();
    this.#retire();
    await Promise.all([this.#leaving, ...this.#spares.map((spare) => spare.ended)]);
  }

  /** A child that is ready for such a run: the current one, a spare, or a new one. */
  async #ready(kind: string, stop: Stop): Promise<Child | ChildEnd | undefined> {
    const current = this.#current;
    // Another kind of run: this child has what the new one must not have.
    if (current !== undefined && (current.isWorn || (current.kind ?? kind) !== kind)) this.#retire();
    await this.#leaving;
    let end: ChildEnd | undefined;
    for (let attempt = 0; attempt < START_ATTEMPTS && stop.reason === undefined; attempt++) {
      const child = this.#take(kind);
      stop.end = () => {
        child.kill();
      };
      const timer = setTimeout(() => {
        child.kill();
      }, START_TIMEOUT_MS);
      await child.ready;
      clearTimeout(timer);
      stop.end = undefined;
      if (child.end === undefined && stop.reason === undefined) return child;
      end = child.end;
      this.#current = undefined;
    }
    return end;
  }

  #take(kind: string): Child {
    let child = this.#current;
    if (child === undefined || child.end !== undefined) child = this.#spare(kind) ?? new Child(this.#options);
    child.kind ??= kind;
    this.#current = child;
    return child;
  }

  /** A spare that is not for another kind of run. */
  #spare(kind: string): Child | undefined {
    const isFit = (spare: Child): boolean => spare.end === undefined && (spare.kind ?? kind) === kind;
    const index = this.#spares.findIndex(isFit);
    return index === -1 ? undefined : this.#spares.splice(index, 1)[0];
  }

  /** The current child ends, and the next run has another. */
  #retire(): void {
    this.#leaving = this.#current?.close(CLOSE_TIMEOUT_MS) ?? Promise.resolve();
    this.#current = undefined;
  }

  /** Later: starting a process takes this thread some milliseconds, which the next run should not wait for. */
  #restock(request: RunRequest, kind: string | undefined): void {
    const isSteady = this.#lastKind === kind;
    this.#lastKind = kind;
    // For a kind of run that has become rare.
    const isRare = (spare: Child): boolean => isSteady && (spare.kind ?? kind) !== kind;
    for (const spare of this.#spares.filter(isRare)) {
      spare.kill();
      this.#leaving = Promise.all([this.#leaving, spare.ended]).then(() => undefined);
    }
    this.#spares = this.#spares.filter((spare) => spare.end === undefined && !isRare(spare));
    if (this.#isClosed || this.#restocking !== undefined || this.#spares.length >= this.#options.spares)
      return;
    this.#restocking = setTimeout(() => {
      this.#restocking = undefined;
      const spare = new Child(this.#options);
      this.#spares.push(spare);
      // Where one run is like the other, they are this one's as well: what its sandbox takes is done before it is needed.
      if (isSteady) spare.kind = kind;
      const { bundles } = this.#kinds;
      void spare.ready.then(() => {
        spare.prepare(request, ...(isSteady ? [bundles] : []));
      });
      this.#restock(request, kind);
    }, RESTOCK_DELAY_MS);
  }
}

/** What ends a run, or a session, before its time. */
export interface Stop {
  reason: StopReason | undefined;
  end?: ((reason: StopReason) => void) | undefined;
}

type StopReason = Extract<ErrorCode, "TIMEOUT" | "CANCELLED">;

function failed(error: ErrorData, durationMs: number): RunOutcome {
  return { status: "error", error, durationMs };
}

function stopped(reason: StopReason, { limits }: InstanceRequest): ErrorData {
  const { fault } = ERROR_CODES[reason];
  const { timeoutMs } = limits;
  if (reason === "CANCELLED" || timeoutMs === undefined)
    return { code: reason, fault, message: "the run was cancelled" };
  const message = `the run took longer than ${timeoutMs} ms`;
  return { code: reason, fault, message, limit: { name: "timeoutMs", max: timeoutMs } };
}

function startFailure(end: ChildEnd | undefined): ErrorData {
  const why = end?.error ?? end?.stderr.at(-1) ?? "it does not say why";
  return {
    code: "INTERNAL",
    fault: ERROR_CODES.INTERNAL.fault,
    message: `no child process could be started: ${why}`,
  };
}
