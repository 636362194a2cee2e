/**
 * WAVE text to values, directed by the type (wasm-wave README.md, "Encoding"). Where wasm-wave lets an
 * unknown record field or a missing comma pass, this parser does not: nothing a user wrote may vanish.
 */
import { printType } from "../wit/print-type.ts";
import type {
  EnumType,
  FixedListType,
  FlagsType,
  ListType,
  OptionType,
  RecordType,
  ResultType,
  TupleType,
  ValueType,
  VariantType,
} from "../wit/types.ts";
import { labelHelp } from "./labels.ts";
import { INTEGER_BOUNDS, integerFromText, type IntegerKind } from "./numbers.ts";
import { quote } from "./text-error.ts";
import type { Value } from "./types.ts";
import { WAVE_KEYWORDS, WaveLexer, type Punctuation, type WaveToken } from "./wave-lexer.ts";

/** Deepest nesting of values; the text comes from outside. wasm-wave has the same limit. */
export const MAX_WAVE_DEPTH = 100;

/** The value that the text is, as the type reads it. Throws ARGUMENT_INVALID with line, column and excerpt. */
export function parseWave(text: string, type: ValueType): Value {
  const lexer = new WaveLexer(text);
  const value = readValue(lexer, type, 0);
  if (lexer.peek().kind !== "end") lexer.unexpected("the end of the value");
  return value;
}

/** Reads one value from where the lexer is. */
export function readValue(lexer: WaveLexer, type: ValueType, depth: number): Value {
  if (depth >= MAX_WAVE_DEPTH) {
    lexer.fail(lexer.peek().start, `values may be nested ${MAX_WAVE_DEPTH} deep`);
  }
  const inner = depth + 1;
  switch (type.kind) {
    case "bool":
      return readBool(lexer, type);
    case "s8":
    case "u8":
    case "s16":
    case "u16":
    case "s32":
    case "u32":
    case "s64":
    case "u64":
      return readInteger(lexer, type, type.kind);
    case "f32":
    case "f64":
      return readFloat(lexer, type, type.kind);
    case "char":
    case "string": {
      const token = lexer.peek();
      if (token.kind !== type.kind) {
        return lexer.unexpected(
          printType(type),
          type.kind === "char" ? "chars are written 'x'" : 'strings are written "text"',
        );
      }
      lexer.next();
      return token.value;
    }
    case "list":
      return readList(lexer, type, inner);
    case "fixed-list":
      return readFixedList(lexer, type, inner);
    case "tuple":
      return readTuple(lexer, type, inner);
    case "record":
      return readRecord(lexer, type, inner);
    case "variant":
      return readVariant(lexer, type, inner);
    case "enum":
      return readEnum(lexer, type);
    case "option":
      return readOption(lexer, type, inner);
    case "result":
      return readResult(lexer, type, inner);
    case "flags":
      return readFlags(lexer, type);
    case "own":
    case "borrow":
      return lexer.fail(lexer.peek().start, `a handle (${printType(type)}) cannot be written as a value`);
  }
}

function isKeyword(token: WaveToken, ...words: readonly string[]): boolean {
  return token.kind === "label" && !token.escaped && words.includes(token.label);
}

function readBool(lexer: WaveLexer, type: ValueType): Value {
  if (!isKeyword(lexer.peek(), "true", "false"))
    lexer.unexpected(printType(type), "bools are true and false");
  return isKeyword(lexer.next(), "true");
}

function readInteger(lexer: WaveLexer, type: ValueType, kind: IntegerKind): number | bigint {
  const token = lexer.peek();
  const { min, max } = INTEGER_BOUNDS[kind];
  const isInteger = token.kind === "number" && /^-?[0-9]+$/u.test(token.text);
  const value = isInteger ? integerFromText(kind, token.text) : undefined;
  if (value === undefined) {
    const help = isInteger
      ? `${kind} holds ${min} to ${max}`
      : "integers are written in decimal digits, without point or exponent";
    return lexer.unexpected(printType(type), help);
  }
  lexer.next();
  return value;
}

