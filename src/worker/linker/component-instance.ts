/** What the Canonical ABI keeps for one component instance (CanonicalABI.md, "Component Instance State"). */
import type { RepOnItsWay, TakenRep } from "../abi/handles.ts";
import type { InstanceState } from "../abi/types.ts";
import { type Handle, HandleTable } from "./handle-table.ts";
import type { Resource } from "./resource.ts";

export class ComponentInstance implements InstanceState, RepOnItsWay {
  /** False while the guest must not call out: inside `realloc` and post-return. */
  mayLeave = true;
  /** False while a call runs in it, and for good after a trap. */
  mayEnter = true;
  /** The first trap: whatever the guest makes of it, the instance is dead. */
  failure: unknown = undefined;
  readonly handles = new HandleTable();
  readonly taken: TakenRep[] = [];
  resourceOnItsWay: Resource | undefined = undefined;
  repOnItsWay = 0;
  /** An owned handle whose destructor is about to be called. */
  dropping: Handle | undefined = undefined;
  /** The resource types of the whole instantiation, by their index in the plan. */
  readonly resources: readonly Resource[];

  constructor(resources: readonly Resource[]) {
    this.resources = resources;
  }

  /**
   * The end: drops what is left of the host's resources, those made last first. Nothing of the guest runs any more, its
   * own destructors neither. What a destructor throws does not keep the others from being called; the first is given.
   */
  dropAll(): unknown {
    let first: unknown;
    const drop = ({ resource, rep }: TakenRep | Handle): void => {
      try {
        resource.destroy?.(rep, this);
      } catch (error) {
        first ??= error;
      }
    };
    for (const taken of this.taken.splice(0).toReversed()) drop(taken);
    const left = this.handles.clear();
    if (this.resourceOnItsWay !== undefined) drop({ resource: this.resourceOnItsWay, rep: this.repOnItsWay });
    if (this.dropping !== undefined && !left.includes(this.dropping)) drop(this.dropping);
    this.resourceOnItsWay = undefined;
    this.dropping = undefined;
    for (const handle of left) {
      if (handle.scope === undefined && handle.resource.implementer === undefined) drop(handle);
    }
    return first;
  }
}
