/** What a process that tried it found out about native code and the sandbox on this machine. Plain data, written as JSON. */
import { SANDBOX_FEATURES, type SandboxReport } from "./sandbox.ts";

export interface Probe {
  /** koffi's version; absent: it cannot be loaded. */
  readonly koffi?: string;
  /** Why koffi cannot be loaded. */
  readonly koffiError?: string;
  /** Whether the routine in machine code that ends a call may be used. */
  readonly hasMachineCode: boolean;
  /** The version of Landlock; absent: there is none. */
  readonly landlockAbi?: number;
  /** Limits of the kernel that could not be set, and why. */
  readonly refusedLimits: Readonly<Record<string, string>>;
  /** What became of the sandbox; absent: koffi cannot be loaded. */
  readonly sandbox?: SandboxReport;
}

/** Nothing for a text that is no probe: the process has ended before it had written all of it. */
export function parseProbe(text: string): Probe | undefined {
  try {
    const probe: unknown = JSON.parse(text);
    return isProbe(probe) ? probe : undefined;
  } catch {
    return undefined;
  }
}

function isProbe(probe: unknown): probe is Probe {
  if (typeof probe !== "object" || probe === null) return false;
  if (!("hasMachineCode" in probe) || !("refusedLimits" in probe)) return false;
  if (!("sandbox" in probe)) return true;
  const { sandbox } = probe;
  return typeof sandbox === "object" && sandbox !== null && SANDBOX_FEATURES.every((name) => name in sandbox);
}
