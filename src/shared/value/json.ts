/** Values as JSON (`CLI.md`, "Values"), both ways. */
import { HostbundleError } from "../errors.ts";
import { printType } from "../wit/print-type.ts";
import type { FlagsType, RecordType, ResultType, ValueType, VariantType } from "../wit/types.ts";
import { decodeBase64 } from "./base64.ts";
import { labelHelp } from "./labels.ts";
import { INTEGER_BOUNDS, integerFromText, integerInRange, isWide, type IntegerKind } from "./numbers.ts";
import { quote } from "./text-error.ts";
import type { Value } from "./types.ts";
import { isWellFormed } from "./wave-strings.ts";

export { toJson } from "./to-json.ts";

/**
 * The value that JSON data stands for. Also takes what only JavaScript callers have: bigints for any
 * integer, NaN and infinities as numbers, a Uint8Array for `list<u8>`, `undefined` for a field left out.
 * `path` says where the data stands, for messages. Throws ARGUMENT_INVALID with the path of the fault.
 */
export function fromJson(json: unknown, type: ValueType, path = "$"): Value {
  switch (type.kind) {
    case "bool":
      if (typeof json !== "boolean") throw expected(json, type, path);
      return json;
    case "s8":
    case "u8":
    case "s16":
    case "u16":
    case "s32":
    case "u32":
    case "s64":
    case "u64":
      return integerFromJson(json, type, type.kind, path);
    case "f32":
    case "f64": {
      const float = floatFromJson(json);
      if (float === undefined) throw expected(json, type, path, 'floats are numbers, "nan", "inf" or "-inf"');
      return type.kind === "f32" ? Math.fround(float) : float;
    }
    case "char":
      if (
        typeof json !== "string" ||
        json.length > 2 ||
        Array.from(json).length !== 1 ||
        !isWellFormed(json)
      ) {
        throw expected(json, type, path, "a char is a string of one Unicode scalar value");
      }
      return json;
    case "string":
      if (typeof json !== "string") throw expected(json, type, path);
      if (!isWellFormed(json)) throw invalid(path, "the string holds a lone surrogate");
      return json;
    case "list":
      return type.element.kind === "u8"
        ? bytesFromJson(json, type, path)
        : arrayFromJson(json, type, path).map((element, index) =>
            fromJson(element, type.element, `${path}[${index}]`),
          );
    case "fixed-list": {
      const elements = json instanceof Uint8Array ? Array.from(json) : arrayFromJson(json, type, path);
      checkLength(elements.length, type.length, type, path);
      return elements.map((element, index) => fromJson(element, type.element, `${path}[${index}]`));
    }
    case "tuple": {
      const elements = arrayFromJson(json, type, path);
      checkLength(elements.length, type.elements.length, type, path);
      return type.elements.map((element, index) => fromJson(elements[index], element, `${path}[${index}]`));
    }
    case "record":
      return recordFromJson(json, type, path);
    case "variant":
      return variantFromJson(json, type, path);
    case "enum":
      if (typeof json !== "string")
        throw expected(json, type, path, `write one of ${labelHelp("", type.labels)}`);
      if (!type.labels.includes(json)) throw unknownLabel("case", json, type, type.labels, path);
      return json;
    case "option": {
      if (json === null || json === undefined) return null;
      if (type.element.kind !== "option") return fromJson(json, type.element, path);
      const [label, some] = entryFromJson(json, type, path, 'a nested option is null or {"some": …}');
      if (label !== "some") throw unknownLabel("property", label, type, ["some"], path);
      return { some: fromJson(some, type.element, `${path}.some`) };
    }
    case "result":
      return resultFromJson(json, type, path);
    case "flags":
      return flagsFromJson(json, type, path);
    case "own":
    case "borrow":
      throw invalid(path, `a handle (${printType(type)}) cannot be written as a value`);
  }
}

