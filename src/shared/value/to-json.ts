import type { RecordType, ResultType, ValueType, VariantType } from "../wit/types.ts";
import { mismatch } from "./mismatch.ts";
import { shortestF32 } from "./numbers.ts";
import { asArray, asEntry, asLabels, asRecord } from "./shape.ts";
import type { Value } from "./types.ts";

/** What `JSON.stringify` prints without loss, but for the sign of -0, which it drops. */
export type JsonValue =
  | boolean
  | number
  | string
  | null
  | readonly JsonValue[]
  | { readonly [label: string]: JsonValue };

/**
 * The JSON form of a value (`CLI.md`, "Values"): 64-bit integers beyond 2^53 - 1 as decimal strings,
 * `list<u8>` as an array of numbers. Throws INTERNAL where the value does not have the type's shape.
 */
export function toJson(value: Value, type: ValueType): JsonValue {
  switch (type.kind) {
    case "bool":
      if (typeof value !== "boolean") throw mismatch(type);
      return value;
    case "s8":
    case "u8":
    case "s16":
    case "u16":
    case "s32":
    case "u32":
      if (typeof value !== "number") throw mismatch(type);
      return value;
    case "s64":
    case "u64":
      if (typeof value !== "bigint") throw mismatch(type);
      return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
    case "f32":
    case "f64":
      if (typeof value !== "number") throw mismatch(type);
      return floatToJson(type.kind, value);
    case "char":
    case "string":
    case "enum":
      if (typeof value !== "string") throw mismatch(type);
      return value;
    case "list":
      if (value instanceof Uint8Array) return Array.from(value);
      return asArray(value, type).map((element) => toJson(element, type.element));
    case "fixed-list":
      return asArray(value, type, type.length).map((element) => toJson(element, type.element));
    case "tuple": {
      const values = asArray(value, type, type.elements.length);
      return type.elements.map((element, index) => toJson(values[index] ?? null, element));
    }
    case "record":
      return recordToJson(value, type);
    case "variant":
      return variantToJson(value, type);
    case "option": {
      if (value === null) return null;
      if (type.element.kind !== "option") return toJson(value, type.element);
      return { some: toJson(asEntry(value, type)[1], type.element) };
    }
    case "result":
      return resultToJson(value, type);
    case "flags":
      return asLabels(value, type);
    case "own":
    case "borrow":
      throw mismatch(type);
  }
}

function floatToJson(kind: "f32" | "f64", value: number): JsonValue {
  if (Number.isNaN(value)) return "nan";
  if (value === Infinity) return "inf";
  if (value === -Infinity) return "-inf";
  // 0.1 rather than 0.10000000149011612: it rounds back to the same f32.
  return kind === "f32" ? Number(shortestF32(value)) : value;
}

function recordToJson(value: Value, type: RecordType): JsonValue {
  const record = asRecord(value, type);
  const json: Record<string, JsonValue> = Object.create(null);
  for (const { name, type: fieldType } of type.fields) {
    const field = record[name];
    if (field === undefined) throw mismatch(type);
    json[name] = toJson(field, fieldType);
  }
  return json;
}

function variantToJson(value: Value, type: VariantType): JsonValue {
  if (typeof value === "string") return value;
  const [label, payload] = asEntry(value, type);
  const payloadType = type.cases.find((one) => one.name === label)?.type;
  if (payloadType === undefined) throw mismatch(type);
  return { [label]: toJson(payload, payloadType) };
}

function resultToJson(value: Value, type: ResultType): JsonValue {
  const [label, payload] = asEntry(value, type);
  if (label !== "ok" && label !== "err") throw mismatch(type);
  const payloadType = type[label];
  const json = payloadType === undefined ? null : toJson(payload, payloadType);
  return label === "ok" ? { ok: json } : { err: json };
}
