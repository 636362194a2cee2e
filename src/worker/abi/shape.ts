/** Facts about a type that decide how its values cross: by pointer into guest memory, by plain copy, or field by field. */
import { type Layout, layoutOf, payloadCases, structMembers } from "../../shared/canonical-abi/layout.ts";
import type { ValueType } from "../../shared/wit/types.ts";

export interface Shape {
  /** In the guest's memory. */
  readonly guest: Layout;
  /** In native memory. */
  readonly native: Layout;
  /** Holds a string or list: the two layouts differ and there is something to release. */
  readonly hasPointers: boolean;
  /** Holds a string, list or handle: values are converted one by one, with the call at hand. */
  readonly isConverted: boolean;
  /** Every bit pattern is a valid value in normal form: no check, no normalisation. Implies that nothing is converted. */
  readonly isPlain: boolean;
  /**
   * Nothing is converted, and checking never rewrites a byte: a checked value may be used where it lies. False for
   * types that hold a `bool` or `flags` with unused bits.
   */
  readonly isCheckedInPlace: boolean;
  /** No byte in the guest's memory is padding, or left over by a case. Says nothing about what has pointers. */
  readonly isPacked: boolean;
}

type Facts = Omit<Shape, "guest" | "native">;

/** Of numbers. */
const PLAIN: Facts = {
  hasPointers: false,
  isConverted: false,
  isPlain: true,
  isCheckedInPlace: true,
  isPacked: true,
};

/** Of handles. */
const CONVERTED: Facts = { ...PLAIN, isConverted: true, isPlain: false, isCheckedInPlace: false };

const memo = new WeakMap<ValueType, Shape>();

export function shapeOf(type: ValueType): Shape {
  const known = memo.get(type);
  if (known !== undefined) return known;
  const shape = computeShape(type);
  memo.set(type, shape);
  return shape;
}

/** Bits of a flags value that mean something, as an i32. */
export function flagsMask(labels: number): number {
  return labels >= 32 ? -1 : 2 ** labels - 1;
}

function computeShape(type: ValueType): Shape {
  const layouts = { guest: layoutOf(type, 4), native: layoutOf(type, 8) };
  switch (type.kind) {
    case "string":
    case "list":
      return { ...layouts, ...CONVERTED, hasPointers: true };
    case "own":
    case "borrow":
      return { ...layouts, ...CONVERTED };
    case "bool":
      return { ...layouts, ...PLAIN, isPlain: false, isCheckedInPlace: false };
    case "char":
    case "enum":
      return { ...layouts, ...PLAIN, isPlain: false };
    case "flags": {
      const isFull = type.labels.length === layouts.guest.size * 8;
      return { ...layouts, ...PLAIN, isPlain: isFull, isCheckedInPlace: isFull };
    }
    case "record":
    case "tuple":
      return { ...layouts, ...combine(structMembers(type) ?? [], layouts.guest.size) };
    case "fixed-list":
      return { ...layouts, ...combine([type.element], shapeOf(type.element).guest.size) };
    case "variant":
    case "option":
    case "result":
      return {
        ...layouts,
        ...combine(
          (payloadCases(type) ?? []).filter((each) => each !== undefined),
          layouts.guest.size,
        ),
        isPlain: false,
        isPacked: false,
      };
    default:
      return { ...layouts, ...PLAIN };
  }
}

/** `bytes`: of all parts, in the guest's memory. */
function combine(parts: readonly ValueType[], bytes: number): Facts {
  const shapes = parts.map(shapeOf);
  return {
    hasPointers: shapes.some((shape) => shape.hasPointers),
    isConverted: shapes.some((shape) => shape.isConverted),
    isPlain: shapes.every((shape) => shape.isPlain),
    isCheckedInPlace: shapes.every((shape) => shape.isCheckedInPlace),
    isPacked:
      shapes.every((shape) => shape.isPacked) &&
      shapes.reduce((sum, shape) => sum + shape.guest.size, 0) === bytes,
  };
}
