/**
 * What crosses between a supervising thread and its child process, in frames (`src/worker/transport/frames.ts`).
 * What the supervisor says is trusted. What comes back is not: a native library may write to any descriptor of its process, so each
 * reply is checked member by member and copied.
 */
import {
  ERROR_CODES,
  type ErrorCode,
  type ErrorData,
  type Finding,
  type Location,
  type ReachedLimit,
} from "./errors.ts";
import { isLimitName } from "./limits.ts";
import type { Call, ImportStats, InstanceRequest, LinkPlan, RunOutcome, RunRequest } from "./protocol.ts";
import type { SandboxOptions } from "./sandbox.ts";
import { fromJson } from "./value/json.ts";

export type ChildRequest =
  /** `bundles`: in the first question to a child, those that later ones may have; absent: the request's. */
  | {
      readonly kind: "run";
      readonly id: number;
      readonly request: RunRequest;
      readonly bundles?: SandboxBundles;
    }
  /** A session: make the instance, and keep it until there is an error, or its end. */
  | {
      readonly kind: "open";
      readonly id: number;
      readonly request: InstanceRequest;
      readonly bundles?: SandboxBundles;
    }
  | { readonly kind: "call"; readonly id: number; readonly call: Call }
  | { readonly kind: "end"; readonly id: number }
  /**
   * To a spare: such runs are likely. It reads and compiles the component, and runs nothing of it. With `bundles`, it will have no others,
   * and gives up its rights now.
   */
  | { readonly kind: "prepare"; readonly request: RunRequest; readonly bundles?: SandboxBundles }
  /** End the libraries, then the process. */
  | { readonly kind: "close" };

/** What is answered by an outcome. */
export type ChildQuestion = Extract<ChildRequest, { readonly id: number }>;

export type ChildReply =
  /** Everything is loaded; sent once. */
  | { readonly kind: "ready" }
  /** `isSpent`: native code has changed the process for good, so that a later run might end in something else. */
  | { readonly kind: "outcome"; readonly id: number; readonly outcome: RunOutcome; readonly isSpent?: true };

/** Native code that a child may come to run. */
export type SandboxBundles = Pick<LinkPlan, "libraries" | "adapters">;

/** A child's first argument, as JSON. */
export interface ChildSetup {
  readonly sandbox: SandboxOptions;
  /** A folder that it may make, for what is only its own. Its supervisor removes it. */
  readonly scratchFolder: string;
  /** Process id of its supervisor. */
  readonly supervisor: number;
  /** Where V8's code cache lies; absent: there is none. */
  readonly codeFolder?: string;
}

/** Descriptors of a child, besides 0 and 1, which are its supervisor's; 2 is a pipe whose last lines a crash report shows. */
export const CHILD_DESCRIPTORS = {
  channel: 3,
  /** The supervisor's standard error, for what guests write. */
  stderr: 4,
  /** A file that outlives the child, in which it notes what it is doing. */
  crashNote: 5,
} as const;

/** Exit status of a child that cannot reach its supervisor any more: a library has closed the channel. */
export const CHANNEL_LOST = 121;

/** More than any error has. */
const MAX_FINDINGS = 1000;

/** A reply as it should be, or nothing. `asked`: what the child was asked; a value must have the result type of its call. */
export function checkReply(
  reply: unknown,
  asked: { readonly id: number; readonly call?: Call } | undefined,
): ChildReply | undefined {
  const { kind, id, outcome, isSpent } = members(reply);
  if (kind === "ready") return { kind };
  if (kind !== "outcome" || asked === undefined || id !== asked.id) return undefined;
  const checked = checkOutcome(outcome, asked.call);
  if (checked === undefined) return undefined;
  return { kind, id: asked.id, outcome: checked, ...(isSpent === true ? { isSpent } : {}) };
}

function checkOutcome(data: unknown, call: Call | undefined): RunOutcome | undefined {
  const { status, durationMs, stdout, stderr, stats, trampolines, value, error } = members(data);
  if (typeof durationMs !== "number" || !(durationMs >= 0)) return undefined;
  const common = {
    durationMs,
    ...(typeof stdout === "string" ? { stdout } : {}),
    ...(typeof stderr === "string" ? { stderr } : {}),
    ...(Array.isArray(stats) ? { stats: stats.map(checkStats) } : {}),
    ...(typeof trampolines === "string" ? { trampolines } : {}),
  };
  if (status === "error") {
    const checked = checkError(error);
    return checked === undefined ? undefined : { status, error: checked, ...common };
  }
  if (status !== "ok") return undefined;
  const type = call?.kind === "export" ? call.type.result : undefined;
  if (type === undefined || value === undefined) {
    const isComplete = value === undefined && type === undefined;
    return isComplete ? { status, ...common } : undefined;
  }
  try {
    return { status, value: fromJson(value, type), ...common };
  } catch {
    // No value of that type: whatever the reason, it is no reply.
    return undefined;
  }
}

function checkStats(data: unknown): ImportStats {
  const { function: name, calls, bytesIn, bytesOut, timeNs } = members(data);
  return {
    function: text(name),
    calls: count(calls),
    bytesIn: count(bytesIn),
    bytesOut: count(bytesOut),
    timeNs: count(timeNs),
  };
}

function checkError(data: unknown): ErrorData | undefined {
  const { code, message, findings, exitCode, limit, ...rest } = members(data);
  if (typeof message !== "string" || !isErrorCode(code)) return undefined;
  if (Array.isArray(findings) && findings.length > MAX_FINDINGS) return undefined;
  return {
    code,
    fault: ERROR_CODES[code].fault,
    message,
    ...(Array.isArray(findings) ? { findings: findings.map(checkFinding) } : {}),
    ...texts(rest, ["help", "bundle", "function", "signal"]),
    ...(Number.isInteger(exitCode) ? { exitCode: Number(exitCode) & 0xff } : {}),
    ...checkLimit(limit),
  };
}

function checkLimit(data: unknown): { readonly limit?: ReachedLimit } {
  const { name, max, used } = members(data);
  if (!isLimitName(name) || typeof max !== "number") return {};
  return { limit: { name, max, ...(typeof used === "number" ? { used } : {}) } };
}

function checkFinding(data: unknown): Finding {
  const { message, where, lines, help } = members(data);
  return {
    message: text(message),
    ...(where === undefined ? {} : { where: checkLocation(where) }),
    ...(Array.isArray(lines) ? { lines: lines.slice(0, MAX_FINDINGS).map(text) } : {}),
    ...texts({ help }, ["help"]),
  };
}

function checkLocation(data: unknown): Location {
  const { file, ...numbers } = members(data);
  const location: { file: string; line?: number; column?: number; offset?: number } = { file: text(file) };
  for (const name of ["line", "column", "offset"] as const) {
    const number = numbers[name];
    if (typeof number === "number") location[name] = number;
  }
  return location;
}

function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === "string" && Object.hasOwn(ERROR_CODES, code);
}

function text(data: unknown): string {
  return typeof data === "string" ? data : "";
}

function count(data: unknown): number {
  return typeof data === "number" ? data : 0;
}

function texts<Name extends string>(
  from: Readonly<Record<string, unknown>>,
  names: readonly Name[],
): Partial<Record<Name, string>> {
  const found: Partial<Record<Name, string>> = {};
  for (const name of names) {
    const text = from[name];
    if (typeof text === "string") found[name] = text;
  }
  return found;
}

/** The own members of an object; none of anything else. */
function members(data: unknown): Readonly<Record<string, unknown>> {
  return typeof data === "object" && data !== null ? { ...data } : {};
}
