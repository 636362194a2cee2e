/** Path segments for messages: `.field`, `.0`, `::case`. */
import type { ValueType } from "../../shared/wit/types.ts";

/** A segment for each member of a record or tuple. */
export function fieldNames(type: ValueType): readonly string[] {
  if (type.kind === "record") return type.fields.map((field) => `.${field.name}`);
  return type.kind === "tuple" ? type.elements.map((_, index) => `.${index}`) : [];
}

/** The segment for a case of a variant, option or result. */
export function caseNames(type: ValueType): (index: number) => string {
  switch (type.kind) {
    case "variant":
      return (index) => `::${type.cases[index]?.name ?? index}`;
    case "option":
      return () => "::some";
    case "result":
      return (index) => (index === 0 ? "::ok" : "::err");
    default:
      return () => "";
  }
}