function integerFromJson(json: unknown, type: ValueType, kind: IntegerKind, path: string): Value {
  const { min, max } = INTEGER_BOUNDS[kind];
  let value: number | bigint | undefined;
  let help = `${kind} holds ${min} to ${max}`;
  if (typeof json === "bigint") {
    value = integerInRange(kind, json);
  } else if (typeof json === "number" && Number.isInteger(json)) {
    if (!isWide(kind)) {
      // Adding zero turns -0, which no integer type has, into 0.
      value = json >= Number(min) && json <= Number(max) ? json + 0 : undefined;
    } else if (Number.isSafeInteger(json)) {
      value = integerInRange(kind, BigInt(json));
    } else {
      help = "integers beyond 2^53 - 1 lose digits as JSON numbers: write them as strings";
    }
  } else if (isWide(kind) && typeof json === "string" && /^-?[0-9]+$/u.test(json)) {
    value = integerFromText(kind, json);
  } else if (typeof json !== "number") {
    help = isWide(kind) ? "64-bit integers are numbers or decimal strings" : "integers are numbers";
  }
  if (value === undefined) throw expected(json, type, path, help);
  return value;
}

function floatFromJson(json: unknown): number | undefined {
  switch (json) {
    case "nan":
      return NaN;
    case "inf":
      return Infinity;
    case "-inf":
      return -Infinity;
    default:
      return typeof json === "number" ? json : undefined;
  }
}

function arrayFromJson(json: unknown, type: ValueType, path: string): readonly unknown[] {
  if (!Array.isArray(json)) throw expected(json, type, path);
  // `map` skips holes, which only JavaScript callers can make; copied, they are `undefined` and rejected.
  return Array.from<unknown>(json);
}

function checkLength(given: number, wanted: number, type: ValueType, path: string): void {
  if (given !== wanted) throw invalid(path, `${printType(type)} has ${wanted} elements, ${given} are given`);
}

function bytesFromJson(json: unknown, type: ValueType, path: string): Uint8Array {
  // A copy: the caller may go on writing to its own.
  if (json instanceof Uint8Array) return Uint8Array.from(json);
  if (Array.isArray(json)) {
    const bytes = new Uint8Array(json.length);
    for (let index = 0; index < json.length; index++) {
      bytes[index] = Number(integerFromJson(json[index], { kind: "u8" }, "u8", `${path}[${index}]`));
    }
    return bytes;
  }
  const help = 'a list<u8> is an array of numbers or {"base64": "…"}';
  if (!isObject(json)) throw expected(json, type, path, help);
  const [label, text] = entryFromJson(json, type, path, help);
  if (label !== "base64") throw unknownLabel("property", label, type, ["base64"], path);
  const bytes = typeof text === "string" ? decodeBase64(text) : undefined;
  if (bytes === undefined) throw invalid(`${path}.base64`, "expected base64 with padding", help);
  return bytes;
}

function isObject(json: unknown): json is Readonly<Record<string, unknown>> {
  return typeof json === "object" && json !== null && !Array.isArray(json) && !ArrayBuffer.isView(json);
}

function recordFromJson(json: unknown, type: RecordType, path: string): Value {
  if (!isObject(json)) throw expected(json, type, path);
  const names = type.fields.map((field) => field.name);
  const known = new Set(names);
  for (const key of Object.keys(json)) {
    if (!known.has(key)) throw unknownLabel("field", key, type, names, path);
  }
  const record: Record<string, Value> = Object.create(null);
  for (const { name, type: fieldType } of type.fields) {
    const field = Object.hasOwn(json, name) ? json[name] : undefined;
    if (field === undefined && fieldType.kind !== "option") {
      throw invalid(
        path,
        `${printType(type)} lacks the field ${name}`,
        "only fields of type option may be left out",
      );
    }
    record[name] = fromJson(field, fieldType, `${path}.${name}`);
  }
  return record;
}

