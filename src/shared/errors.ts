/**
 * Every way things go wrong, as data. Errors cross threads and processes, so they are identified by
 * `code`, never by `instanceof`; supervision reads `fault`, never text.
 */
import type { LimitName } from "./limits.ts";
import { printable } from "./printable.ts";

/** Whose fault it is. `bug` is ours. */
export type Fault = "user" | "guest" | "bundle" | "host" | "bug";

interface CodeEntry {
  readonly fault: Fault;
  /** Exit status of the command line (`CLI.md`, "exit"). */
  readonly exitCode: number;
}

/** The codes of `--json` and of the API. */
export const ERROR_CODES = {
  USAGE: { fault: "user", exitCode: 2 },
  CONFIG_INVALID: { fault: "user", exitCode: 2 },
  BUNDLE_INVALID: { fault: "user", exitCode: 2 },
  WIT_INVALID: { fault: "user", exitCode: 2 },
  COMPONENT_INVALID: { fault: "user", exitCode: 2 },
  LINK_FAILED: { fault: "user", exitCode: 2 },
  ARGUMENT_INVALID: { fault: "user", exitCode: 2 },
  TRAP: { fault: "guest", exitCode: 134 },
  GUEST_EXIT: { fault: "guest", exitCode: 1 },
  TIMEOUT: { fault: "guest", exitCode: 124 },
  MEMORY_LIMIT: { fault: "guest", exitCode: 137 },
  OUTPUT_LIMIT: { fault: "guest", exitCode: 137 },
  CALL_LIMIT: { fault: "guest", exitCode: 137 },
  /** With a signal the exit status is 128 and its number. */
  NATIVE_CRASH: { fault: "bundle", exitCode: 3 },
  HOST_FAULT: { fault: "bundle", exitCode: 3 },
  CANCELLED: { fault: "user", exitCode: 130 },
  INTERNAL: { fault: "bug", exitCode: 70 },
} as const satisfies Record<string, CodeEntry>;

export type ErrorCode = keyof typeof ERROR_CODES;

/** Where a finding was made. `line` and `column` count from 1; `offset` is in bytes. */
export interface Location {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  readonly offset?: number;
}

/** One fault among possibly many: a report lists all of them at once. */
export interface Finding {
  /** One sentence without a final stop: what is wrong. */
  readonly message: string;
  readonly where?: Location;
  /** Lines shown indented under the message: a source excerpt with a caret, two signatures, near names. */
  readonly lines?: readonly string[];
  /** What to do about it. */
  readonly help?: string;
}

/** An error as plain data, the form it has on the wire and in `--json`. */
export interface ErrorData {
  readonly code: ErrorCode;
  readonly fault: Fault;
  readonly message: string;
  readonly findings?: readonly Finding[];
  readonly help?: string;
  /** The host bundle concerned. */
  readonly bundle?: string;
  /** The WIT function concerned, as `ns:pkg/iface@1.0.0#func`. */
  readonly function?: string;
  /** For `GUEST_EXIT`: what the guest passed to `wasi:cli/exit`. */
  readonly exitCode?: number;
  /** For `NATIVE_CRASH`: the signal's name (`SIGSEGV`); absent where native code ended the process itself. */
  readonly signal?: string;
  /** For `NATIVE_CRASH`: the library crashed while it was opened, before any call. */
  readonly phase?: "load";
  /** The limit that ended the run. */
  readonly limit?: ReachedLimit;
}

/** A limit and its figures, in the unit of the limit. */
export interface ReachedLimit {
  readonly name: LimitName;
  /** What was allowed. */
  readonly max: number;
  /** What the run had taken or asked for, where that is known. */
  readonly used?: number;
}

/** What a thrower knows beyond code and message. */
export type ErrorContext = Omit<ErrorData, "code" | "fault" | "message">;

/** The one error class. `message` is a single line; `findings` carry the details. */
export class HostbundleError extends Error {
  readonly code: ErrorCode;
  readonly fault: Fault;
  readonly context: ErrorContext;

  constructor(code: ErrorCode, message: string, context: ErrorContext & { readonly cause?: unknown } = {}) {
    const { cause, ...rest } = context;
    super(message, cause === undefined ? undefined : { cause });
    this.name = "HostbundleError";
    this.code = code;
    this.fault = ERROR_CODES[code].fault;
    this.context = rest;
  }

  /** The same as plain data. */
  toData(): ErrorData {
    return { code: this.code, fault: this.fault, message: this.message, ...this.context };
  }
}

/** The error that plain data stands for. */
export function toError({ code, fault: _fault, message, ...context }: ErrorData): HostbundleError {
  return new HostbundleError(code, message, context);
}

/** The error of that code inside an unknown thrown value, also one that came from another thread. */
export function isHostbundleError(error: unknown): error is HostbundleError {
  return (
    error instanceof Error &&
    "code" in error &&
    typeof error.code === "string" &&
    Object.hasOwn(ERROR_CODES, error.code) &&
    "fault" in error
  );
}

/** Where a finding points, as `file:line:column` or `file (offset 0x1f)`. */
export function formatLocation(where: Location): string {
  if (where.offset !== undefined) return `${where.file} (offset 0x${where.offset.toString(16)})`;
  const line = where.line === undefined ? "" : `:${where.line}`;
  const column = where.line === undefined || where.column === undefined ? "" : `:${where.column}`;
  return `${where.file}${line}${column}`;
}

/** The text a person reads on stderr; several lines, no final newline. Nothing in it acts on a terminal. */
export function formatError(error: ErrorData): string {
  const out = [`error: ${printable(error.message)}`];
  for (const finding of error.findings ?? []) {
    out.push(`  ${printable(finding.message)}`);
    for (const line of finding.lines ?? []) out.push(`    ${printable(line)}`);
    if (finding.where !== undefined) out.push(`    in ${printable(formatLocation(finding.where))}`);
    if (finding.help !== undefined) out.push(`    help: ${printable(finding.help)}`);
  }
  if (error.help !== undefined) out.push(`  help: ${printable(error.help)}`);
  return out.join("\n");
}
