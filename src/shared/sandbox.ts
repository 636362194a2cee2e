/** What a child process may do to the outside world, as plain data. */

/** `required`: no run without the whole sandbox; `best-effort`: whatever the system has; `off`: nothing. */
export type SandboxMode = "required" | "best-effort" | "off";

/** Files and folders with all that is in them, absolute. What there is not is left out. */
export interface FileGrants {
  readonly readable: readonly string[];
  /** May be read, written, made and removed. */
  readonly writable: readonly string[];
}

/** What a user grants to the libraries of a host, besides what their plans name. */
export interface SandboxGrants extends FileGrants {
  /** Sockets to other machines and this one's own ports (IPv4, IPv6); not those that are files (UNIX). */
  readonly network: boolean;
}

/** How the children of a host are restricted. */
export interface SandboxOptions extends SandboxGrants {
  readonly mode: SandboxMode;
}

/** Nothing but what plans name. */
export const NO_GRANTS: SandboxGrants = { readable: [], writable: [], network: false };

/** What a child is left with. Everything else is refused. */
export type SandboxPolicy = SandboxGrants;

/** The parts of the sandbox. */
export const SANDBOX_FEATURES = ["no-new-privileges", "files", "network", "signals", "system-calls"] as const;

export type SandboxFeature = (typeof SANDBOX_FEATURES)[number];

/** Of each part that it is on, or why it is not. */
export type SandboxReport = Readonly<Record<SandboxFeature, string>>;

export const SANDBOX_ON = "on";

/** The parts that are missing, each with its reason; none where all are on. */
export function missingParts(report: SandboxReport): readonly string[] {
  const missing = SANDBOX_FEATURES.filter((feature) => report[feature] !== SANDBOX_ON);
  return missing.map((feature) => `${feature}: ${report[feature]}`);
}
