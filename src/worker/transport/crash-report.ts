/** What is said of a child that ended by itself during a run. */
import { type ErrorData, ERROR_CODES, type Finding } from "../../shared/errors.ts";
import type { InstanceRequest } from "../../shared/protocol.ts";
import type { ChildEnd } from "./child.ts";

/** V8's last words. */
const HEAP_EXHAUSTED = "JavaScript heap out of memory";

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
  if (end.signal !== undefined && end.stderr.some((line) => line.includes(HEAP_EXHAUSTED)))
    return heapExhausted(what);
  if (end.signal === "SIGXCPU" && limits.cpuMs !== undefined) return cpuExhausted(what, limits.cpuMs);
  // What the note says may be anything: only a bundle that the run has is one.
  const frame = end.frame !== undefined && names.includes(end.frame.bundle) ? end.frame : undefined;
  const bundle = frame?.bundle ?? (names.length === 1 ? names[0] : undefined);
  const subject = bundle === undefined ? "native code" : `host bundle "${bundle}"`;
  const isLoading = frame !== undefined && frame.function === undefined;
  const where = isLoading ? " while it was opened" : frame === undefined ? "" : ` in ${frame.function}`;
  const findings: Finding[] = [];
  if (limits.nativeBytes !== undefined) {
    const mebibytes = (limits.nativeBytes / 1024 ** 2).toFixed(0);
    findings.push({ message: `it may have been refused memory: native code may allocate ${mebibytes} MiB` });
  }
  if (end.stderr.length > 0)
    findings.push({ message: "the last lines on its standard error", lines: end.stderr });
  return {
    code: "NATIVE_CRASH",
    fault: ERROR_CODES.NATIVE_CRASH.fault,
    message: `${subject} ${manner(end)}${where}, ${Math.round(elapsedMs)} ms after ${since}`,
    ...(findings.length === 0 ? {} : { findings }),
    ...(bundle === undefined ? {} : { bundle }),
    ...(frame?.function === undefined ? {} : { function: frame.function }),
    ...(isLoading ? { phase: "load" as const } : {}),
    ...(end.signal === undefined || end.isGarbled ? {} : { signal: end.signal }),
  };
}

function heapExhausted(what: CrashContext["what"]): ErrorData {
  const { fault } = ERROR_CODES.TRAP;
  return { code: "TRAP", fault, message: `the ${what} used up the JavaScript heap of its process` };
}

function cpuExhausted(what: CrashContext["what"], cpuMs: number): ErrorData {
  const { fault } = ERROR_CODES.TIMEOUT;
  return { code: "TIMEOUT", fault, message: `the ${what} used more than ${cpuMs} ms of CPU time` };
}

function manner(end: ChildEnd): string {
  if (end.isGarbled) return "closed, or wrote to, descriptors that are not its own, and was ended";
  if (end.signal === "SIGKILL") return "was killed (SIGKILL)";
  if (end.signal !== undefined) return `crashed (${end.signal})`;
  return `ended its process with exit code ${end.exitCode ?? "unknown"}`;
}
