/**
 * A small table-driven parser for command lines. It reads everything before it complains, so that all
 * faults are listed at once and `--json` is honoured for them too.
 */
import type { Finding } from "../../shared/errors.ts";
import { nearest } from "../../shared/nearest.ts";

export interface FlagSpec {
  /** With its dashes: `--host-bundle`. */
  readonly name: string;
  /** A one-letter spelling: `-h`. */
  readonly short?: string;
  /** What the value is called in the help; absent: a switch. */
  readonly value?: string;
  readonly repeats?: boolean;
  /** One line of help, or more. */
  readonly help: readonly string[];
  /** Where the help shows it; default: "Options". */
  readonly section?: string;
}

export interface CommandSpec {
  readonly name: string;
  readonly summary: string;
  /** Usage lines without the program's name. */
  readonly usage: readonly string[];
  readonly flags: readonly FlagSpec[];
  /** What the first positional argument is called; absent: the command takes none. */
  readonly positional?: string;
  /** Whether everything after the first positional argument belongs to the guest. */
  readonly guestArguments: boolean;
}

export interface ParsedArgs {
  /** Values by flag name; a switch has one empty string per use. */
  readonly flags: ReadonlyMap<string, readonly string[]>;
  readonly positional: string | undefined;
  /** What follows the positional argument. */
  readonly rest: readonly string[];
  readonly problems: readonly Finding[];
}

/** Reads the arguments after a command's name. Never throws: faults are in `problems`. */
export function parseArgs(spec: CommandSpec, argv: readonly string[]): ParsedArgs {
  const flags = new Map<string, string[]>();
  const positionals: string[] = [];
  const problems: Finding[] = [];
  let index = 0;
  for (; index < argv.length; index++) {
    const arg = argv[index] ?? "";
    if (spec.guestArguments && positionals.length === 1) break;
    if (arg === "--") {
      index++;
      break;
    }
    if (!arg.startsWith("-") || arg === "-") {
      positionals.push(arg);
      continue;
    }
    const equals = arg.startsWith("--") ? arg.indexOf("=") : -1;
    const name = equals < 0 ? arg : arg.slice(0, equals);
    const { flag, known } = findFlag(spec, name);
    if (!known) problems.push(unknownFlag(name, flag));
    // The value of a misspelled flag is read too: it is not the component.
    if (flag === undefined) continue;
    let value = equals < 0 ? undefined : arg.slice(equals + 1);
    if (flag.value === undefined) {
      if (value !== undefined && known) problems.push({ message: `${flag.name} takes no value: ${arg}` });
      value = "";
    } else if (value === undefined) {
      const next = argv[index + 1];
      if (next !== undefined && !next.startsWith("--")) {
        value = next;
        index++;
      } else if (known) {
        const help =
          next === undefined ? {} : { help: `for a value that begins with dashes: ${name}=${next}` };
        problems.push({ message: `${flag.name} needs a value: ${flag.name} ${flag.value}`, ...help });
      }
    }
    if (!known || value === undefined) continue;
    const values = flags.get(flag.name) ?? [];
    if (values.length > 0 && flag.repeats !== true && flag.value !== undefined) {
      problems.push({ message: `${flag.name} is given more than once` });
    }
    flags.set(flag.name, [...values, value]);
  }
  positionals.push(...argv.slice(index));
  const [positional, ...rest] = positionals;
  if (rest.length > 0 && !spec.guestArguments) {
    problems.push({ message: `unexpected argument: ${rest.join(" ")}` });
  }
  return { flags, positional, rest, problems };
}

/** What is said of a command that a later version will have. */
export function unavailable(name: string): Finding {
  return { message: `${name} is not available in this version` };
}

function findFlag(
  spec: CommandSpec,
  name: string,
): { readonly flag: FlagSpec | undefined; readonly known: boolean } {
  const flag = spec.flags.find((candidate) => candidate.name === name || candidate.short === name);
  if (flag !== undefined) return { flag, known: true };
  const near = nearest(
    name,
    spec.flags.map((candidate) => candidate.name),
  );
  return { flag: spec.flags.find((candidate) => candidate.name === near), known: false };
}

function unknownFlag(name: string, near: FlagSpec | undefined): Finding {
  return {
    message: `unknown flag: ${name}`,
    ...(near === undefined ? {} : { help: `did you mean ${near.name}?` }),
  };
}
