/** Component binary → the plan by which our own linker instantiates it. */
import { basename } from "node:path";
import type { InstantiationPlan } from "../../shared/component-plan.ts";
import { HostbundleError } from "../../shared/errors.ts";
import type { DecodedComponent } from "../../shared/wit/binary/decode-world.ts";
import type { Refusal } from "../../shared/wit/binary/record-plan.ts";
import type { WorldType } from "../../shared/wit/types.ts";
import { checkCoreModules } from "./check-core.ts";
import { decodeComponent } from "./decode.ts";

/**
 * Decodes a component, and where our own linker can take it, checks the plan against the core modules.
 * @throws {HostbundleError} COMPONENT_INVALID with everything that is wrong
 */
export function checkComponent(bytes: Uint8Array, path: string): DecodedComponent {
  const component = decodeComponent(bytes, path);
  if (component.linking.kind === "own") checkCoreModules(bytes, component.linking.plan, path);
  return component;
}

/**
 * Imports, exports and plan of a component. `path` is for messages.
 * @throws {HostbundleError} COMPONENT_INVALID, also for a component that only jco could link
 */
export function planComponent(
  bytes: Uint8Array,
  path: string,
): { readonly world: WorldType; readonly plan: InstantiationPlan } {
  const { world, linking } = checkComponent(bytes, path);
  if (linking.kind === "jco") throw refused(linking.refusal, path);
  return { world, plan: linking.plan };
}

function refused({ reason, offset }: Refusal, path: string): HostbundleError {
  return new HostbundleError("COMPONENT_INVALID", `hostbundle's own linker cannot link ${basename(path)}`, {
    findings: [{ message: reason, where: { file: path, offset } }],
    help: "let hostbundle choose the linker: it falls back to jco",
  });
}
