/** What is said of a child that ended by itself during a run. */
import { type ErrorData, ERROR_CODES, type Finding } from "../../shared/errors.ts";
import type { RunRequest } from "../../shared/protocol.ts";
import type { ChildEnd } from "./child.ts";

/** `elapsedMs`: how long the run had been going. */
export function crashReport(end: ChildEnd, { plan }: RunRequest, elapsedMs: number): ErrorData {
  const names = [...new Set(plan.libraries.map((library) => library.bundle))];
  // What the note says may be anything: only a bundle that the run has is one.
  const frame = end.frame !== undefined && names.includes(end.frame.bundle) ? end.frame : undefined;
  const bundle = frame?.bundle ?? (names.length === 1 ? names[0] : undefined);
  const subject = bundle === undefined ? "native code" : `host bundle "${bundle}"`;
  const where =
    frame === undefined
      ? ""
      : frame.function === undefined
        ? " while it was opened"
        : ` in ${frame.function}`;
  const findings: Finding[] = [];
  if (end.stderr.length > 0)
    findings.push({ message: "the last lines on its standard error", lines: end.stderr });
  return {
    code: "NATIVE_CRASH",
    fault: ERROR_CODES.NATIVE_CRASH.fault,
    message: `${subject} ${manner(end)}${where}, ${Math.round(elapsedMs)} ms after the run began`,
    ...(findings.length === 0 ? {} : { findings }),
    ...(bundle === undefined ? {} : { bundle }),
    ...(frame?.function === undefined ? {} : { function: frame.function }),
    ...(end.signal === undefined || end.isGarbled ? {} : { signal: end.signal }),
  };
}

function manner(end: ChildEnd): string {
  if (end.isGarbled) return "wrote to descriptors that are not its own, and was ended";
  if (end.signal === "SIGKILL") return "was killed (SIGKILL)";
  if (end.signal !== undefined) return `crashed (${end.signal})`;
  return `ended its process with exit code ${end.exitCode ?? "unknown"}`;
}
