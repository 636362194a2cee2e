import { describe, expect, test } from "vitest";
import { RestartPolicy } from "../../../src/main/pool/restart-policy.ts";
import type { ErrorData } from "../../../src/shared/errors.ts";
import type { LibraryPlan, RunOutcome } from "../../../src/shared/protocol.ts";

function library(bundle: string): LibraryPlan {
  return {
    bundle,
    path: `/hosts/${bundle}.so`,
    declaredIn: "host.toml:1",
    threadsafe: false,
    hasInit: false,
    hasDeinit: false,
    configJson: "{}",
  };
}

function failed(error: Partial<ErrorData>): RunOutcome {
  return {
    status: "error",
    error: { code: "NATIVE_CRASH", fault: "bundle", message: "it crashed", bundle: "a", ...error },
    durationMs: 1,
  };
}

const AT_LOAD = failed({ phase: "load", signal: "SIGSEGV" });
const OK: RunOutcome = { status: "ok", durationMs: 1 };

describe("a bundle that crashes when it is opened", () => {
  const plan = [library("a")];

  interface State {
    readonly policy: RestartPolicy;
    nowMs: number;
  }

  function policy(): State {
    const state: State = { policy: new RestartPolicy(() => state.nowMs), nowMs: 1000 };
    return state;
  }

  /** How long, in milliseconds, nobody may run after each of so many crashes. */
  function waits(count: number): readonly number[] {
    const state = policy();
    return Array.from({ length: count }, () => {
      state.policy.note(plan, AT_LOAD);
      let waitMs = 0;
      for (; state.policy.refusal(plan) !== undefined; waitMs += 500) state.nowMs += 500;
      return waitMs;
    });
  }

  test("may be tried again at once a few times, then less and less often", () => {
    expect(waits(11)).toEqual([0, 0, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  });

  test("the refusal says what happened, and when it is tried again", () => {
    const state = policy();
    for (let count = 0; count < 4; count++) state.policy.note(plan, AT_LOAD);
    state.nowMs += 500;
    expect(state.policy.refusal(plan)).toMatchObject({
      code: "NATIVE_CRASH",
      phase: "load",
      signal: "SIGSEGV",
      message: 'host bundle "a" has crashed 4 times in a row while it was opened; it is tried again in 1.5 s',
      findings: [{ message: "it crashed" }],
    });
  });

  test.each<[string, RunOutcome, boolean]>([
    ["a run that goes well clears it", OK, true],
    ["so does a crash in a call", failed({ function: "f" }), true],
    ["so does any fault that comes after", failed({ code: "TRAP" }), true],
    ["a deadline says nothing", failed({ code: "TIMEOUT" }), false],
    ["nor does a cancelled run", failed({ code: "CANCELLED" }), false],
  ])("%s", (_title, outcome, isCleared) => {
    const { policy: one } = policy();
    for (let count = 0; count < 3; count++) one.note(plan, AT_LOAD);
    one.note(plan, outcome);
    expect(one.refusal(plan) === undefined).toBe(isCleared);
  });

  test("another bundle of the same run is not concerned", () => {
    const { policy: one } = policy();
    const both = [library("b"), library("a")];
    for (let count = 0; count < 3; count++) one.note(both, AT_LOAD);
    expect(one.refusal([library("b")])).toBeUndefined();
    expect(one.refusal(both)?.bundle).toBe("a");
  });
});
