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
  ["137", "a limit of memory or output was reached"],
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
    ...flagLines(ROOT.flags),
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
    "Options:",
    ...flagLines(command.flags),
    ...exits,
  ].join("\n");
}

function flagLines(flags: readonly FlagSpec[]): readonly string[] {
  return columns(
    flags.map((flag) => {
      const short = flag.short === undefined ? "" : `${flag.short}, `;
      const value = flag.value === undefined ? "" : ` ${flag.value}`;
      return [`${short}${flag.name}${value}`, flag.help];
    }),
  );
}

function columns(rows: readonly (readonly [left: string, right: readonly string[]])[]): readonly string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.flatMap(([left, right]) =>
    right.map((line, index) => `  ${(index === 0 ? left : "").padEnd(width)}  ${line}`),
  );
}
