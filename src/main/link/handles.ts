/** Which functions deal in resources: native libraries cannot serve those yet. */
import type { FuncType, ValueType, WitFunction } from "../../shared/wit/types.ts";
import { childrenOf } from "../../shared/wit/children.ts";

/** Finds functions that are members of a resource or that pass handles; keeps what it has walked. */
export class HandleFinder {
  /** Types are a DAG with much sharing: each is walked once, whatever the number of its uses. */
  readonly #known = new Map<ValueType, boolean>();

  usesResources(func: WitFunction): boolean {
    return func.role.kind !== "freestanding" || this.#funcHasHandles(func.type);
  }

  #funcHasHandles(type: FuncType): boolean {
    const { result } = type;
    return (
      type.params.some((param) => this.#hasHandles(param.type)) ||
      (result !== undefined && this.#hasHandles(result))
    );
  }

  #hasHandles(type: ValueType): boolean {
    const known = this.#known.get(type);
    if (known !== undefined) return known;
    const found =
      type.kind === "own" ||
      type.kind === "borrow" ||
      childrenOf(type).some((child) => this.#hasHandles(child));
    this.#known.set(type, found);
    return found;
  }
}
