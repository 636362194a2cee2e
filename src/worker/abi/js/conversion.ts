/** How values look in JavaScript, and what is compiled for a type under that view: once per type, by identity. */
import { childrenOf } from "../../../shared/wit/children.ts";
import type { ValueType } from "../../../shared/wit/types.ts";
import { lowerCamel } from "../../../shared/js-names.ts";
import type { ResourceIndex, ValueStyle } from "./types.ts";

/**
 * `wire` is for values on their way from one guest to another, which nobody else sees: `enum` and `char` are numbers,
 * `flags` are bits, fields are numbered, a case is `{ tag, val }` with its index, and what both guests write alike is
 * `Lent`. They are right as they were lifted, so lowering does not check them again.
 */
export type Style = ValueStyle | "wire";

export class Conversion {
  readonly style: Style;
  readonly resourceIndex: ResourceIndex;

  constructor(style: Style, resourceIndex: ResourceIndex) {
    this.style = style;
    this.resourceIndex = resourceIndex;
  }

  /** The property of a record or flags object that stands for a label. */
  keyOf(label: string, index: number): string {
    switch (this.style) {
      case "value":
        return label;
      case "js":
        return lowerCamel(label);
      case "wire":
        return `f${index}`;
    }
  }
}

/** For types without handles: shared by all components. */
const PLAIN: Readonly<Record<Style, Conversion>> = {
  value: new Conversion("value", noResource),
  js: new Conversion("js", noResource),
  wire: new Conversion("wire", noResource),
};

const withHandles: Record<Style, WeakMap<ResourceIndex, Conversion>> = {
  value: new WeakMap(),
  js: new WeakMap(),
  wire: new WeakMap(),
};

export function conversionOf(style: Style, resourceIndex: ResourceIndex): Conversion {
  const known = withHandles[style].get(resourceIndex);
  if (known !== undefined) return known;
  const made = new Conversion(style, resourceIndex);
  withHandles[style].set(resourceIndex, made);
  return made;
}

function noResource(): never {
  throw new RangeError("a type without handles names no resource");
}

export type Memo<T> = WeakMap<Conversion, WeakMap<ValueType, T>>;

/** What was built for the type before, or is built now. Types are a DAG: children are built before it is noted. */
export function memoised<K extends ValueType, T>(
  memo: Memo<T>,
  type: K,
  conversion: Conversion,
  build: (type: K, conversion: Conversion) => T,
): T {
  const home = hasHandles(type) ? conversion : PLAIN[conversion.style];
  let byType = memo.get(home);
  if (byType === undefined) memo.set(home, (byType = new WeakMap()));
  const known = byType.get(type);
  if (known !== undefined) return known;
  const built = build(type, home);
  byType.set(type, built);
  return built;
}

const handles = new WeakMap<ValueType, boolean>();

/** Whether values of the type hold an `own` or `borrow`. */
function hasHandles(type: ValueType): boolean {
  const known = handles.get(type);
  if (known !== undefined) return known;
  const found = type.kind === "own" || type.kind === "borrow" || childrenOf(type).some(hasHandles);
  handles.set(type, found);
  return found;
}

/** Whether values of the type hold a handle of that kind. */
export function mentions(types: readonly ValueType[], kind: "own" | "borrow"): boolean {
  const seen = new Set<ValueType>();
  const pending = types.filter(hasHandles);
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (next.kind === kind) return true;
    if (seen.has(next)) continue;
    seen.add(next);
    pending.push(...childrenOf(next).filter(hasHandles));
  }
  return false;
}
