import { missingParts, type SandboxHandover, type SandboxReport } from "../../shared/sandbox.ts";
import { restrictCalls } from "./apply.ts";

/** The sandbox was required, and a part of it is missing. The message names the parts and why. */
export class SandboxMissing extends Error {
  override readonly name = "SandboxMissing";
}

/**
 * The second step, in the program that was executed, once it needs nothing more that the sandbox refuses.
 * `handover` is the text that the first step has passed on.
 * @throws {SandboxMissing}
 */
export function enterSandbox(handover: string): SandboxReport {
  // Our own first step has written it.
  const { policy, before }: SandboxHandover = JSON.parse(handover);
  const report = restrictCalls(policy, before);
  const missing = missingParts(report);
  if (missing !== undefined && policy.mode === "required")
    throw new SandboxMissing(`the sandbox is required, and this system lacks a part of it: ${missing}`);
  return report;
}
