/** What the Canonical ABI keeps for one component instance (CanonicalABI.md, "Component Instance State"). */
import type { InstanceState } from "../abi/types.ts";
import { HandleTable } from "./handle-table.ts";
import type { Resource } from "./resource.ts";

export class ComponentInstance implements InstanceState {
  /** False while the guest must not call out: inside `realloc` and post-return. */
  mayLeave = true;
  /** False while a call runs in it, and for good after a trap. */
  mayEnter = true;
  /** The first trap: whatever the guest makes of it, the instance is dead. */
  failure: unknown = undefined;
  readonly handles = new HandleTable();
  /** The resource types of the whole instantiation, by their index in the plan. */
  readonly resources: readonly Resource[];

  constructor(resources: readonly Resource[]) {
    this.resources = resources;
  }
}
