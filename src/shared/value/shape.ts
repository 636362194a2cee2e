/** Narrow a value of our own to the shape its type promises (`types.ts`); throw INTERNAL where it has another. */
import type { ValueType } from "../wit/types.ts";
import { mismatch } from "./mismatch.ts";
import type { Value } from "./types.ts";

/** `Array.isArray` does not narrow readonly arrays. */
function isArray(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

export function asArray(value: Value, type: ValueType, length?: number): readonly Value[] {
  if (!isArray(value) || (length !== undefined && value.length !== length)) throw mismatch(type);
  return value;
}

export function asRecord(value: Value, type: ValueType): { readonly [label: string]: Value } {
  if (typeof value !== "object" || value === null || isArray(value) || value instanceof Uint8Array)
    throw mismatch(type);
  return value;
}

/** The one property of a case with payload, a result or a nested option. */
export function asEntry(value: Value, type: ValueType): readonly [label: string, payload: Value] {
  const entries = Object.entries(asRecord(value, type));
  const [entry] = entries;
  if (entry === undefined || entries.length !== 1) throw mismatch(type);
  return entry;
}

/** The labels set in a flags value. */
export function asLabels(value: Value, type: ValueType): readonly string[] {
  return asArray(value, type).map((label) => {
    if (typeof label !== "string") throw mismatch(type);
    return label;
  });
}
