/** A Value as the JavaScript ABI gives and takes it in each of its styles. */
import type { Value } from "../../../src/shared/value/types.ts";
import type { ValueType } from "../../../src/shared/wit/types.ts";
import type { ValueStyle } from "../../../src/worker/abi/js/types.ts";
import { asBigint, caseOf, elementValues, fieldValues, item } from "./despecialize.ts";

type Numbers = (values: readonly Value[]) => ArrayBufferView;

const TYPED_ARRAYS: ReadonlyMap<string, Numbers> = new Map<string, Numbers>([
  ["u8", (values) => Uint8Array.from(values.map(Number))],
  ["s8", (values) => Int8Array.from(values.map(Number))],
  ["u16", (values) => Uint16Array.from(values.map(Number))],
  ["s16", (values) => Int16Array.from(values.map(Number))],
  ["u32", (values) => Uint32Array.from(values.map(Number))],
  ["s32", (values) => Int32Array.from(values.map(Number))],
  ["f32", (values) => Float32Array.from(values.map(Number))],
  ["f64", (values) => Float64Array.from(values.map(Number))],
  ["u64", (values) => BigUint64Array.from(values.map(asBigint))],
  ["s64", (values) => BigInt64Array.from(values.map(asBigint))],
]);

export function inStyle(value: Value, type: ValueType, style: ValueStyle): unknown {
  const inner = (payload: Value | undefined, of: ValueType | undefined): unknown =>
    of === undefined || payload === undefined ? undefined : inStyle(payload, of, style);
  const isJs = style === "js";
  switch (type.kind) {
    case "list": {
      const typed = isJs || type.element.kind === "u8" ? TYPED_ARRAYS.get(type.element.kind) : undefined;
      const values = elementValues(value);
      return typed === undefined ? values.map((each) => inStyle(each, type.element, style)) : typed(values);
    }
    case "fixed-list":
      return elementValues(value).map((each) => inStyle(each, type.element, style));
    case "tuple":
      return fieldValues(type, value).map((each, index) => inStyle(each, item(type.elements, index), style));
    case "record": {
      const values = fieldValues(type, value);
      return object(
        type.fields.map((field, index) => [
          isJs ? camel(field.name) : field.name,
          inStyle(item(values, index), field.type, style),
        ]),
        isJs,
      );
    }
    case "flags": {
      if (!isJs) return value;
      const set = new Set(elementValues(value));
      return object(
        type.labels.map((label) => [camel(label), set.has(label)]),
        true,
      );
    }
    case "variant": {
      const { index, payload } = caseOf(type, value);
      const { name, type: of } = item(type.cases, index);
      if (isJs) return { tag: name, val: inner(payload, of) };
      return of === undefined ? name : object([[name, inner(payload, of)]], false);
    }
    case "result": {
      const { index, payload } = caseOf(type, value);
      const label = index === 0 ? "ok" : "err";
      const given = inner(payload, type[label]);
      return isJs ? { tag: label, val: given } : object([[label, given ?? null]], false);
    }
    case "option": {
      const { index, payload } = caseOf(type, value);
      const given = inner(payload, type.element);
      if (isJs && isBare(type)) return index === 0 ? undefined : given;
      if (isJs) return { tag: index === 0 ? "none" : "some", val: given };
      if (index === 0) return null;
      return type.element.kind === "option" ? object([["some", given]], false) : given;
    }
    default:
      return value;
  }
}

/** Whether `undefined` can stand for none: not where it is already a value of the payload. */
function isBare(type: ValueType): boolean {
  return type.kind === "option" && (type.element.kind !== "option" || !isBare(type.element));
}

function object(entries: readonly (readonly [string, unknown])[], isOrdinary: boolean): object {
  const made: object = isOrdinary ? {} : Object.create(null);
  for (const [key, value] of entries)
    Object.defineProperty(made, key, { value, enumerable: true, writable: true, configurable: true });
  return made;
}

function camel(label: string): string {
  const words = label.toLowerCase().split("-");
  return words
    .map((word, index) => (index === 0 ? word : `${word.charAt(0).toUpperCase()}${word.slice(1)}`))
    .join("");
}
