import { basename } from "node:path";
import type { InstantiationPlan } from "../../shared/component-plan.ts";
import { type Finding, HostbundleError } from "../../shared/errors.ts";
import { checkPlan } from "../../shared/plan-check/check-plan.ts";
import type { PlanFault } from "../../shared/plan-check/faults.ts";
import { BinaryFault } from "../../shared/wit/binary/trail.ts";

/**
 * Checks a component's core modules against the plan of its instantiation. What is inside functions is left to the
 * engine: the modules have to be compiled too. `path` is for messages.
 * @throws {HostbundleError} COMPONENT_INVALID with everything that does not fit
 */
export function checkCoreModules(bytes: Uint8Array, plan: InstantiationPlan, path: string): void {
  const faults = findFaults(bytes, plan);
  if (faults.length === 0) return;
  const findings = faults.map(({ message, offset }): Finding => ({
    message,
    where: { file: path, ...(offset === undefined ? {} : { offset }) },
  }));
  throw new HostbundleError("COMPONENT_INVALID", `cannot run ${basename(path)}`, { findings });
}

function findFaults(bytes: Uint8Array, plan: InstantiationPlan): readonly PlanFault[] {
  try {
    return checkPlan(bytes, plan);
  } catch (error) {
    if (!(error instanceof BinaryFault)) throw error;
    return [error];
  }
}
