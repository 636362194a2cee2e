/** A session whose instance is in a child process: what it is asked is passed on, one question at a time. */
import { ERROR_CODES, type ErrorData } from "../../shared/errors.ts";
import type { ChildQuestion, SandboxBundles } from "../../shared/child-protocol.ts";
import type { Call, InstanceRequest, RunOutcome } from "../../shared/protocol.ts";
import type { SessionBody } from "../session-server.ts";
import { Child, type ChildEnd } from "./child.ts";
import { crashReport } from "./crash-report.ts";
import type { ProcessTransport, Stop } from "./process.ts";

type Step<Question> = Question extends unknown ? Omit<Question, "id"> : never;

export class ProcessSession implements SessionBody {
  readonly ready: Promise<void>;
  readonly lost: Promise<RunOutcome>;
  readonly #request: InstanceRequest;
  readonly #openedMs = performance.now();
  #hold: Hold | undefined;
  #bundles: { readonly bundles?: SandboxBundles } = {};
  #lastId = 0;
  /** When the call began that is under way. */
  #beganMs: number | undefined;
  #lose: (outcome: RunOutcome) => void = () => undefined;

  /** `cancelled` resolves when the session is to end at once. */
  constructor(transport: ProcessTransport, request: InstanceRequest, cancelled: Promise<unknown>) {
    this.#request = request;
    this.lost = new Promise((resolve) => {
      this.#lose = resolve;
    });
    const stop: Stop = { reason: undefined };
    void cancelled.then(() => {
      stop.reason ??= "CANCELLED";
      stop.end?.("CANCELLED");
    });
    this.ready = this.#take(transport, stop);
  }

  open(): Promise<RunOutcome> {
    return this.#ask({ kind: "open", request: this.#request, ...this.#bundles });
  }

  call(call: Call): Promise<RunOutcome> {
    return this.#ask({ kind: "call", call });
  }

  close(): Promise<RunOutcome> {
    return this.#ask({ kind: "end" });
  }

  /** Never rejects: a session without a child is lost. */
  async #take(transport: ProcessTransport, stop: Stop): Promise<void> {
    let child: Child | ErrorData;
    try {
      child = await transport.lease(this.#request, stop);
    } catch (error) {
      child = { code: "INTERNAL", fault: ERROR_CODES.INTERNAL.fault, message: noChild(error) };
    }
    if (!(child instanceof Child)) {
      this.#end(child);
      return;
    }
    const hold = new Hold(child, stop, (end) => {
      this.#end(stop.reason === undefined ? this.#report(end) : CANCELLED);
    });
    this.#hold = hold;
    this.#bundles = transport.bundlesFor(child);
  }

  async #ask(step: Step<ChildQuestion>): Promise<RunOutcome> {
    if (this.#hold === undefined) return this.lost;
    this.#beganMs = performance.now();
    const answer = await this.#hold.child.call({ ...step, id: ++this.#lastId });
    if (answer.kind !== "outcome") return this.lost;
    this.#beganMs = undefined;
    if (step.kind === "end" || answer.outcome.status === "error") this.#hold.release();
    return answer.outcome;
  }

  #report(end: ChildEnd): ErrorData {
    const since = this.#beganMs === undefined ? "the session was opened" : "the call began";
    const elapsedMs = performance.now() - (this.#beganMs ?? this.#openedMs);
    return crashReport(end, this.#request, { what: "session", elapsedMs, since });
  }

  #end(error: ErrorData): void {
    this.#lose({ status: "error", error, durationMs: performance.now() - (this.#beganMs ?? this.#openedMs) });
  }
}

/** A session's hold on its child, which goes on to serve others. */
class Hold {
  readonly child: Child;
  readonly #stop: Stop;
  #tell: ((end: ChildEnd) => void) | undefined;

  constructor(child: Child, stop: Stop, tell: (end: ChildEnd) => void) {
    this.child = child;
    this.#stop = stop;
    this.#tell = tell;
    void child.ended.then((end) => this.#tell?.(end));
    stop.end = () => {
      child.kill();
    };
    // Cancelled since the child was ready.
    if (stop.reason !== undefined) child.kill();
  }

  /** Whatever becomes of either is not the other's concern any more. */
  release(): void {
    this.#stop.end = undefined;
    this.#tell = undefined;
  }
}

function noChild(error: unknown): string {
  return `no child process could be started: ${error instanceof Error ? error.message : String(error)}`;
}

const CANCELLED: ErrorData = {
  code: "CANCELLED",
  fault: ERROR_CODES.CANCELLED.fault,
  message: "the session was cancelled",
};
