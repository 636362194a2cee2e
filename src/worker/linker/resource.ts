/** A resource type as one instantiation has it (CanonicalABI.md, "Resource State"). */
import type { ComponentInstance } from "./component-instance.ts";

/**
 * What a handle stands for: the number that the guest which implements the resource gave, or whatever object the
 * host keeps for it.
 */
export type Rep = unknown;

export interface Resource {
  /** For messages: the resource's WIT name, with its interface where there is one. */
  readonly name: string;
  /** The component instance that implements it; absent for resources of the host. */
  readonly implementer: ComponentInstance | undefined;
  /** Called once for each owned handle that is dropped. */
  readonly destroy: ((rep: Rep, caller: ComponentInstance) => void) | undefined;
  /** `destroy` is done or not begun, never done in part: a native function that was entered does not throw. */
  readonly isAtomic?: boolean | undefined;
  /** Of a resource of the host: whether that is one of its reps; absent: anything is. */
  readonly accepts?: ((rep: Rep) => boolean) | undefined;
}
