/**
 * Structural equality of types. Names of types don't count, labels do. A resource is its interface, without the
 * version (`isCompatible` is asked about that elsewhere), and its name.
 */
import { withoutVersion } from "./id.ts";
import { isPrimitive } from "./children.ts";
import type { FuncType, ResourceType, ValueType } from "./types.ts";

/** How two types are compared. */
export interface Comparison {
  readonly sameResource: (left: ResourceType, right: ResourceType) => boolean;
  /** Called for each pair of types that is looked at. */
  readonly count?: () => void;
}

/** Across worlds, where a resource is known by its names. */
const BY_NAME: Comparison = { sameResource: sameNames };

class Known {
  readonly comparison: Comparison;
  /** Pairs found equal, or being compared: types are DAGs, so each pair is looked at once. */
  readonly partners = new Map<ValueType, Set<ValueType>>();

  constructor(comparison: Comparison) {
    this.comparison = comparison;
  }
}

export function sameType(left: ValueType, right: ValueType, comparison = BY_NAME): boolean {
  return same(left, right, new Known(comparison));
}

/** Parameters by name and order, and the result. */
export function sameFunc(left: FuncType, right: FuncType, comparison = BY_NAME): boolean {
  const known = new Known(comparison);
  return (
    left.params.length === right.params.length &&
    left.params.every((param, index) => {
      const other = right.params[index];
      return other !== undefined && param.name === other.name && same(param.type, other.type, known);
    }) &&
    sameOptional(left.result, right.result, known)
  );
}

function sameNames(left: ResourceType, right: ResourceType): boolean {
  if (left === right) return true;
  if (left.name !== right.name) return false;
  if (left.interface === undefined || right.interface === undefined)
    return left.interface === right.interface;
  return withoutVersion(left.interface) === withoutVersion(right.interface);
}

function sameOptional(left: ValueType | undefined, right: ValueType | undefined, known: Known): boolean {
  if (left === undefined || right === undefined) return left === right;
  return same(left, right, known);
}

function same(left: ValueType, right: ValueType, known: Known): boolean {
  if (left === right) return true;
  if (left.kind !== right.kind) return false;
  known.comparison.count?.();
  const partners = known.partners.get(left);
  if (partners?.has(right) === true) return true;
  if (partners === undefined) known.partners.set(left, new Set([right]));
  // One difference anywhere ends the whole comparison, so an optimistic entry is never believed wrongly.
  else partners.add(right);
  return sameParts(left, right, known);
}

function sameParts(left: ValueType, right: ValueType, known: Known): boolean {
  // The caller has compared the kinds.
  if (isPrimitive(left)) return true;
  switch (left.kind) {
    case "list":
    case "option":
      return right.kind === left.kind && same(left.element, right.element, known);
    case "fixed-list":
      return (
        right.kind === left.kind && left.length === right.length && same(left.element, right.element, known)
      );
    case "record":
      return right.kind === left.kind && sameList(left.fields, right.fields, known);
    case "variant":
      return right.kind === left.kind && sameList(left.cases, right.cases, known);
    case "tuple":
      return (
        right.kind === left.kind &&
        left.elements.length === right.elements.length &&
        left.elements.every((element, index) => sameOptional(element, right.elements[index], known))
      );
    case "enum":
    case "flags":
      return (
        right.kind === left.kind &&
        left.labels.length === right.labels.length &&
        left.labels.every((label, index) => label === right.labels[index])
      );
    case "result":
      return (
        right.kind === left.kind &&
        sameOptional(left.ok, right.ok, known) &&
        sameOptional(left.err, right.err, known)
      );
    case "own":
    case "borrow":
      return right.kind === left.kind && known.comparison.sameResource(left.resource, right.resource);
  }
}

interface Part {
  readonly name: string;
  readonly type?: ValueType;
}

function sameList(left: readonly Part[], right: readonly Part[], known: Known): boolean {
  return (
    left.length === right.length &&
    left.every((part, index) => {
      const other = right[index];
      return other !== undefined && part.name === other.name && sameOptional(part.type, other.type, known);
    })
  );
}
