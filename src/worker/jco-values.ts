/**
 * Values (`src/shared/value/types.ts`) ↔ what the functions of jco's modules take and give.
 *
 * | WIT | jco |
 * |---|---|
 * | `record`, `flags` | object with camelCase keys; a flag is a boolean |
 * | `variant`, nested `result` | `{ tag, val }` |
 * | `option` | the value or `undefined`; `{ tag: "some" \| "none", val }` where the payload is an option given as a value or `undefined` |
 * | lists of numbers | a typed array |
 * | everything else | as in a Value |
 *
 * A `result` that a function returns at top level is not here: jco throws its `err`.
 */
import { HostbundleError } from "../shared/errors.ts";
import { mismatch } from "../shared/value/mismatch.ts";
import { asArray, asRecord } from "../shared/value/shape.ts";
import type { Value } from "../shared/value/types.ts";
import type { ListType, OptionType, ResultType, ValueType, VariantType } from "../shared/wit/types.ts";
import { lowerCamel } from "../shared/js-names.ts";

/** A value of the given type, as jco's functions take it. The value has been checked (`fromJson`, WAVE). */
export function toJco(value: Value, type: ValueType): unknown {
  switch (type.kind) {
    case "list":
      return listToJco(value, type);
    case "fixed-list":
      return asArray(value, type).map((element) => toJco(element, type.element));
    case "tuple": {
      const elements = asArray(value, type);
      return type.elements.map((element, index) => toJco(elements[index] ?? null, element));
    }
    case "record": {
      const fields = asRecord(value, type);
      return Object.fromEntries(
        type.fields.map((field) => [lowerCamel(field.name), toJco(fields[field.name] ?? null, field.type)]),
      );
    }
    case "flags": {
      const set = new Set(asArray(value, type));
      return Object.fromEntries(type.labels.map((label) => [lowerCamel(label), set.has(label)]));
    }
    case "variant":
      return variantToJco(value, type);
    case "option":
      return optionToJco(value, type);
    case "result": {
      const fields = asRecord(value, type);
      const tag = Object.hasOwn(fields, "ok") ? "ok" : "err";
      return { tag, val: payloadToJco(fields[tag] ?? null, type[tag]) };
    }
    case "own":
    case "borrow":
      throw mismatch(type);
    default:
      return value;
  }
}

/** The Value of what a jco function returned. */
export function fromJco(raw: unknown, type: ValueType): Value {
  switch (type.kind) {
    case "bool":
      if (typeof raw === "boolean") return raw;
      break;
    case "s64":
    case "u64":
      if (typeof raw === "bigint") return raw;
      break;
    case "char":
    case "string":
    case "enum":
      if (typeof raw === "string") return raw;
      break;
    case "list":
      return listFromJco(raw, type.element);
    case "fixed-list":
      return elementsOf(raw, type).map((element) => fromJco(element, type.element));
    case "tuple": {
      const elements = elementsOf(raw, type);
      return type.elements.map((element, index) => fromJco(elements[index], element));
    }
    case "record": {
      const record: Record<string, Value> = Object.create(null);
      for (const field of type.fields) {
        record[field.name] = fromJco(property(raw, lowerCamel(field.name), type), field.type);
      }
      return record;
    }
    case "flags":
      return type.labels.filter((label) => property(raw, lowerCamel(label), type) === true);
    case "variant": {
      const label = property(raw, "tag", type);
      const chosen = type.cases.find((candidate) => candidate.name === label);
      if (chosen === undefined) break;
      if (chosen.type === undefined) return chosen.name;
      return single(chosen.name, fromJco(property(raw, "val", type), chosen.type));
    }
    case "option":
      return optionFromJco(raw, type);
    case "result": {
      const tag = property(raw, "tag", type);
      if (tag === "ok" || tag === "err") return resultValue(tag, property(raw, "val", type), type);
      break;
    }
    case "own":
    case "borrow":
      break;
    default:
      if (typeof raw === "number") return raw;
  }
  throw unexpected(raw, type);
}

/** `{ ok }` or `{ err }` from a payload of jco's. */
export function resultValue(side: "ok" | "err", payload: unknown, type: ResultType): Value {
  const payloadType = type[side];
  return single(side, payloadType === undefined ? null : fromJco(payload, payloadType));
}

