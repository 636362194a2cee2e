import { childrenOf } from "../wit/children.ts";
import type { ValueType } from "../wit/types.ts";

const memo = new WeakMap<ValueType, boolean>();

/** Whether values of the type hold strings or lists, which are in memory even where the value itself is flat. */
export function hasPointers(type: ValueType): boolean {
  if (type.kind === "string" || type.kind === "list") return true;
  const known = memo.get(type);
  if (known !== undefined) return known;
  const found = childrenOf(type).some(hasPointers);
  memo.set(type, found);
  return found;
}
