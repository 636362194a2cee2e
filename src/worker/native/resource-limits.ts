/** Limits that the kernel keeps for this process (`setrlimit`): they hold in native code too. Linux. */
import { readFileSync } from "node:fs";
import { errorName, machine, systemCaller, type SystemCaller } from "../sandbox/system-calls.ts";

/** `RLIMIT_*`, the same on x86-64 and AArch64. */
const RESOURCE = { cpu: 0, fileSize: 1, data: 2, core: 4, openFiles: 7 } as const;

const UNLIMITED = 0xffff_ffff_ffff_ffffn;

/** What the process may use for good. */
export interface ProcessLimits {
  /** Descriptors open at once. */
  readonly openFiles?: number;
  /** The longest file it may write. */
  readonly fileBytes?: number;
}

/** What one run may use, over what the process has used before it. */
export interface RunResources {
  /** CPU time of all threads; the kernel counts whole seconds, so that it is rounded up. */
  readonly cpuMs?: number;
  /** Writable memory that is not shared: what `malloc` gives, and whatever else grows during the run. */
  readonly dataBytes?: number;
}

/** Why a limit could not be set, by its name; empty: all are. */
export type Refusals = Readonly<Record<string, string>>;

/** No core dumps, which would hold what guests and libraries had in memory; and what else is for good. */
export function limitProcess({ openFiles, fileBytes }: ProcessLimits): Refusals {
  return setAll([
    ["core", 0, "hard"],
    ["openFiles", openFiles, "hard"],
    ["fileSize", fileBytes, "hard"],
  ]);
}

/**
 * Before each run. These are soft limits, so that the next run can have others: they stop native code that runs away, not code that
 * calls `setrlimit` itself. Over the CPU time the process gets SIGXCPU; over the memory, `malloc` gives NULL.
 */
export function limitRun({ cpuMs, dataBytes }: RunResources): Refusals {
  const { user, system } = process.cpuUsage();
  const usedMs = (user + system) / 1000;
  return setAll([
    ["cpu", cpuMs === undefined ? undefined : Math.ceil((usedMs + cpuMs) / 1000), "soft"],
    ["data", dataBytes === undefined ? undefined : dataNow() + dataBytes, "soft"],
  ]);
}

/** After a run: nothing between runs dies of the last one's limits. */
export function endRunLimits(): void {
  const on = machine();
  if (on === undefined) return;
  const call = systemCaller(on);
  for (const name of ["cpu", "data"] as const) {
    const { hard } = getLimit(call, name);
    setLimit(call, name, hard, hard);
  }
}

type Resource = keyof typeof RESOURCE;

function setAll(
  limits: readonly (readonly [name: Resource, value: number | undefined, kind: "soft" | "hard"])[],
): Refusals {
  const on = machine();
  const wanted = limits.filter(([, value]) => value !== undefined);
  if (on === undefined)
    return Object.fromEntries(wanted.map(([name]) => [name, `not on ${process.platform}`]));
  const call = systemCaller(on);
  const refused: [string, string][] = [];
  for (const [name, value = 0, kind] of wanted) {
    const { hard } = getLimit(call, name);
    // Never above what the process was given.
    const soft = BigInt(value) < hard ? BigInt(value) : hard;
    const result = setLimit(call, name, soft, kind === "hard" ? soft : hard);
    if (result < 0) refused.push([name, errorName(result)]);
  }
  return Object.fromEntries(refused);
}

function getLimit(call: SystemCaller, name: Resource): { readonly soft: bigint; readonly hard: bigint } {
  const limit = new BigUint64Array(2);
  call("prlimit64", 0, RESOURCE[name], 0, new Uint8Array(limit.buffer));
  const [soft = UNLIMITED, hard = UNLIMITED] = limit;
  return { soft, hard };
}

function setLimit(call: SystemCaller, name: Resource, soft: bigint, hard: bigint): number {
  return call("prlimit64", 0, RESOURCE[name], new Uint8Array(BigUint64Array.of(soft, hard).buffer), 0);
}

/** What the kernel counts against RLIMIT_DATA, in bytes. */
function dataNow(): number {
  const [, kib = "0"] = /^VmData:\s+([0-9]+) kB$/mu.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
  return Number(kib) * 1024;
}
