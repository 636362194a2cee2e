/** Which resource of one world is which of another, by where they stand in one function's type. */
import { childrenOf } from "./children.ts";
import type { FuncType, ResourceType, ValueType } from "./types.ts";

/**
 * Walks two types that `sameFunc` finds equal. Gives the resources of the left one with their counterparts on the
 * right; a resource that stands for two different ones has both.
 */
export function pairResources(left: FuncType, right: FuncType): Map<ResourceType, Set<ResourceType>> {
  const pairs = new Map<ResourceType, Set<ResourceType>>();
  // Types are DAGs: each pair is walked once.
  const seen = new Map<ValueType, Set<ValueType>>();
  const pending: [ValueType, ValueType][] = [];
  const push = (one: ValueType | undefined, other: ValueType | undefined): void => {
    if (one === undefined || other === undefined) return;
    const partners = seen.get(one) ?? new Set();
    seen.set(one, partners);
    if (partners.has(other)) return;
    partners.add(other);
    pending.push([one, other]);
  };
  for (const [index, param] of left.params.entries()) push(param.type, right.params[index]?.type);
  push(left.result, right.result);
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [one, other] = next;
    if ("resource" in one && "resource" in other) {
      const counterparts = pairs.get(one.resource) ?? new Set();
      pairs.set(one.resource, counterparts.add(other.resource));
    }
    const others = childrenOf(other);
    for (const [index, child] of childrenOf(one).entries()) push(child, others[index]);
  }
  return pairs;
}
