import type { CommandSpec, FlagSpec } from "./args.ts";
import { COMMANDS, ROOT } from "./commands.ts";

/** Exit statuses that scripts rely on (`CLI.md`). */
const EXIT_TABLE: readonly (readonly [string, string])[] = [
  ["0", "the call returned"],
  ["1", "the call returned an error result"],
  ["N", "the guest called wasi:cli/exit with N"],
  ["2", "usage, configuration, bundle, link or input error: nothing was run"],
  ["3", "the host bundle broke its contract"],
  ["124", "timeout"],
  ["130", "cancelled (Ctrl-C)"],
  ["134", "trap"],
  ["137", "a limit of memory, output or calls was reached"],
  ["128+N", "native code crashed with signal N (139: SIGSEGV)"],
];

/** The text of `--help`, for the program (no command) or for one command; no final newline. */
export function helpText(command: CommandSpec): string {
  return command === ROOT ? programHelp() : commandHelp(command);
}

function programHelp(): string {
  return [
    `hostbundle: ${ROOT.summary}`,
    "",
    "Usage:",
    ...COMMANDS.flatMap((command) => command.usage).map((usage) => `  hostbundle ${usage}`),
    "",
    "Commands:",
    ...columns(COMMANDS.map((command) => [command.name, [command.summary]])),
    "",
    "Options:",
    ...columns(ROOT.flags.map(flagRow)),
    "",
    "`hostbundle <command> --help` explains one command; `hostbundle component run` is the same as `hostbundle run`.",
  ].join("\n");
}

function commandHelp(command: CommandSpec): string {
  const exits = command.guestArguments
    ? ["", "Exit status:", ...columns(EXIT_TABLE.map(([code, text]) => [code, [text]]))]
    : [];
  return [
    `hostbundle ${command.name}: ${command.summary}`,
    "",
    "Usage:",
    ...command.usage.map((usage) => `  hostbundle ${usage}`),
    "",
    sections(command.flags),
    ...exits,
  ].join("\n");
}

/** One below the other, all with the same columns. */
function sections(flags: readonly FlagSpec[]): string {
  const width = widthOf(flags.map(flagRow));
  const names = [...new Set(flags.map(({ section = "Options" }) => section))];
  return names
    .map((name) => {
      const shown = flags.filter(({ section = "Options" }) => section === name);
      return [`${name}:`, ...columns(shown.map(flagRow), width)].join("\n");
    })
    .join("\n\n");
}

type Row = readonly [left: string, right: readonly string[]];

function flagRow({ short, name, value, help }: FlagSpec): Row {
  return [`${short === undefined ? "" : `${short}, `}${name}${value === undefined ? "" : ` ${value}`}`, help];
}

function widthOf(rows: readonly Row[]): number {
  return Math.max(...rows.map(([left]) => left.length));
}

function columns(rows: readonly Row[], width = widthOf(rows)): readonly string[] {
  return rows.flatMap(([left, right]) =>
    right.map((line, index) => `  ${(index === 0 ? left : "").padEnd(width)}  ${line}`),
  );
}
