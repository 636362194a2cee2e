import type { ValueType } from "../../shared/wit/types.ts";

/** The types directly inside a type, in order. */
export function children(type: ValueType): readonly ValueType[] {
  switch (type.kind) {
    case "list":
    case "fixed-list":
    case "option":
      return [type.element];
    case "record":
      return type.fields.map((field) => field.type);
    case "tuple":
      return type.elements;
    case "variant":
      return type.cases.flatMap((case_) => (case_.type === undefined ? [] : [case_.type]));
    case "result":
      return [type.ok, type.err].filter((payload) => payload !== undefined);
    case "own":
    case "borrow":
    case "enum":
    case "flags":
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
      return [];
  }
}
