/** The claims of this process (`src/shared/claim-table.ts`). */
import { isMainThread } from "node:worker_threads";
import { ClaimTable } from "../../shared/claim-table.ts";
import type { LinkPlan } from "../../shared/protocol.ts";
import type { PlanClaims } from "../../shared/task.ts";

const table = new ClaimTable();

export const claimSlots = table.slots;

export function claimsFor(plan: LinkPlan): PlanClaims {
  // Another thread of this process may use hostbundle too, with a table of its own.
  return isMainThread ? table.claimsFor(plan) : { claims: [], adapterClaims: [] };
}
