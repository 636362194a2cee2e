/** A session on this thread, or in this process: one instance for many calls, until one of them ends in an error. */
import type { Call, RunOutcome } from "../shared/protocol.ts";
import { failed, fromForeign, type Ending } from "./outcome.ts";
import { type Assembly, assemble, finish, instantiate, type Parts, perform } from "./run.ts";

export class SessionInstance {
  readonly #assembly: Assembly;
  readonly #slots: Int32Array;
  readonly #parts: Parts = {};

  constructor(assembly: Assembly, slots: Int32Array) {
    this.#assembly = assembly;
    this.#slots = slots;
  }

  /** Never throws: an error is the session's end. */
  async open(): Promise<RunOutcome> {
    const startMs = performance.now();
    let ending: Ending;
    try {
      const attempt = await assemble(this.#assembly, this.#slots, this.#parts);
      ending = instantiate(attempt) ?? { status: "ok" };
    } catch (error) {
      ending = failed(fromForeign(error, this.#parts.attempt?.codeUrl ?? ""));
    }
    return this.#outcome(ending, startMs);
  }

  /** One call. Never throws: an error is the session's end. */
  async call(call: Call): Promise<RunOutcome> {
    const startMs = performance.now();
    const { attempt } = this.#parts;
    if (attempt === undefined) throw new RangeError("a call without an instance");
    return this.#outcome(await perform(attempt, call), startMs);
  }

  /** Ends the instance: not to be called after an error. */
  close(): RunOutcome {
    return this.#finish({ status: "ok" }, performance.now());
  }

  #outcome(ending: Ending, startMs: number): RunOutcome {
    const { attempt, wasi, native } = this.#parts;
    // Also where the guest has caught what was to stop it.
    const isOver = ending.status === "error" || (attempt?.failure() ?? wasi?.verdict) !== undefined;
    if (isOver) return this.#finish(ending, startMs);
    const { stats, wasi: grants } = this.#assembly.request;
    return {
      ...ending,
      ...(wasi?.takeOutput() ?? (grants.output === "capture" ? { stdout: "", stderr: "" } : {})),
      ...(stats && native !== undefined ? { stats: native.stats() } : {}),
      durationMs: performance.now() - startMs,
    };
  }

  #finish(ending: Ending, startMs: number): RunOutcome {
    return finish(this.#assembly.request, this.#parts, ending, startMs);
  }
}
