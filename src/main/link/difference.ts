/** Where two signatures differ, when their text alone does not show it. */
import { sameType } from "../../shared/wit/equal.ts";
import type { FuncType, ValueType } from "../../shared/wit/types.ts";
import { childrenOf } from "../../shared/wit/children.ts";

/** The innermost named types of the same place that are defined differently. */
export function differingDefinitions(
  left: FuncType,
  right: FuncType,
): { readonly left: ValueType; readonly right: ValueType } | undefined {
  let pair = firstDifferent(parts(left), parts(right));
  let named: typeof pair;
  while (pair !== undefined) {
    if (isNamed(pair.left) || isNamed(pair.right)) named = pair;
    pair = firstDifferent(childrenOf(pair.left), childrenOf(pair.right));
  }
  return named;
}

function firstDifferent(
  left: readonly ValueType[],
  right: readonly ValueType[],
): { readonly left: ValueType; readonly right: ValueType } | undefined {
  if (left.length !== right.length) return undefined;
  for (const [index, type] of left.entries()) {
    const other = right[index];
    if (other !== undefined && !sameType(type, other)) return { left: type, right: other };
  }
  return undefined;
}

function parts(type: FuncType): readonly ValueType[] {
  const params = type.params.map((param) => param.type);
  return type.result === undefined ? params : [...params, type.result];
}

function isNamed(type: ValueType): boolean {
  return "name" in type && type.name !== undefined;
}
