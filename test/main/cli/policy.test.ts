import { describe, expect, test } from "vitest";
import { parseArgs } from "../../../src/main/cli/args.ts";
import { RUN } from "../../../src/main/cli/commands.ts";
import { parseDurationMs, parseLimits, poolPolicy } from "../../../src/main/cli/policy.ts";
import type { RunLimits } from "../../../src/shared/limits.ts";
import { thrownBy } from "../../support/errors.ts";

const args = (...flags: readonly string[]) => parseArgs(RUN, [...flags, "app.wasm"]);

describe("times", () => {
  test.each([
    ["500ms", 500],
    ["10s", 10_000],
    ["2m", 120_000],
    ["1h", 3_600_000],
    ["1.5s", 1500],
  ])("%s", (text, timeMs) => {
    expect(parseDurationMs("--timeout", text)).toBe(timeMs);
  });

  test.each(["", "500", "s", "-1s", "0s", "1 s", "1constructor", "1e3s", "1s "])("%j is none", (text) => {
    expect(thrownBy(() => parseDurationMs("--timeout", text)).code).toBe("USAGE");
  });
});

describe("flags", () => {
  test("nothing said is nothing asked for", () => {
    expect(poolPolicy(args(), {})).toEqual({});
    expect(parseLimits(args())).toEqual({});
  });

  test("what is said", () => {
    const said = args(
      "--isolation",
      "process",
      "--library-env",
      "A=1",
      "--library-env",
      "B",
      "--timeout",
      "1s",
    );
    expect(poolPolicy(said, { B: "2", C: "3" })).toEqual({
      isolation: "process",
      children: { env: { A: "1", B: "2" } },
    });
    expect(parseLimits(said)).toEqual({ timeoutMs: 1000 });
  });

  test("every limit has a flag", () => {
    const said = args(
      "--timeout=1s",
      "--max-cpu=2s",
      "--max-memory=3MiB",
      "--max-native-memory=4KiB",
      "--max-output=5B",
      "--max-calls=6",
      "--max-open-files=7",
      "--max-table-elements=8",
    );
    const limits: Required<RunLimits> = {
      timeoutMs: 1000,
      cpuMs: 2000,
      memoryBytes: 3 * 1024 ** 2,
      nativeBytes: 4096,
      outputBytes: 5,
      calls: 6,
      openFiles: 7,
      tableElements: 8,
    };
    expect(parseLimits(said)).toEqual(limits);
    expect(poolPolicy(args("--max-heap", "64MiB"), {})).toEqual({ heapLimitMib: 64 });
  });

  test.each([
    ["--max-calls", "-1"],
    ["--max-calls", "1e3"],
    ["--max-open-files", "many"],
    ["--max-table-elements", ""],
    ["--max-output", "7"],
    ["--max-cpu", "7"],
  ])("%s %j is no limit", (flag, value) => {
    expect(thrownBy(() => parseLimits(args(flag, value)))).toMatchObject({
      code: "USAGE",
      message: expect.stringContaining(flag),
    });
  });

  test.each([
    ["--max-heap", "1MiB"],
    ["--max-heap", "64"],
    ["--isolation", "vm"],
    ["--library-env", "NOT_SET"],
  ])("%s %s is refused", (flag, value) => {
    expect(thrownBy(() => poolPolicy(args(flag, value), {})).code).toBe("USAGE");
  });

  test("a variable for libraries on a thread is refused, where it would have no effect", () => {
    const said = args("--isolation=thread", "--library-env=A=1");
    expect(thrownBy(() => poolPolicy(said, {}))).toMatchObject({
      code: "USAGE",
      message: expect.stringContaining("--library-env"),
    });
  });
});
