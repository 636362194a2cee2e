/** Which resources functions deal in. */
import type { FuncType, ResourceType, ValueType, WitFunction } from "../../shared/wit/types.ts";
import { childrenOf } from "../../shared/wit/children.ts";

const NONE: ReadonlySet<ResourceType> = new Set();

/** Finds functions that are members of a resource or that pass handles; keeps what it has walked. */
export class HandleFinder {
  /** Types are a DAG with much sharing: each is walked once, whatever the number of its uses. */
  readonly #known = new Map<ValueType, ReadonlySet<ResourceType>>();

  usesResources(func: WitFunction): boolean {
    return func.role.kind !== "freestanding" || this.resourcesOf(func.type).size > 0;
  }

  /** The resources whose handles a function takes or gives. */
  resourcesOf({ params, result }: FuncType): ReadonlySet<ResourceType> {
    const types = params.map((param) => param.type);
    if (result !== undefined) types.push(result);
    return this.#union(types);
  }

  #ofType(type: ValueType): ReadonlySet<ResourceType> {
    const known = this.#known.get(type);
    if (known !== undefined) return known;
    const found =
      type.kind === "own" || type.kind === "borrow"
        ? new Set([type.resource])
        : this.#union(childrenOf(type));
    this.#known.set(type, found);
    return found;
  }

  #union(types: readonly ValueType[]): ReadonlySet<ResourceType> {
    let all = NONE;
    for (const type of types) {
      const some = this.#ofType(type);
      // Most types hold none, and most of the others one that is there already.
      if (some.size > 0) all = all.size === 0 ? some : new Set([...all, ...some]);
    }
    return all;
  }
}