function readFloat(lexer: WaveLexer, type: ValueType, kind: "f32" | "f64"): Value {
  const token = lexer.peek();
  let value: number;
  if (isKeyword(token, "nan")) value = NaN;
  else if (isKeyword(token, "inf")) value = Infinity;
  else if (token.kind === "number") value = token.text === "-inf" ? -Infinity : Number(token.text);
  else return lexer.unexpected(printType(type), "floats are numbers, nan, inf or -inf");
  lexer.next();
  return kind === "f32" ? Math.fround(value) : value;
}

/** Items separated by commas up to `close`, a trailing comma allowed. The opening token is read already. */
export function readSeparated(lexer: WaveLexer, close: Punctuation, readItem: () => void): void {
  while (!lexer.accept(close)) {
    readItem();
    if (!lexer.accept(",")) {
      lexer.expect(close, `"," or "${close}"`);
      return;
    }
  }
}

function readList(lexer: WaveLexer, type: ListType, depth: number): Value {
  lexer.expect("[", printType(type));
  if (type.element.kind === "u8") return readBytes(lexer, type.element);
  const values: Value[] = [];
  readSeparated(lexer, "]", () => values.push(readValue(lexer, type.element, depth)));
  return values;
}

/** The elements of a `list<u8>`. */
function readBytes(lexer: WaveLexer, element: ValueType): Uint8Array {
  const bytes: number[] = [];
  readSeparated(lexer, "]", () => bytes.push(Number(readInteger(lexer, element, "u8"))));
  return Uint8Array.from(bytes);
}

function readFixedList(lexer: WaveLexer, type: FixedListType, depth: number): Value {
  const { start } = lexer.peek();
  lexer.expect("[", printType(type));
  const values: Value[] = [];
  readSeparated(lexer, "]", () => {
    if (values.length === type.length)
      lexer.fail(start, `${printType(type)} has ${type.length} elements, more are given`);
    values.push(readValue(lexer, type.element, depth));
  });
  if (values.length !== type.length) {
    lexer.fail(start, `${printType(type)} has ${type.length} elements, ${values.length} are given`);
  }
  return values;
}

function readTuple(lexer: WaveLexer, type: TupleType, depth: number): Value {
  const { start } = lexer.peek();
  lexer.expect("(", printType(type));
  const values: Value[] = [];
  readSeparated(lexer, ")", () => {
    const element = type.elements[values.length];
    if (element === undefined)
      return lexer.fail(start, `${printType(type)} has ${type.elements.length} elements, more are given`);
    return values.push(readValue(lexer, element, depth));
  });
  if (values.length !== type.elements.length) {
    lexer.fail(start, `${printType(type)} has ${type.elements.length} elements, ${values.length} are given`);
  }
  return values;
}

function readRecord(lexer: WaveLexer, type: RecordType, depth: number): Value {
  const { start } = lexer.peek();
  lexer.expect("{", printType(type));
  const given = new Map<string, Value>();
  if (lexer.accept(":")) {
    lexer.expect("}");
  } else {
    if (lexer.peek().kind === "}")
      lexer.fail(start, "an empty record is written {:}", "{} is an empty set of flags");
    const fields = new Map(type.fields.map((field) => [field.name, field]));
    readSeparated(lexer, "}", () => {
      const { start } = lexer.peek();
      const field = readKnownLabel(lexer, "field", type, fields);
      if (given.has(field.name)) lexer.fail(start, `the field ${field.name} is given twice`);
      lexer.expect(":");
      given.set(field.name, readValue(lexer, field.type, depth));
    });
  }
  return completeRecord(type, given, (missing) =>
    lexer.fail(
      start,
      `${printType(type)} lacks the field ${missing}`,
      "only fields of type option may be left out",
    ),
  );
}

/** The record in its declared order; a missing option field is `null`, any other goes to `onMissing`. */
function completeRecord(
  type: RecordType,
  given: ReadonlyMap<string, Value>,
  onMissing: (field: string) => never,
): Value {
  const record: Record<string, Value> = Object.create(null);
  for (const field of type.fields) {
    const value = given.get(field.name);
    if (value === undefined && field.type.kind !== "option") onMissing(field.name);
    record[field.name] = value ?? null;
  }
  return record;
}

