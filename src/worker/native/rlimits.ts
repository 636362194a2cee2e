/**
 * What the system holds a child process to during one run (`setrlimit`). Soft limits only: they are raised again when the run has
 * ended, and a library that raises them itself is not held by them.
 */
import { fstatSync, readdirSync, readFileSync } from "node:fs";
import { HostbundleError } from "../../shared/errors.ts";
import { nativeGrowthBytes, type RunLimits } from "../../shared/limits.ts";
import { libc } from "./libc.ts";

/** Linux's numbers, the same on x64 and arm64. */
const RLIMIT = { cpu: 0, data: 2, core: 4, openFiles: 7 } as const;

type Resource = keyof typeof RLIMIT;

const INFINITE = 2n ** 64n - 1n;

interface Calls {
  readonly get: (resource: number, at: number) => number;
  readonly set: (resource: number, at: number) => number;
  /** `struct rlimit`: soft and hard. */
  readonly limits: BigUint64Array;
  readonly at: number;
}

let opened: Calls | undefined;

function calls(): Calls {
  opened ??= open();
  return opened;
}

function open(): Calls {
  const { handle, memory } = libc();
  const limits = new BigUint64Array(new ArrayBuffer(16));
  return {
    get: handle.func("getrlimit", "int", ["int", "uintptr_t"]),
    set: handle.func("setrlimit", "int", ["int", "uintptr_t"]),
    limits,
    at: memory.addressOf(limits.buffer),
  };
}

/** A crash leaves no memory image behind. */
export function forbidCoreDumps(): void {
  if (process.platform !== "linux") return;
  const { set, limits, at } = calls();
  limits.fill(0n);
  set(RLIMIT.core, at);
}

/** Holds this process to the limits of a run; gives what ends that. Throws USAGE where the system has no such limits. */
export function limitProcess(limits: RunLimits): () => void {
  const { cpuMs, openFiles } = limits;
  const growthBytes = nativeGrowthBytes(limits);
  const wanted: (readonly [Resource, number])[] = [];
  if (growthBytes !== undefined) wanted.push(["data", dataBytes() + growthBytes]);
  // The system counts whole seconds of the process's life.
  if (cpuMs !== undefined) wanted.push(["cpu", Math.ceil((usedCpuMs() + cpuMs) / 1000)]);
  if (openFiles !== undefined) wanted.push(["openFiles", descriptorBound(openFiles)]);
  if (wanted.length === 0) return () => undefined;
  if (process.platform !== "linux") throw unsupported();
  const before = wanted.map(([resource, limit]) => [resource, lower(resource, BigInt(limit))] as const);
  return () => {
    for (const [resource, soft] of before) lower(resource, soft);
  };
}

/** Sets a soft limit; gives the one that was before. */
function lower(resource: Resource, soft: bigint): bigint {
  const { get, set, limits, at } = calls();
  get(RLIMIT[resource], at);
  const [before = INFINITE, hard = INFINITE] = limits;
  limits[0] = soft < hard ? soft : hard;
  set(RLIMIT[resource], at);
  return before;
}

function usedCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Memory of this process that only it can write to: what RLIMIT_DATA counts. */
function dataBytes(): number {
  const [, kib = "0"] = /^VmData:\s+([0-9]+) kB$/mu.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
  return Number(kib) * 1024;
}

/** The number of descriptors, used and free, that has so many free ones: what the system bounds is how high a new one may be. */
function descriptorBound(free: number): number {
  const used = new Set(readdirSync("/proc/self/fd").map(Number).filter(isOpen));
  let bound = 0;
  for (let left = free; left > 0; bound += 1) if (!used.has(bound)) left -= 1;
  return bound;
}

/** The listing itself had one open. */
function isOpen(descriptor: number): boolean {
  try {
    fstatSync(descriptor);
    return true;
  } catch {
    return false;
  }
}

function unsupported(): HostbundleError {
  return new HostbundleError(
    "USAGE",
    `limits on native memory, CPU time and open files need Linux, this is ${process.platform}`,
    { help: "leave out nativeBytes, cpuMs and openFiles" },
  );
}
