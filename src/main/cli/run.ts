/** `hostbundle run`: one call, or the component's own `wasi:cli/run`. */
import { constants } from "node:os";
import { ERROR_CODES } from "../../shared/errors.ts";
import type { RunOutcome } from "../../shared/protocol.ts";
import { toJson } from "../../shared/value/json.ts";
import { parseCallTarget } from "../../shared/value/parse-call.ts";
import { printWave } from "../../shared/value/print-wave.ts";
import { asEntry } from "../../shared/value/shape.ts";
import type { ValueType, WorldType } from "../../shared/wit/types.ts";
import { openHost, type RunOptions } from "../host.ts";
import { findExport } from "../link/export.ts";
import type { RunPool } from "../pool/pool.ts";
import type { ParsedArgs } from "./args.ts";
import { parseDirectories, parseVariables } from "./grants.ts";
import { withInterrupt } from "./interrupt.ts";
import type { CliIo, Output } from "./output.ts";
import { parseLimits } from "./policy.ts";
import { statsLines } from "./stats.ts";

/** `pool` is the caller's to close where there comes to be no host. */
export async function run(args: ParsedArgs, io: CliIo, output: Output, pool: RunPool): Promise<number> {
  const { flags } = args;
  const directories = parseDirectories(flags.get("--dir") ?? []);
  const env = parseVariables("--env", flags.get("--env") ?? [], io.env);
  const limits = parseLimits(args);
  const invoke = flags.get("--invoke")?.[0];
  await using host = await openHost(
    {
      bundles: flags.get("--host-bundle") ?? [],
      manifests: flags.get("--host-config") ?? [],
      allowAdapterCode: flags.has("--allow-adapter-code"),
    },
    pool,
  );
  for (const warning of host.warnings) output.warning(warning);
  const component = await host.load(args.positional ?? "");
  const resultType = invoke === undefined ? undefined : resultOf(component.world, invoke);
  const options: RunOptions = {
    ...(invoke === undefined ? {} : { invoke }),
    guestArgs: args.rest,
    env,
    directories,
    stdin: "inherit",
    output: output.json ? "capture" : "inherit",
    limits,
    stats: flags.has("--stats"),
    dumpTrampolines: flags.has("--dump-trampolines"),
  };
  const start = (signal?: AbortSignal): Promise<RunOutcome> =>
    host.run(component, signal === undefined ? options : { ...options, signal });
  // In another's process a signal is the other's to deal with.
  const outcome = await (io.ownProcess === undefined ? start() : withInterrupt(start));
  if (output.json) output.object(outcomeToJson(outcome, resultType));
  else printOutcome(outcome, resultType, output);
  return exitStatus(outcome, resultType);
}

function resultOf(world: WorldType, invoke: string): ValueType | undefined {
  const target = parseCallTarget(invoke);
  return findExport(world, target.interface, target.function).function.type.result;
}

/** One line of data, or the error; trampolines and statistics are for the person at the terminal. */
function printOutcome(outcome: RunOutcome, resultType: ValueType | undefined, output: Output): void {
  if (outcome.trampolines !== undefined) output.note(outcome.trampolines.trimEnd());
  if (outcome.status === "ok") {
    if (outcome.value !== undefined && resultType !== undefined)
      output.line(printWave(outcome.value, resultType));
  } else if (outcome.error.code !== "GUEST_EXIT") {
    // A guest that exits by itself has said what it had to say.
    output.error(outcome.error);
  }
  if (outcome.stats !== undefined) for (const line of statsLines(outcome.stats)) output.note(line);
}

/** The object of `--json` (`CLI.md`, "run"); fields that don't apply are absent. */
function outcomeToJson(outcome: RunOutcome, resultType: ValueType | undefined): object {
  const { durationMs, stdout, stderr, stats, trampolines } = outcome;
  const common = { stdout, stderr, durationMs, stats, trampolines };
  if (outcome.status === "error") return { status: "error", error: outcome.error, ...common };
  if (outcome.value === undefined || resultType === undefined) return { status: "ok", ...common };
  return {
    status: "ok",
    value: toJson(outcome.value, resultType),
    wave: printWave(outcome.value, resultType),
    ...common,
  };
}

function exitStatus(outcome: RunOutcome, resultType: ValueType | undefined): number {
  if (outcome.status === "ok") {
    const { value } = outcome;
    if (value === undefined || resultType?.kind !== "result") return 0;
    return asEntry(value, resultType)[0] === "err" ? 1 : 0;
  }
  const { code, exitCode, signal } = outcome.error;
  if (code === "GUEST_EXIT" && exitCode !== undefined) return exitCode;
  return signal === undefined ? ERROR_CODES[code].exitCode : 128 + signalNumber(signal);
}

/** As a shell counts them; an unknown name counts as SIGABRT. */
function signalNumber(name: string): number {
  const found = Object.entries(constants.signals).find(([known]) => known === name);
  return found?.[1] ?? constants.signals.SIGABRT;
}
