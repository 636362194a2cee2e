/** Component binary → the plan by which our own linker instantiates it. */
import { basename } from "node:path";
import type { InstantiationPlan } from "../../shared/component-plan.ts";
import { HostbundleError } from "../../shared/errors.ts";
import type { Refusal } from "../../shared/wit/binary/record-plan.ts";
import type { WorldType } from "../../shared/wit/types.ts";
import { decodeComponent } from "./decode.ts";

/**
 * Imports, exports and plan of a component. `path` is for messages.
 * @throws {HostbundleError} COMPONENT_INVALID, also for a component that only jco could link
 */
export function planComponent(
  bytes: Uint8Array,
  path: string,
): { readonly world: WorldType; readonly plan: InstantiationPlan } {
  const { world, linking } = decodeComponent(bytes, path);
  if (linking.kind === "jco") throw refused(linking.refusal, path);
  return { world, plan: linking.plan };
}

function refused({ reason, offset }: Refusal, path: string): HostbundleError {
  return new HostbundleError("COMPONENT_INVALID", `hostbundle's own linker cannot link ${basename(path)}`, {
    findings: [{ message: reason, where: { file: path, offset } }],
    help: "let hostbundle choose the linker: it falls back to jco",
  });
}