/** Consumes a label and gives what is known by it; says which labels there are where it is unknown. */
function readKnownLabel<Known>(
  lexer: WaveLexer,
  what: string,
  type: ValueType,
  known: ReadonlyMap<string, Known>,
): Known {
  const token = lexer.peek();
  if (token.kind !== "label")
    return lexer.unexpected(`a ${what} of ${printType(type)}`, labelHelp("", known.keys()));
  const found = known.get(token.label);
  if (found === undefined) {
    const message = `${printType(type)} has no ${what} ${quote(token.label)}`;
    return lexer.fail(token.start, message, labelHelp(token.label, known.keys()));
  }
  lexer.next();
  return found;
}

/** The same for a case: a keyword needs its `%` there, else it would be another type's value. */
function readKnownCase<Known>(lexer: WaveLexer, type: ValueType, known: ReadonlyMap<string, Known>): Known {
  const token = lexer.peek();
  if (token.kind === "label" && !token.escaped && WAVE_KEYWORDS.has(token.label)) {
    const help = known.has(token.label) ? `write %${token.label}` : undefined;
    return lexer.unexpected(`a case of ${printType(type)}`, help);
  }
  return readKnownLabel(lexer, "case", type, known);
}

function readVariant(lexer: WaveLexer, type: VariantType, depth: number): Value {
  const found = readKnownCase(lexer, type, new Map(type.cases.map((one) => [one.name, one])));
  const payload = readPayload(lexer, found.name, found.type, depth);
  return payload === undefined ? found.name : { [found.name]: payload };
}

function readEnum(lexer: WaveLexer, type: EnumType): Value {
  return readKnownCase(lexer, type, new Map(type.labels.map((label) => [label, label])));
}

/** `(payload)` where the case has one, nothing where it has none. */
function readPayload(
  lexer: WaveLexer,
  label: string,
  type: ValueType | undefined,
  depth: number,
): Value | undefined {
  if (type === undefined) {
    if (lexer.peek().kind === "(") lexer.fail(lexer.peek().start, `${label} takes no payload`);
    return undefined;
  }
  if (!lexer.accept("(")) lexer.unexpected(`the payload of ${label}: ${label}(${printType(type)})`);
  const payload = readValue(lexer, type, depth);
  lexer.expect(")");
  return payload;
}

/** A payload written bare: the outer value's shape must stay recognisable (README.md, "Options", "Results"). */
function mayBeFlat(type: ValueType): boolean {
  return type.kind !== "option" && type.kind !== "result";
}

function readOption(lexer: WaveLexer, type: OptionType, depth: number): Value {
  const token = lexer.peek();
  if (isKeyword(token, "none")) {
    lexer.next();
    return null;
  }
  if (isKeyword(token, "some")) {
    lexer.next();
    const value = readPayload(lexer, "some", type.element, depth) ?? null;
    return type.element.kind === "option" ? { some: value } : value;
  }
  if (mayBeFlat(type.element)) return readValue(lexer, type.element, depth);
  return lexer.unexpected(printType(type), "write some(…) or none");
}

function readResult(lexer: WaveLexer, type: ResultType, depth: number): Value {
  const token = lexer.peek();
  if (isKeyword(token, "ok")) {
    lexer.next();
    return { ok: readPayload(lexer, "ok", type.ok, depth) ?? null };
  }
  if (isKeyword(token, "err")) {
    lexer.next();
    return { err: readPayload(lexer, "err", type.err, depth) ?? null };
  }
  if (type.ok !== undefined && mayBeFlat(type.ok)) {
    return { ok: readValue(lexer, type.ok, depth) };
  }
  return lexer.unexpected(printType(type), "write ok(…) or err(…)");
}

function readFlags(lexer: WaveLexer, type: FlagsType): Value {
  lexer.expect("{", printType(type));
  const known = new Map(type.labels.map((label) => [label, label]));
  const given = new Set<string>();
  readSeparated(lexer, "}", () => {
    const { start } = lexer.peek();
    const label = readKnownLabel(lexer, "flag", type, known);
    if (given.has(label)) lexer.fail(start, `the flag ${label} is given twice`);
    given.add(label);
  });
  return type.labels.filter((label) => given.has(label));
}
