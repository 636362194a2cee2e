/** What a child process may do to the outside world, as plain data. */

/** `required`: no run without the whole sandbox; `best-effort`: whatever the system has; `off`: nothing. */
export type SandboxMode = "required" | "best-effort" | "off";

/** What a child is left with. Everything else is refused. */
export interface SandboxPolicy {
  readonly mode: Exclude<SandboxMode, "off">;
  /** Files and folders with all that is in them, absolute: read, and mapped as code. What there is not is left out. */
  readonly readable: readonly string[];
  /** Files and folders that may be read, written, made and removed. */
  readonly writable: readonly string[];
  /** Sockets of any kind. */
  readonly network: boolean;
}

/** The parts of the sandbox. */
export const SANDBOX_FEATURES = ["no-new-privileges", "files", "network", "signals", "system-calls"] as const;

export type SandboxFeature = (typeof SANDBOX_FEATURES)[number];

/** Of each part that it is on, or why it is not. */
export type SandboxReport = Readonly<Record<SandboxFeature, string>>;

export const SANDBOX_ON = "on";

/** The parts that are missing, as one clause; nothing where all are on. */
export function missingParts(report: SandboxReport): string | undefined {
  const missing = SANDBOX_FEATURES.filter((feature) => report[feature] !== SANDBOX_ON);
  if (missing.length === 0) return undefined;
  return missing.map((feature) => `${feature} (${report[feature]})`).join(", ");
}

/** First argument of the program that restricts itself and then executes the child's, as JSON. */
export interface SandboxLaunch {
  readonly policy: SandboxPolicy;
  /** The child's program, and what Node and it are given. */
  readonly file: string;
  readonly execArgv: readonly string[];
  readonly args: readonly string[];
  /** What the child keeps besides the first three. */
  readonly descriptors: readonly number[];
}

/** What the child's program gets as its last argument, as JSON. */
export interface SandboxHandover {
  readonly policy: SandboxPolicy;
  /** Of the parts that are set before the program is executed: that they are on, or why not. */
  readonly before: Readonly<Partial<Record<SandboxFeature, string>>>;
}
