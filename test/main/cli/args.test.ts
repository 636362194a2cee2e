import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseArgs, type CommandSpec } from "../../../src/main/cli/args.ts";
import { CHECK, COMMANDS, RUN } from "../../../src/main/cli/commands.ts";
import { helpText } from "../../../src/main/cli/help.ts";

function hint(flag: string): string | undefined {
  return parseArgs(RUN, [flag]).problems[0]?.help;
}

function parsed(spec: CommandSpec, argv: readonly string[]) {
  const { flags, problems, ...rest } = parseArgs(spec, argv);
  return { flags: Object.fromEntries(flags), problems: problems.map((problem) => problem.message), ...rest };
}

describe("arguments", () => {
  test.each([
    ["nothing", [], {}, undefined, []],
    ["switches", ["--json", "--stats", "app"], { "--json": [""], "--stats": [""] }, "app", []],
    [
      "values, apart and joined, repeated",
      ["--env", "A=1", "--env=B=2", "--env=", "app"],
      { "--env": ["A=1", "B=2", ""] },
      "app",
      [],
    ],
    ["a value that begins with dashes", ["--invoke=--x", "app"], { "--invoke": ["--x"] }, "app", []],
    ["a value that begins with one dash", ["--invoke", "-x", "app"], { "--invoke": ["-x"] }, "app", []],
    ["short names", ["-h"], { "--help": [""] }, undefined, []],
    [
      "what follows the component is the guest's",
      ["app", "--json", "--", "x"],
      {},
      "app",
      ["--json", "--", "x"],
    ],
    [
      "-- before the component",
      ["--json", "--", "--app", "--stats"],
      { "--json": [""] },
      "--app",
      ["--stats"],
    ],
    ["a single dash is an argument", ["-", "a"], {}, "-", ["a"]],
  ])("run: %s", (_title, argv, flags, positional, rest) => {
    expect(parsed(RUN, argv)).toEqual({ flags, positional, rest, problems: [] });
  });

  test("a command without a guest takes its options anywhere", () => {
    expect(parsed(CHECK, ["app", "--json"])).toEqual({
      flags: { "--json": [""] },
      positional: "app",
      rest: [],
      problems: [],
    });
  });

  test.each<[CommandSpec, readonly string[], readonly string[]]>([
    [RUN, ["--jsn", "app"], ["unknown flag: --jsn"]],
    [RUN, ["-x", "app"], ["unknown flag: -x"]],
    [RUN, ["--json=yes", "app"], ["--json takes no value: --json=yes"]],
    [RUN, ["--env"], ["--env needs a value: --env NAME[=VALUE]"]],
    [RUN, ["--env", "--json", "app"], ["--env needs a value: --env NAME[=VALUE]"]],
    [RUN, ["--invoke", "f()", "--invoke", "g()", "app"], ["--invoke is given more than once"]],
    [CHECK, ["a", "b", "c"], ["unexpected argument: b c"]],
    [CHECK, ["--invoke", "f()", "a"], ["unknown flag: --invoke", "unexpected argument: a"]],
    [
      RUN,
      ["--bogus", "--max-native-memory=1MiB", "app"],
      ["unknown flag: --bogus", "--max-native-memory is not available in this version"],
    ],
  ])("%o %j", (spec, argv, problems) => {
    expect(parsed(spec, argv).problems).toEqual(problems);
  });

  test("a hint names the nearest flag, never one of a later version", () => {
    expect(hint("--host-bundel")).toBe("did you mean --host-bundle?");
    expect(hint("--hostbundle")).toBe("did you mean --host-bundle?");
    expect(hint("--max-native-memories")).toBeUndefined();
    expect(hint("--zzz")).toBeUndefined();
  });

  test("after a misspelled flag its value is not taken for the component", () => {
    const { positional, flags } = parseArgs(RUN, ["--host-bundel", "hosts/kv", "--json", "app"]);
    expect(positional).toBe("app");
    expect([...flags.keys()]).toEqual(["--json"]);
  });
});

describe("properties", () => {
  const token = fc.oneof(
    fc.constantFrom(
      "--json",
      "--env",
      "--env=A=1",
      "--invoke",
      "--",
      "-",
      "-h",
      "--timeout",
      "--bogus",
      "app",
    ),
    fc.string(),
  );

  test("what follows the component reaches the guest untouched", () => {
    fc.assert(
      fc.property(fc.array(token), (rest) => {
        const result = parseArgs(RUN, ["--json", "--env", "A=1", "app.wasm", ...rest]);
        expect(result).toMatchObject({ positional: "app.wasm", rest, problems: [] });
      }),
      { seed: 11, numRuns: 200 },
    );
  });

  test("no command line makes the parser throw, and a fault is always reported", () => {
    const known = new Set(CHECK.flags.flatMap((flag) => [flag.name, flag.short]));
    fc.assert(
      fc.property(fc.array(token), (argv) => {
        const { problems } = parseArgs(CHECK, argv);
        const [first] = argv;
        const isWrong = first?.startsWith("-") === true && first.length > 1 && first !== "--";
        const isUnknown = isWrong && !known.has(first.split("=")[0]);
        expect(isUnknown && problems.length === 0).toBe(false);
      }),
      { seed: 12, numRuns: 300 },
    );
  });
});

describe("help", () => {
  test.each(COMMANDS.map((command) => [command.name, command] as const))(
    "%s shows what it accepts",
    (_name, spec) => {
      const text = helpText(spec);
      for (const flag of spec.flags) {
        expect([flag.name, text.includes(flag.name)]).toEqual([flag.name, flag.unavailable !== true]);
      }
      expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThan(110);
    },
  );
});
