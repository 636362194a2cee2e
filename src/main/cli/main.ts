/** The command line: finds the command, reads its flags, and turns whatever is thrown into a message and an exit status. */
import { ERROR_CODES, HostbundleError, isHostbundleError, type ErrorData } from "../../shared/errors.ts";
import { nearest } from "../../shared/nearest.ts";
import { ownVersion } from "../package-version.ts";
import { isShortage, reasonOf } from "../system-error.ts";
import { parseArgs, unavailable, type CommandSpec, type ParsedArgs } from "./args.ts";
import { CHECK, COMMANDS, COMMANDS_LATER, DOCTOR, INSPECT, ROOT, RUN, TYPES } from "./commands.ts";
import { helpText } from "./help.ts";
import { Output, type CliIo } from "./output.ts";

type Command = (args: ParsedArgs, io: CliIo, output: Output) => Promise<number>;

/** Loaded when asked for: help and usage errors need neither the WIT parser nor the pool. */
const IMPLEMENTATIONS: ReadonlyMap<CommandSpec, () => Promise<Command>> = new Map([
  [RUN, async () => (await import("./start-run.ts")).startRun],
  [INSPECT, async () => (await import("./inspect.ts")).inspect],
  [CHECK, async () => (await import("./check.ts")).check],
  [TYPES, async () => (await import("./types.ts")).types],
  [DOCTOR, async () => (await import("./doctor.ts")).doctor],
]);

/**
 * Runs one command line. `argv` is what follows the program's name. Gives the exit status of `CLI.md`;
 * never throws.
 */
export async function main(argv: readonly string[], io: CliIo): Promise<number> {
  const { spec, rest, problem } = findCommand(argv);
  const args = parseArgs(spec, rest);
  const json = spec === ROOT ? argv.includes("--json") : args.flags.has("--json");
  const output = new Output(io, json);
  try {
    if (args.flags.has("--help")) {
      output.line(helpText(spec));
      return 0;
    }
    if (args.flags.has("--version")) {
      output.line(`hostbundle ${ownVersion()}`);
      return 0;
    }
    if (problem !== undefined) throw problem;
    checkUsage(spec, args);
    const load = IMPLEMENTATIONS.get(spec);
    if (load === undefined)
      throw new HostbundleError("USAGE", "no command given", { help: "hostbundle --help" });
    const command = await load();
    return await command(args, io, output);
  } catch (error) {
    return reportFailure(withHint(toErrorData(error), spec, args), error, io, output);
  }
}

/** What follows the component belongs to the guest; an option of ours there was likely meant for us. */
function withHint(data: ErrorData, spec: CommandSpec, args: ParsedArgs): ErrorData {
  const misplaced = args.rest.find((arg) =>
    spec.flags.some(({ name }) => arg === name || arg.startsWith(`${name}=`)),
  );
  if (misplaced === undefined || data.help !== undefined) return data;
  return {
    ...data,
    help: `${misplaced} after the component went to the guest: options come before the component`,
  };
}

/** Prints an error that ended a command before there was an outcome; gives the exit status. */
function reportFailure(data: ErrorData, error: unknown, { env }: CliIo, output: Output): number {
  if (output.json) output.object({ status: "error", error: data });
  else output.error(data);
  if (data.code === "INTERNAL" && env["HOSTBUNDLE_DEBUG"] === "1" && error instanceof Error) {
    output.note(error.stack ?? String(error));
  }
  return ERROR_CODES[data.code].exitCode;
}

/** Prints that standard output could not be written, and why; gives the exit status. */
export function reportLostOutput(why: string, io: CliIo): number {
  const error = new HostbundleError("INTERNAL", `standard output cannot be written: ${why}`, {
    help: "what the command did is done; only its output is lost",
  });
  return reportFailure(error.toData(), error, io, new Output(io, false));
}

function toErrorData(error: unknown): ErrorData {
  if (isHostbundleError(error)) return error.toData();
  if (isShortage(error)) {
    return new HostbundleError("INTERNAL", reasonOf(error), {
      help: `it is not the fault of what was to run; what failed: ${error.syscall ?? "a system call"}`,
      cause: error,
    }).toData();
  }
  const message = error instanceof Error ? error.message : String(error);
  return new HostbundleError("INTERNAL", `internal error: ${message.split("\n")[0] ?? ""}`, {
    help: "this is a bug of hostbundle; HOSTBUNDLE_DEBUG=1 shows where",
  }).toData();
}

interface FoundCommand {
  readonly spec: CommandSpec;
  readonly rest: readonly string[];
  readonly problem?: HostbundleError;
}

function findCommand(argv: readonly string[]): FoundCommand {
  const [name, second] = argv;
  if (name === undefined) {
    const problem = new HostbundleError("USAGE", "no command given", {
      help: "hostbundle --help shows them",
    });
    return { spec: ROOT, rest: [], problem };
  }
  if (name.startsWith("-")) return { spec: ROOT, rest: argv };
  if (name === "component" && second === "run") return { spec: RUN, rest: argv.slice(2) };
  const spec = COMMANDS.find((command) => command.name === name);
  if (spec !== undefined) return { spec, rest: argv.slice(1) };
  const problem =
    name === "component" && (second === undefined || second.startsWith("-"))
      ? new HostbundleError("USAGE", "`component` needs a command", { help: "hostbundle component run …" })
      : unknownCommand(name === "component" ? `component ${second ?? ""}` : name);
  // Only `--help` and `--version` are still read from what follows.
  return {
    spec: ROOT,
    rest: argv.slice(1).filter((arg) => ROOT.flags.some((flag) => flag.name === arg)),
    problem,
  };
}

function unknownCommand(name: string): HostbundleError {
  if (COMMANDS_LATER.includes(name)) return new HostbundleError("USAGE", unavailable(name).message);
  const names = [...COMMANDS.map((command) => command.name), "component run"];
  const near = nearest(name, names);
  return new HostbundleError("USAGE", `unknown command: ${name}`, {
    help: near === undefined ? `the commands are ${names.join(", ")}` : `did you mean ${near}?`,
  });
}

function checkUsage(spec: CommandSpec, args: ParsedArgs): void {
  const problems = [...args.problems];
  if (spec.positional !== undefined && args.positional === undefined) {
    problems.push({ message: `missing argument: <${spec.positional}>` });
  }
  if (spec.positional === undefined && spec !== ROOT && args.positional !== undefined) {
    problems.push({ message: `unexpected argument: ${args.positional}` });
  }
  if (problems.length === 0) return;
  const [only] = problems;
  const see = `hostbundle ${[spec.name, "--help"].join(" ").trim()} shows what there is`;
  if (only !== undefined && problems.length === 1 && only.lines === undefined) {
    throw new HostbundleError("USAGE", only.message, { help: only.help ?? see });
  }
  throw new HostbundleError("USAGE", "the command line has several faults", {
    findings: problems,
    help: see,
  });
}
