/**
 * Tuples are records, enums, options and results are variants (CanonicalABI.md, "Despecialization"): one
 * reading of a type and of its values, so that every other rule is written for six kinds only.
 */
import type { Value } from "../../../src/shared/value/types.ts";
import type { PrimitiveKind, ValueType } from "../../../src/shared/wit/types.ts";

/** One case of a variant; `undefined` where it carries nothing. */
export type Payload = ValueType | undefined;

export type Plain =
  | { readonly kind: "primitive"; readonly primitive: PrimitiveKind }
  | { readonly kind: "list"; readonly element: ValueType }
  | { readonly kind: "fixed-list"; readonly element: ValueType; readonly length: number }
  | { readonly kind: "record"; readonly fields: readonly ValueType[] }
  | { readonly kind: "variant"; readonly payloads: readonly Payload[] }
  | { readonly kind: "flags"; readonly labels: readonly string[] };

export function despecialize(type: ValueType): Plain {
  switch (type.kind) {
    case "record":
      return { kind: "record", fields: type.fields.map((field) => field.type) };
    case "tuple":
      return { kind: "record", fields: type.elements };
    case "variant":
      return { kind: "variant", payloads: type.cases.map((one) => one.type) };
    case "enum":
      return { kind: "variant", payloads: type.labels.map(() => undefined) };
    case "option":
      return { kind: "variant", payloads: [undefined, type.element] };
    case "result":
      return { kind: "variant", payloads: [type.ok, type.err] };
    case "list":
      return { kind: "list", element: type.element };
    case "fixed-list":
      return { kind: "fixed-list", element: type.element, length: type.length };
    case "flags":
      return { kind: "flags", labels: type.labels };
    case "own":
    case "borrow":
      // Its index: tables of handles are the test's.
      return { kind: "primitive", primitive: "u32" };
    case "bool":
    case "s8":
    case "u8":
    case "s16":
    case "u16":
    case "s32":
    case "u32":
    case "s64":
    case "u64":
    case "f32":
    case "f64":
    case "char":
    case "string":
      return { kind: "primitive", primitive: type.kind };
  }
}

/** The fields of a record or tuple value, in order. */
export function fieldValues(type: ValueType, value: Value): readonly Value[] {
  if (type.kind === "record") {
    const fields = asObject(value);
    return type.fields.map((field) => valueAt(fields, field.name));
  }
  return elementValues(value);
}

/** The elements of a list value; a `list<u8>` is a Uint8Array. */
export function elementValues(value: Value): readonly Value[] {
  if (value instanceof Uint8Array) return [...value];
  if (!isArray(value)) throw new TypeError("expected an array");
  return value;
}

export function listOf(element: ValueType, values: readonly Value[]): Value {
  return element.kind === "u8" ? Uint8Array.from(values.map(Number)) : values;
}

export function recordOf(type: ValueType, values: readonly Value[]): Value {
  if (type.kind !== "record") return values;
  const record: Record<string, Value> = Object.create(null);
  for (const [index, field] of type.fields.entries()) {
    Object.defineProperty(record, field.name, {
      value: item(values, index),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return record;
}

export interface Case {
  readonly index: number;
  /** Absent where the case carries nothing. */
  readonly payload?: Value;
}

/** match_case: which case a variant, enum, option or result value is. */
export function caseOf(type: ValueType, value: Value): Case {
  if (type.kind === "enum") return { index: type.labels.indexOf(asString(value)) };
  if (type.kind === "variant") {
    if (typeof value === "string") return { index: type.cases.findIndex((one) => one.name === value) };
    const object = asObject(value);
    const label = Object.keys(object)[0];
    const index = type.cases.findIndex((one) => one.name === label);
    return { index, payload: valueAt(object, label ?? "") };
  }
  if (type.kind === "option") {
    if (value === null) return { index: 0 };
    return { index: 1, payload: type.element.kind === "option" ? valueAt(asObject(value), "some") : value };
  }
  if (type.kind === "result") {
    const object = asObject(value);
    const index = Object.hasOwn(object, "ok") ? 0 : 1;
    const payloadType = index === 0 ? type.ok : type.err;
    return payloadType === undefined
      ? { index }
      : { index, payload: valueAt(object, index === 0 ? "ok" : "err") };
  }
  throw new TypeError(`${type.kind} has no cases`);
}

export function valueOfCase(type: ValueType, { index, payload }: Case): Value {
  if (type.kind === "enum") return item(type.labels, index);
  if (type.kind === "variant") {
    const { name } = item(type.cases, index);
    return payload === undefined ? name : singleton(name, payload);
  }
  if (type.kind === "option") {
    if (index === 0) return null;
    return type.element.kind === "option" ? singleton("some", present(payload)) : present(payload);
  }
  if (type.kind === "result") return singleton(index === 0 ? "ok" : "err", payload ?? null);
  throw new TypeError(`${type.kind} has no cases`);
}

/** What stands at an index that is known to exist. */
export function item<T extends object | string | number | bigint | boolean | null>(
  values: readonly T[],
  index: number,
): T {
  const value = values[index];
  if (value === undefined) throw new RangeError(`no item ${index} of ${values.length}`);
  return value;
}

function isArray(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

function present(payload: Value | undefined): Value {
  if (payload === undefined) throw new TypeError("a payload is missing");
  return payload;
}

function singleton(label: string, payload: Value): Value {
  const object: Record<string, Value> = Object.create(null);
  object[label] = payload;
  return object;
}

function asObject(value: Value): { readonly [label: string]: Value } {
  if (typeof value !== "object" || value === null || isArray(value) || value instanceof Uint8Array) {
    throw new TypeError("expected an object");
  }
  return value;
}

function valueAt(object: { readonly [label: string]: Value }, label: string): Value {
  const value = Object.hasOwn(object, label) ? object[label] : undefined;
  if (value === undefined) throw new TypeError(`no value for ${label}`);
  return value;
}

export function asString(value: Value): string {
  if (typeof value !== "string") throw new TypeError("expected a string");
  return value;
}

export function asBigint(value: Value): bigint {
  if (typeof value !== "bigint") throw new TypeError("expected a bigint");
  return value;
}