/** The only property of an object: a case, a result, a nested option. */
function entryFromJson(
  json: unknown,
  type: ValueType,
  path: string,
  help: string,
): readonly [string, unknown] {
  if (!isObject(json)) throw expected(json, type, path, help);
  const entries = Object.entries(json);
  const [entry] = entries;
  if (entry === undefined || entries.length !== 1) {
    throw invalid(
      path,
      `expected an object with one property for ${printType(type)}, it has ${entries.length}`,
      help,
    );
  }
  return entry;
}

function variantFromJson(json: unknown, type: VariantType, path: string): Value {
  const help = 'a case is "label", or {"label": payload} where it has a payload';
  const [label, payload] =
    typeof json === "string" ? [json, undefined] : entryFromJson(json, type, path, help);
  const found = type.cases.find((one) => one.name === label);
  if (found === undefined) {
    throw unknownLabel(
      "case",
      label,
      type,
      type.cases.map((one) => one.name),
      path,
    );
  }
  if (found.type === undefined) {
    if (typeof json !== "string")
      throw invalid(path, `the case ${label} of ${printType(type)} takes no payload`, `write "${label}"`);
    return label;
  }
  if (typeof json === "string") {
    throw invalid(path, `the case ${label} of ${printType(type)} lacks its payload`, `write {"${label}": …}`);
  }
  return { [label]: fromJson(payload, found.type, `${path}.${label}`) };
}

function resultFromJson(json: unknown, type: ResultType, path: string): Value {
  const [label, payload] = entryFromJson(json, type, path, 'a result is {"ok": …} or {"err": …}');
  if (label !== "ok" && label !== "err") throw unknownLabel("property", label, type, ["ok", "err"], path);
  const payloadType = type[label];
  let value: Value = null;
  if (payloadType !== undefined) value = fromJson(payload, payloadType, `${path}.${label}`);
  else if (payload !== null && payload !== undefined) {
    throw invalid(
      `${path}.${label}`,
      `${label} of ${printType(type)} has no payload`,
      `write {"${label}": null}`,
    );
  }
  return label === "ok" ? { ok: value } : { err: value };
}

function flagsFromJson(json: unknown, type: FlagsType, path: string): Value {
  const given = new Set<unknown>();
  for (const [index, label] of arrayFromJson(json, type, path).entries()) {
    const place = `${path}[${index}]`;
    if (typeof label !== "string")
      throw invalid(place, `expected a flag of ${printType(type)}, found ${describe(label)}`);
    if (!type.labels.includes(label)) throw unknownLabel("flag", label, type, type.labels, place);
    if (given.has(label)) throw invalid(place, `the flag ${label} is given twice`);
    given.add(label);
  }
  return type.labels.filter((label) => given.has(label));
}

function invalid(path: string, message: string, help?: string): HostbundleError {
  return new HostbundleError("ARGUMENT_INVALID", `${path}: ${message}`, help === undefined ? {} : { help });
}

function expected(json: unknown, type: ValueType, path: string, help?: string): HostbundleError {
  return invalid(path, `expected ${printType(type)}, found ${describe(json)}`, help);
}

function unknownLabel(
  what: string,
  word: string,
  type: ValueType,
  known: readonly string[],
  path: string,
): HostbundleError {
  return invalid(
    path,
    `${printType(type)} has no ${what} ${quote(JSON.stringify(word))}`,
    labelHelp(word, known),
  );
}

/** What was found, short. */
function describe(json: unknown): string {
  switch (typeof json) {
    case "string":
      return quote(JSON.stringify(json.slice(0, 100)));
    case "number":
    case "boolean":
      return String(json);
    case "bigint":
      return quote(String(json));
    case "object":
      if (json === null) return "null";
      return Array.isArray(json) ? "an array" : "an object";
    case "undefined":
      return "nothing";
    case "symbol":
    case "function":
      return `a ${typeof json}`;
  }
}
