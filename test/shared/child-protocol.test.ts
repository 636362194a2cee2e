import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkReply } from "../../src/shared/child-protocol.ts";
import type { Call, RunOutcome } from "../../src/shared/protocol.ts";
import type { ValueType } from "../../src/shared/wit/types.ts";

const call = (result?: ValueType): Call => ({
  kind: "export",
  function: "f",
  type: { params: [], ...(result === undefined ? {} : { result }) },
  args: [],
});
const check = (one: unknown): unknown => checkReply(one, { id: 1, call: call(PAIR) });
const reply = (outcome: unknown, id: unknown = 1): object => ({ kind: "outcome", id, outcome });
const U32: ValueType = { kind: "u32" };
const PAIR: ValueType = {
  kind: "tuple",
  elements: [{ kind: "option", element: { kind: "u64" } }, { kind: "string" }],
};

const FULL: RunOutcome = {
  status: "error",
  error: {
    code: "HOST_FAULT",
    fault: "bundle",
    message: "m",
    findings: [
      { message: "f", where: { file: "x", line: 1, column: 2 }, lines: ["a"], help: "h" },
      { message: "g" },
    ],
    help: "h",
    bundle: "b",
    function: "f",
    exitCode: 3,
    signal: "SIGSEGV",
    limit: { name: "memoryBytes", max: 10, used: 11 },
  },
  durationMs: 1.5,
  stdout: "o",
  stderr: "e",
  stats: [{ function: "f", calls: 1, bytesIn: 2, bytesOut: 3, timeNs: 4 }],
  trampolines: "t",
};

describe("what a child says", () => {
  test.each<[string, RunOutcome, Call]>([
    ["an error with all that there is", FULL, call()],
    ["a number", { status: "ok", value: 7, durationMs: 0 }, call(U32)],
    ["nothing", { status: "ok", durationMs: 0 }, call()],
    ["a bigint, and text", { status: "ok", value: [2n ** 60n, "x"], durationMs: 0 }, call(PAIR)],
    [
      "the end of a command",
      { status: "ok", durationMs: 0 },
      { kind: "command", interface: "wasi:cli/run@0.2.0" },
    ],
  ])("%s is taken as it is", (_title, outcome, of) => {
    expect(checkReply(reply(outcome), { id: 1, call: of })).toEqual(reply(outcome));
  });

  test("that it is not to be used again is taken as it is, and nothing else for it", () => {
    const fine = reply({ status: "ok", durationMs: 0 });
    expect(checkReply({ ...fine, isSpent: true }, { id: 1, call: call() })).toEqual({
      ...fine,
      isSpent: true,
    });
    expect(checkReply({ ...fine, isSpent: "yes" }, { id: 1, call: call() })).toEqual(fine);
  });

  test.each([{ name: "patience", max: 1 }, { name: "calls", max: "1" }, { name: "calls" }, "calls", null])(
    "a limit that is none is left out: %j",
    (limit) => {
      const { limit: _limit, ...error } = { ...FULL.error, limit: undefined };
      expect(checkReply(reply({ ...FULL, error: { ...error, limit } }), { id: 1, call: call() })).toEqual(
        reply({ ...FULL, error }),
      );
    },
  );

  test("that it is ready needs no run", () => {
    expect(checkReply({ kind: "ready", more: 1 }, undefined)).toEqual({ kind: "ready" });
  });

  const cyclic: unknown[] = [];
  cyclic.push(cyclic);

  test.each<[string, unknown]>([
    ["no object", 7],
    ["another kind", { kind: "run" }],
    ["the outcome of another run", reply({ status: "ok", value: 7, durationMs: 0 }, 2)],
    ["no number of a run", reply({ status: "ok", value: 7, durationMs: 0 }, "1")],
    ["no outcome", reply(undefined)],
    ["no status", reply({ value: 7, durationMs: 0 })],
    ["no time", reply({ status: "ok", value: 7 })],
    ["a time that is none", reply({ status: "ok", value: 7, durationMs: Number.NaN })],
    ["a value of another type", reply({ status: "ok", value: "x", durationMs: 0 })],
    ["a value out of range", reply({ status: "ok", value: 2 ** 32, durationMs: 0 })],
    ["a value that contains itself", reply({ status: "ok", value: cyclic, durationMs: 0 })],
    ["no value where there must be one", reply({ status: "ok", durationMs: 0 })],
    [
      "an unknown code",
      reply({ status: "error", error: { code: "constructor", message: "" }, durationMs: 0 }),
    ],
    ["no message", reply({ status: "error", error: { code: "TRAP" }, durationMs: 0 })],
    [
      "too much to say",
      reply({
        status: "error",
        error: { code: "TRAP", message: "", findings: Array.from({ length: 1001 }, () => ({})) },
        durationMs: 0,
      }),
    ],
  ])("%s is no reply", (_title, data) => {
    expect(checkReply(data, { id: 1, call: call(U32) })).toBeUndefined();
  });

  test("whose fault an error is follows from its code, whatever it says", () => {
    const error = {
      code: "TRAP",
      fault: "user",
      message: "m",
      findings: [{ message: {}, lines: [1, {}], where: 7 }],
      exitCode: 1.5,
      signal: 3,
    };
    expect(checkReply(reply({ status: "error", error, durationMs: 0 }), { id: 1, call: call() })).toEqual(
      reply({
        status: "error",
        error: {
          code: "TRAP",
          fault: "guest",
          message: "m",
          findings: [{ message: "", lines: ["", ""], where: { file: "" } }],
        },
        durationMs: 0,
      }),
    );
  });

  test("nothing that a library may write makes it throw", () => {
    fc.assert(
      fc.property(
        fc.anything({ withBigInt: true, withNullPrototype: true, withTypedArray: true }),
        (data) => {
          expect(() => {
            check(data);
            check(reply(data));
            check(reply({ status: "ok", value: data, durationMs: 0 }));
            check(reply({ status: "error", error: data, durationMs: 0 }));
          }).not.toThrow();
        },
      ),
      { seed: 9, numRuns: 1000 },
    );
  });
});
