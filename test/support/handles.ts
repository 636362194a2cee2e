/** Handles inside of types and values of tests. */
import type { Value } from "../../src/shared/value/types.ts";
import { childrenOf } from "../../src/shared/wit/children.ts";
import type { HandleType, ValueType } from "../../src/shared/wit/types.ts";
import {
  caseOf,
  despecialize,
  elementValues,
  fieldValues,
  item,
  listOf,
  recordOf,
  valueOfCase,
} from "./oracle/despecialize.ts";

/** The value with another number in the place of each of its handles. Left to right, depth first. */
export function mapHandles(
  type: ValueType,
  value: Value,
  replace: (type: HandleType, number: number) => number,
): Value {
  if (type.kind === "own" || type.kind === "borrow") return replace(type, Number(value));
  const plain = despecialize(type);
  switch (plain.kind) {
    case "primitive":
    case "flags":
      return value;
    case "list":
    case "fixed-list":
      return listOf(
        plain.element,
        elementValues(value).map((each) => mapHandles(plain.element, each, replace)),
      );
    case "record":
      return recordOf(
        type,
        fieldValues(type, value).map((each, index) => mapHandles(item(plain.fields, index), each, replace)),
      );
    case "variant": {
      const { index, payload } = caseOf(type, value);
      const of = plain.payloads[index];
      if (of === undefined || payload === undefined) return value;
      return valueOfCase(type, { index, payload: mapHandles(of, payload, replace) });
    }
  }
}

/** A type as a function may give it: `own` for every `borrow`. What has a name and changes has another name then. */
export function ownedType(type: ValueType): ValueType {
  if (!lends(type)) return type;
  switch (type.kind) {
    case "borrow":
      return { kind: "own", resource: type.resource };
    case "list":
    case "fixed-list":
    case "option":
      return { ...type, element: ownedType(type.element) };
    case "tuple":
      return { ...type, elements: type.elements.map(ownedType) };
    case "record": {
      const fields = type.fields.map((field) => ({ name: field.name, type: ownedType(field.type) }));
      return { ...type, ...ownedName(type), fields };
    }
    case "variant": {
      const cases = type.cases.map((one) =>
        one.type === undefined ? one : { name: one.name, type: ownedType(one.type) },
      );
      return { ...type, ...ownedName(type), cases };
    }
    case "result":
      return {
        ...type,
        ...(type.ok === undefined ? {} : { ok: ownedType(type.ok) }),
        ...(type.err === undefined ? {} : { err: ownedType(type.err) }),
      };
    default:
      return type;
  }
}

function ownedName({ name }: { readonly name?: string }): { readonly name?: string } {
  return name === undefined ? {} : { name: `${name}-owned` };
}

function lends(type: ValueType): boolean {
  return type.kind === "borrow" || childrenOf(type).some(lends);
}

export function holdsHandles(type: ValueType): boolean {
  return type.kind === "own" || type.kind === "borrow" || childrenOf(type).some(holdsHandles);
}
