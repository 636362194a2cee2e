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
  #child: Child | undefined;
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

  async #take(transport: ProcessTransport, stop: Stop): Promise<void> {
    const child = await transport.lease(this.#request, stop);
    if (!(child instanceof Child)) {
      this.#end(child);
      return;
    }
    this.#child = child;
    this.#bundles = transport.bundlesFor(child);
    stop.end = () => {
      child.kill();
    };
    void child.ended.then((end) => {
      this.#end(stop.reason === undefined ? this.#report(end) : CANCELLED);
    });
  }

  async #ask(step: Step<ChildQuestion>): Promise<RunOutcome> {
    if (this.#child === undefined) return this.lost;
    this.#beganMs = performance.now();
    const answer = await this.#child.call({ ...step, id: ++this.#lastId });
    if (answer.kind !== "outcome") return this.lost;
    this.#beganMs = undefined;
    return answer.outcome;
  }

  #report(end: ChildEnd): ErrorData {
    const since = this.#beganMs === undefined ? "the session was opened" : "the call began";
    const elapsedMs = performance.now() - (this.#beganMs ?? this.#openedMs);
    return crashReport(end, this.#request, elapsedMs, since);
  }

  #end(error: ErrorData): void {
    this.#lose({ status: "error", error, durationMs: performance.now() - (this.#beganMs ?? this.#openedMs) });
  }
}

const CANCELLED: ErrorData = {
  code: "CANCELLED",
  fault: ERROR_CODES.CANCELLED.fault,
  message: "the session was cancelled",
};