type NumberArray =
  | Int8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array;

function listToJco(value: Value, type: ListType): unknown {
  if (value instanceof Uint8Array) return value;
  const { element } = type;
  const elements = asArray(value, type);
  const numbers = numberArray(element, elements.length);
  if (numbers !== undefined) {
    for (const [index, item] of elements.entries()) numbers[index] = Number(item);
    return numbers;
  }
  if (element.kind === "u64" || element.kind === "s64") {
    const wide = new (element.kind === "u64" ? BigUint64Array : BigInt64Array)(elements.length);
    for (const [index, item] of elements.entries()) if (typeof item === "bigint") wide[index] = item;
    return wide;
  }
  return elements.map((item) => toJco(item, element));
}

function numberArray({ kind }: ValueType, length: number): NumberArray | undefined {
  switch (kind) {
    case "s8":
      return new Int8Array(length);
    case "s16":
      return new Int16Array(length);
    case "u16":
      return new Uint16Array(length);
    case "s32":
      return new Int32Array(length);
    case "u32":
      return new Uint32Array(length);
    case "f32":
      return new Float32Array(length);
    case "f64":
      return new Float64Array(length);
    default:
      return undefined;
  }
}

function listFromJco(raw: unknown, element: ValueType): Value {
  // A copy of its own: a view would be cloned to the main thread with the whole buffer behind it.
  if (element.kind === "u8" && (raw instanceof Uint8Array || Array.isArray(raw))) return Uint8Array.from(raw);
  return elementsOf(raw, element).map((item) => fromJco(item, element));
}

function variantToJco(value: Value, type: VariantType): unknown {
  if (typeof value === "string") return { tag: value, val: undefined };
  const fields = asRecord(value, type);
  const chosen = type.cases.find((candidate) => Object.hasOwn(fields, candidate.name));
  if (chosen === undefined) throw mismatch(type);
  return { tag: chosen.name, val: payloadToJco(fields[chosen.name] ?? null, chosen.type) };
}

function payloadToJco(value: Value, type: ValueType | undefined): unknown {
  return type === undefined ? undefined : toJco(value, type);
}

/** jco gives an option as the payload or `undefined`, unless the payload is itself an option that it gives so. */
function isUnwrapped(type: OptionType): boolean {
  return type.element.kind !== "option" || !isUnwrapped(type.element);
}

function optionToJco(value: Value, type: OptionType): unknown {
  if (value === null) return isUnwrapped(type) ? undefined : { tag: "none" };
  const payload = type.element.kind === "option" ? (asRecord(value, type)["some"] ?? null) : value;
  const given = toJco(payload, type.element);
  return isUnwrapped(type) ? given : { tag: "some", val: given };
}

function optionFromJco(raw: unknown, type: OptionType): Value {
  const isNone = isUnwrapped(type) ? raw === undefined : property(raw, "tag", type) === "none";
  if (isNone) return null;
  const payload = fromJco(isUnwrapped(type) ? raw : property(raw, "val", type), type.element);
  return type.element.kind === "option" ? single("some", payload) : payload;
}

function single(label: string, value: Value): Value {
  const out: Record<string, Value> = Object.create(null);
  out[label] = value;
  return out;
}

function elementsOf(raw: unknown, type: ValueType): readonly unknown[] {
  if (Array.isArray(raw)) return raw;
  if (isTypedArray(raw)) return Array.from<unknown>(raw);
  throw unexpected(raw, type);
}

function property(raw: unknown, key: string, type: ValueType): unknown {
  if (typeof raw !== "object" || raw === null) throw unexpected(raw, type);
  return Reflect.get(raw, key);
}

function isTypedArray(raw: unknown): raw is Iterable<unknown> {
  return ArrayBuffer.isView(raw) && Symbol.iterator in raw;
}

/** What came out of jco's module is not what it gives for the type. */
function unexpected(raw: unknown, type: ValueType): HostbundleError {
  return new HostbundleError("INTERNAL", `expected a value of type ${type.kind} from jco, got ${typeof raw}`);
}
