/** Values to WAVE on one line, spelt as wasm-wave and wasmtime print them. */
import type { RecordType, ResultType, ValueType, VariantType } from "../wit/types.ts";
import { mismatch } from "./mismatch.ts";
import { printFloat } from "./numbers.ts";
import type { Value } from "./types.ts";
import { asArray, asEntry, asLabels, asRecord } from "./shape.ts";
import { WAVE_KEYWORDS } from "./wave-lexer.ts";
import { escapeText } from "./wave-strings.ts";

/** The WAVE text of a value, on one line. Throws INTERNAL where the value does not have the type's shape. */
export function printWave(value: Value, type: ValueType): string {
  switch (type.kind) {
    case "bool":
      if (typeof value !== "boolean") throw mismatch(type);
      return String(value);
    case "s8":
    case "u8":
    case "s16":
    case "u16":
    case "s32":
    case "u32":
      if (typeof value !== "number") throw mismatch(type);
      return String(value);
    case "s64":
    case "u64":
      if (typeof value !== "bigint") throw mismatch(type);
      return String(value);
    case "f32":
    case "f64":
      if (typeof value !== "number") throw mismatch(type);
      return printFloat(type.kind, value);
    case "char":
      if (typeof value !== "string") throw mismatch(type);
      return `'${escapeText(value)}'`;
    case "string":
      if (typeof value !== "string") throw mismatch(type);
      return `"${escapeText(value)}"`;
    case "list":
      if (value instanceof Uint8Array) return `[${value.join(", ")}]`;
      return `[${printAll(asArray(value, type), () => type.element)}]`;
    case "fixed-list":
      return `[${printAll(asArray(value, type, type.length), () => type.element)}]`;
    case "tuple": {
      const { elements } = type;
      return `(${printAll(asArray(value, type, elements.length), (index) => elements[index])})`;
    }
    case "record":
      return printRecord(value, type);
    case "variant":
      return printVariant(value, type);
    case "enum":
      if (typeof value !== "string") throw mismatch(type);
      return caseLabel(value);
    case "option":
      return printOption(value, type.element);
    case "result":
      return printResult(value, type);
    case "flags":
      return `{${asLabels(value, type).join(", ")}}`;
    case "own":
    case "borrow":
      throw mismatch(type);
  }
}

function printAll(values: readonly Value[], typeAt: (index: number) => ValueType | undefined): string {
  return values
    .map((value, index) => {
      const type = typeAt(index);
      return type === undefined ? "" : printWave(value, type);
    })
    .join(", ");
}

/** Fields that are `none` are left out; a record without fields left is `{:}`, since `{}` is flags. */
function printRecord(value: Value, type: RecordType): string {
  const record = asRecord(value, type);
  const fields = type.fields.flatMap(({ name, type: fieldType }) => {
    const field = record[name];
    if (field === undefined) throw mismatch(type);
    if (fieldType.kind === "option" && field === null) return [];
    return [`${name}: ${printWave(field, fieldType)}`];
  });
  return fields.length === 0 ? "{:}" : `{${fields.join(", ")}}`;
}

function printVariant(value: Value, type: VariantType): string {
  if (typeof value === "string") return caseLabel(value);
  const [label, payload] = asEntry(value, type);
  const payloadType = type.cases.find((one) => one.name === label)?.type;
  if (payloadType === undefined) throw mismatch(type);
  return `${caseLabel(label)}(${printWave(payload, payloadType)})`;
}

function printOption(value: Value, element: ValueType): string {
  if (value === null) return "none";
  const inner = element.kind === "option" ? asEntry(value, element)[1] : value;
  return `some(${printWave(inner, element)})`;
}

function printResult(value: Value, type: ResultType): string {
  const [label, payload] = asEntry(value, type);
  if (label !== "ok" && label !== "err") throw mismatch(type);
  const payloadType = type[label];
  return payloadType === undefined ? label : `${label}(${printWave(payload, payloadType)})`;
}

/** A case that is spelt like a keyword is escaped. */
function caseLabel(label: string): string {
  return WAVE_KEYWORDS.has(label) ? `%${label}` : label;
}
