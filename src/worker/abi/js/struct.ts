/** Generated code for values of several members: records, tuples, and rows of fixed length. */
import { structMembers } from "../../../shared/canonical-abi/layout.ts";
import type { FixedListType, RecordType, TupleType, ValueType } from "../../../shared/wit/types.ts";
import { commaList, identifier, js, type Source } from "../codegen.ts";
import { fieldNames } from "../names.ts";
import { within } from "../violation.ts";
import type { Emitter } from "./cells.ts";
import { objectOf, rowOf } from "./checks.ts";
import type { Conversion } from "./conversion.ts";

export type StructType = RecordType | TupleType | FixedListType;

/** The members in order. A row must be short: it is written out. */
export function membersOf(type: StructType): readonly ValueType[] {
  if (type.kind === "fixed-list") return Array.from({ length: type.length }, () => type.element);
  return structMembers(type) ?? [];
}

/** A path segment for each member. */
export function memberNames(type: StructType): readonly string[] {
  if (type.kind === "fixed-list") return Array.from({ length: type.length }, (_, index) => `[${index}]`);
  return fieldNames(type);
}

/** An expression for the value with these members. */
export function structLiteral(type: StructType, members: readonly Source[], conversion: Conversion): Source {
  if (type.kind !== "record") return js`[${commaList(members)}]`;
  const fields = type.fields.map((field, index) => {
    const key = conversion.keyOf(field.name, index);
    // Written as a plain key, this one would set the prototype.
    return key === "__proto__"
      ? js`[${key}]: ${members[index] ?? js``}`
      : js`${key}: ${members[index] ?? js``}`;
  });
  return conversion.style === "value"
    ? js`{ __proto__: null, ${commaList(fields)} }`
    : js`{ ${commaList(fields)} }`;
}

/** A statement that refuses what has no such members. */
export function structCheck(type: StructType, value: Source, { scope, conversion }: Emitter): Source {
  if (conversion.style === "wire") return js``;
  if (type.kind === "record") return js`${scope.use(objectOf, identifier("objectOf"))}(${value});`;
  const length = type.kind === "tuple" ? type.elements.length : type.length;
  return js`${scope.use(rowOf, identifier("rowOf"))}(${value}, ${length});`;
}

/** An expression for one member of a value. */
export function memberOf(type: StructType, value: Source, index: number, conversion: Conversion): Source {
  if (type.kind !== "record") return js`${value}[${index}]`;
  return js`${value}[${conversion.keyOf(type.fields[index]?.name ?? "", index)}]`;
}

/** A function over the members of a value; a violation in one gets the member's name into its path. */
export function structFunction(
  type: StructType,
  params: readonly Source[],
  parts: { readonly before: Source; readonly members: readonly Source[]; readonly after?: Source },
  { scope }: Emitter,
): Source {
  const names = scope.use(memberNames(type), identifier("names"));
  const steps = parts.members.map((statement, index) => js`    step = ${index}; ${statement}`);
  return js`function each(${commaList(params)}) {
  ${parts.before}
  let step = 0;
  try {
${steps}
    ${parts.after ?? js``}
  } catch (error) {
    throw ${scope.use(within, identifier("within"))}(error, ${names}[step]);
  }
}`;
}
