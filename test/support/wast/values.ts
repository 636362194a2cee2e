/** Constants of a script as values of a type, and values compared. */
import type { Value } from "../../../src/shared/value/types.ts";
import type { ValueType } from "../../../src/shared/wit/types.ts";
import type { Constant } from "./constants.ts";

/** A constant that is not of the type that the function has. */
export class ConstantMisfit extends Error {
  constructor(constant: Constant, type: ValueType) {
    super(`the script has a ${constant.kind} where the function has a ${type.kind}`);
    this.name = "ConstantMisfit";
  }
}

/** @throws {ConstantMisfit} */
export function valueOfConstant(constant: Constant, type: ValueType): Value {
  switch (constant.kind) {
    case "bool":
    case "f32":
    case "f64":
    case "char":
    case "string":
      if (type.kind !== constant.kind) break;
      return constant.value;
    case "u8":
    case "s8":
    case "u16":
    case "s16":
    case "u32":
    case "s32":
      if (type.kind !== constant.kind) break;
      return Number(constant.value);
    case "u64":
    case "s64":
      if (type.kind !== constant.kind) break;
      return constant.value;
    case "list":
      return listValue(constant, type);
    case "tuple": {
      if (type.kind !== "tuple" || type.elements.length !== constant.elements.length) break;
      return type.elements.map((element, index) => valueOfConstant(part(constant, index, type), element));
    }
    case "record": {
      if (type.kind !== "record" || type.fields.length !== constant.fields.length) break;
      const value: Record<string, Value> = Object.create(null);
      for (const [index, field] of type.fields.entries()) {
        const given = constant.fields[index];
        if (given?.name !== field.name) throw new ConstantMisfit(constant, type);
        value[field.name] = valueOfConstant(given.value, field.type);
      }
      return value;
    }
    case "variant": {
      const found = type.kind === "variant" && type.cases.find(({ name }) => name === constant.label);
      if (found === false || found === undefined) break;
      if (found.type === undefined && constant.payload === undefined) return constant.label;
      return { [constant.label]: payloadValue(constant, found.type, type) };
    }
    case "enum":
      if (type.kind !== "enum" || !type.labels.includes(constant.label)) break;
      return constant.label;
    case "option": {
      if (type.kind !== "option") break;
      if (constant.payload === undefined) return null;
      const value = valueOfConstant(constant.payload, type.element);
      return type.element.kind === "option" ? { some: value } : value;
    }
    case "result": {
      if (type.kind !== "result") break;
      const payloadType = constant.label === "ok" ? type.ok : type.err;
      if (payloadType === undefined && constant.payload === undefined) return { [constant.label]: null };
      return { [constant.label]: payloadValue(constant, payloadType, type) };
    }
    case "flags":
      if (type.kind !== "flags" || constant.labels.some((label) => !type.labels.includes(label))) break;
      return type.labels.filter((label) => constant.labels.includes(label));
  }
  throw new ConstantMisfit(constant, type);
}

function listValue(constant: Extract<Constant, { kind: "list" | "tuple" }>, type: ValueType): Value {
  if (type.kind !== "list" && type.kind !== "fixed-list") throw new ConstantMisfit(constant, type);
  if (type.kind === "fixed-list" && type.length !== constant.elements.length)
    throw new ConstantMisfit(constant, type);
  const values = constant.elements.map((element) => valueOfConstant(element, type.element));
  return type.kind === "list" && type.element.kind === "u8" ? Uint8Array.from(values, Number) : values;
}

function part(
  constant: Extract<Constant, { kind: "list" | "tuple" }>,
  index: number,
  type: ValueType,
): Constant {
  const element = constant.elements[index];
  if (element === undefined) throw new ConstantMisfit(constant, type);
  return element;
}

function payloadValue(
  constant: Extract<Constant, { kind: "variant" | "result" }>,
  payloadType: ValueType | undefined,
  type: ValueType,
): Value {
  if (constant.payload === undefined || payloadType === undefined) throw new ConstantMisfit(constant, type);
  return valueOfConstant(constant.payload, payloadType);
}

/** Zeros by sign, one NaN like another, records by their own keys in any order. */
export function sameValue(left: unknown, right: unknown): boolean {
  if (Object.is(left, right)) return true;
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null) return false;
  if (Array.isArray(left) !== Array.isArray(right)) return false;
  if (left instanceof Uint8Array !== right instanceof Uint8Array) return false;
  const entries = new Map<string, unknown>(Object.entries(left));
  const others = Object.entries(right);
  return (
    entries.size === others.length &&
    others.every(([key, value]) => entries.has(key) && sameValue(entries.get(key), value))
  );
}

/** A value as text for messages. */
export function printValue(value: unknown): string {
  const text = JSON.stringify(value, (_, part: unknown) => {
    if (typeof part === "bigint") return `${part}`;
    if (typeof part === "number" && !Number.isFinite(part)) return String(part);
    if (Object.is(part, -0)) return "-0";
    return part instanceof Uint8Array ? Array.from(part) : part;
  });
  if (text === undefined) return "nothing";
  return text.length > 300 ? `${text.slice(0, 300)}...` : text;
}
