/** What is said of a child that ended by itself during a run. */
import { type ErrorData, ERROR_CODES, type Finding } from "../../shared/errors.ts";
import { heapExhausted } from "../../shared/heap-limit.ts";
import { HEADROOM_BYTES, type RunLimits } from "../../shared/limits.ts";
import { printBytes } from "../../shared/print-bytes.ts";
import type { InstanceRequest } from "../../shared/protocol.ts";
import type { ChildEnd } from "./child.ts";

/** What the child was doing. */
export interface CrashContext {
  readonly what: "run" | "session";
  /** How long ago it was that `since`. */
  readonly elapsedMs: number;
  readonly since: string;
}

export function crashReport(
  end: ChildEnd,
  { plan, limits }: Pick<InstanceRequest, "plan" | "limits">,
  { what, elapsedMs, since }: CrashContext,
): ErrorData {
  const names = [...new Set([...plan.libraries, ...plan.adapters].map(({ bundle }) => bundle))];
  if (end.signal !== undefined && end.heapExhausted !== undefined)
    return heapExhausted(what, "process", end.heapExhausted.maxMib);
  if (end.signal === "SIGXCPU" && limits.cpuMs !== undefined) return cpuExhausted(what, limits.cpuMs);
  // What the note says may be anything: only a bundle that the run has is one.
  const frame = end.frame !== undefined && names.includes(end.frame.bundle) ? end.frame : undefined;
  const bundle = frame?.bundle ?? (names.length === 1 ? names[0] : undefined);
  const subject = bundle === undefined ? "native code" : `host bundle "${bundle}"`;
  const called = {
    ...(bundle === undefined ? {} : { bundle }),
    ...(frame?.function === undefined ? {} : { function: frame.function }),
  };
  if (end.grownBytes !== undefined) return { ...memoryExhausted(what, end.grownBytes, limits), ...called };
  const isLoading = frame !== undefined && frame.function === undefined;
  const where = isLoading ? " while it was opened" : frame === undefined ? "" : ` in ${frame.function}`;
  const findings: Finding[] = [];
  if (limits.nativeBytes !== undefined) {
    const allowed = printBytes(limits.nativeBytes);
    findings.push({ message: `it may have been refused memory: native code may allocate ${allowed}` });
  }
  if (end.stderr.length > 0)
    findings.push({ message: "the last lines on its standard error", lines: end.stderr });
  return {
    code: "NATIVE_CRASH",
    fault: ERROR_CODES.NATIVE_CRASH.fault,
    message: `${subject} ${manner(end)}${where}, ${Math.round(elapsedMs)} ms after ${since}`,
    ...(findings.length === 0 ? {} : { findings }),
    ...called,
    ...(isLoading ? { phase: "load" as const } : {}),
    ...(end.signal === undefined || end.isGarbled ? {} : { signal: end.signal }),
  };
}

function memoryExhausted(
  what: CrashContext["what"],
  grownBytes: number,
  { nativeBytes = 0, memoryBytes }: RunLimits,
): ErrorData {
  const guest =
    memoryBytes === undefined ? "the guest's memory" : `${printBytes(memoryBytes)} of the guest's`;
  return {
    code: "MEMORY_LIMIT",
    fault: ERROR_CODES.MEMORY_LIMIT.fault,
    message: `the ${what}'s process has grown by ${printBytes(grownBytes)}; it may by ${printBytes(nativeBytes)} of native memory, ${guest}, and ${printBytes(HEADROOM_BYTES)}`,
    limit: { name: "nativeBytes", max: nativeBytes },
    help: "allow it more: --max-native-memory (limits.nativeBytes)",
  };
}

function cpuExhausted(what: CrashContext["what"], cpuMs: number): ErrorData {
  return {
    code: "TIMEOUT",
    fault: ERROR_CODES.TIMEOUT.fault,
    message: `the ${what} used more than ${cpuMs} ms of CPU time`,
    limit: { name: "cpuMs", max: cpuMs },
    help: "allow it more: --max-cpu (limits.cpuMs)",
  };
}

function manner(end: ChildEnd): string {
  if (end.isGarbled) return "closed, or wrote to, descriptors that are not its own, and was ended";
  if (end.signal === "SIGKILL") return "was killed (SIGKILL)";
  if (end.signal !== undefined) return `crashed (${end.signal})`;
  return `ended its process with exit code ${end.exitCode ?? "unknown"}`;
}
