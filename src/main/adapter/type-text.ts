/**
 * WIT types as TypeScript: what the JavaScript side of the Canonical ABI gives to an adapter and takes from it
 * (`src/worker/abi/js`, style `js`).
 */
import { lowerCamel } from "../../shared/js-names.ts";
import type {
  FixedListType,
  OptionType,
  ResourceType,
  ResultType,
  ValueType,
  VariantType,
} from "../../shared/wit/types.ts";
import { memberKey } from "./names.ts";

/** The names of the file that a type stands in. */
export interface KnownNames {
  /** Of a type that is declared in it. */
  readonly type: (type: ValueType) => string | undefined;
  /** Of the interface that objects of a resource have. */
  readonly resource: (resource: ResourceType) => string;
}

/** Rows of up to this many characters are written out; the length of a longer one is not part of its type. */
const MAX_ROW = 200;

const NUMBER_ARRAYS: Readonly<Partial<Record<ValueType["kind"], string>>> = {
  s8: "Int8Array",
  u8: "Uint8Array",
  s16: "Int16Array",
  u16: "Uint16Array",
  s32: "Int32Array",
  u32: "Uint32Array",
  s64: "BigInt64Array",
  u64: "BigUint64Array",
  f32: "Float32Array",
  f64: "Float64Array",
};

/** A type where it is used: by its name where it has one. */
export function typeText(type: ValueType, names: KnownNames): string {
  return names.type(type) ?? definitionText(type, names);
}

/** A type written out. */
export function definitionText(type: ValueType, names: KnownNames): string {
  switch (type.kind) {
    case "bool":
      return "boolean";
    case "s64":
    case "u64":
      return "bigint";
    case "char":
    case "string":
      return "string";
    case "list":
      return NUMBER_ARRAYS[type.element.kind] ?? `readonly ${operandText(type.element, names)}[]`;
    case "fixed-list":
      return fixedListText(type, names);
    case "tuple":
      return rowText(type.elements.map((element) => typeText(element, names)));
    case "record":
    case "flags":
      return `{ ${membersText(type, names).join("; ")} }`;
    case "variant":
      return unionText(variantCases(type, names));
    case "enum":
      return unionText(type.labels.map((label) => JSON.stringify(label)));
    case "option":
      return optionText(type, names);
    case "result":
      return resultText(type, names);
    case "own":
    case "borrow":
      return names.resource(type.resource);
    default:
      return "number";
  }
}

/** The members of a record or of flags, without what separates them. */
export function membersText(
  type: Extract<ValueType, { kind: "record" | "flags" }>,
  names: KnownNames,
): readonly string[] {
  if (type.kind === "flags")
    return type.labels.map((label) => `readonly ${memberKey(lowerCamel(label))}: boolean`);
  return type.fields.map((field) => {
    // Whoever makes a record may leave out what is none.
    const mark = field.type.kind === "option" && isBare(field.type) ? "?" : "";
    const text = typeText(field.type, names);
    // By its name an option does not show that it may be undefined; said twice it means the same.
    const orNone = mark === "" || text.endsWith(" | undefined") ? "" : " | undefined";
    return `readonly ${memberKey(lowerCamel(field.name))}${mark}: ${text}${orNone}`;
  });
}

function resultText({ ok, err }: ResultType, names: KnownNames): string {
  const [left, right] = [ok, err].map((side) => (side === undefined ? "undefined" : typeText(side, names)));
  return `Result<${left}, ${right}>`;
}

/** A union of that many members on one line, or one member a line. */
function unionText(members: readonly string[]): string {
  const line = members.join(" | ");
  return line.length <= 80 ? line : members.map((member) => `\n  | ${member}`).join("");
}

function variantCases(type: VariantType, names: KnownNames): readonly string[] {
  return type.cases.map(({ name, type: payload }) => {
    const tag = `readonly tag: ${JSON.stringify(name)}`;
    return payload === undefined ? `{ ${tag} }` : `{ ${tag}; readonly val: ${typeText(payload, names)} }`;
  });
}

/** An option is the payload or `undefined`, unless the payload is itself an option that is told so. */
function isBare(type: OptionType): boolean {
  return type.element.kind !== "option" || !isBare(type.element);
}

function optionText(type: OptionType, names: KnownNames): string {
  const payload = typeText(type.element, names);
  return isBare(type)
    ? `${payload} | undefined`
    : `{ readonly tag: "none" } | { readonly tag: "some"; readonly val: ${payload} }`;
}

/** Never a typed array, also where the elements are numbers. */
function fixedListText({ element, length }: FixedListType, names: KnownNames): string {
  const text = typeText(element, names);
  return text.length * length <= MAX_ROW
    ? rowText(Array.from({ length }, () => text))
    : `readonly ${operandText(element, names)}[]`;
}

function rowText(elements: readonly string[]): string {
  return `readonly [${elements.join(", ")}]`;
}

/** A type before `[]`. */
function operandText(type: ValueType, names: KnownNames): string {
  const name = names.type(type);
  if (name !== undefined) return name;
  const text = definitionText(type, names);
  return isOneWord(type) ? text : `(${text})`;
}

function isOneWord(type: ValueType): boolean {
  switch (type.kind) {
    case "list":
      return type.element.kind in NUMBER_ARRAYS;
    case "fixed-list":
    case "tuple":
    case "variant":
    case "enum":
    case "option":
      return false;
    default:
      return true;
  }
}
