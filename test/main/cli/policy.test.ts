import { describe, expect, test } from "vitest";
import { parseArgs } from "../../../src/main/cli/args.ts";
import { RUN } from "../../../src/main/cli/commands.ts";
import { parseDurationMs, parseLimits, poolPolicy } from "../../../src/main/cli/policy.ts";
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

  test.each([
    ["--isolation", "vm"],
    ["--library-env", "NOT_SET"],
  ])("%s %s is refused", (flag, value) => {
    expect(thrownBy(() => poolPolicy(args(flag, value), {})).code).toBe("USAGE");
  });
});
