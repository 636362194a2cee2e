/** Constants of component scripts: `(u32.const 1)`, `(record.const (field "a" (bool.const true)))`. */
import { ScriptFault, type Expression, type List } from "./expressions.ts";
import { parseFloatText, parseIntegerText } from "./numbers.ts";

export type IntegerKind = "u8" | "s8" | "u16" | "s16" | "u32" | "s32" | "u64" | "s64";

export type Constant =
  | { readonly kind: "bool"; readonly value: boolean }
  | { readonly kind: IntegerKind; readonly value: bigint }
  /** `nan:canonical` and `nan:arithmetic` are NaN too: JavaScript tells no NaN from another. */
  | { readonly kind: "f32" | "f64"; readonly value: number }
  | { readonly kind: "char" | "string"; readonly value: string }
  | { readonly kind: "list" | "tuple"; readonly elements: readonly Constant[] }
  | {
      readonly kind: "record";
      readonly fields: readonly { readonly name: string; readonly value: Constant }[];
    }
  | { readonly kind: "variant"; readonly label: string; readonly payload?: Constant }
  | { readonly kind: "enum"; readonly label: string }
  | { readonly kind: "option"; readonly payload?: Constant }
  | { readonly kind: "result"; readonly label: "ok" | "err"; readonly payload?: Constant }
  | { readonly kind: "flags"; readonly labels: readonly string[] };

export function parseConstant(expression: Expression): Constant {
  if (expression.kind !== "list") throw new ScriptFault("expected a constant", expression.start);
  const [head, ...rest] = expression.items;
  if (head?.kind !== "atom") throw new ScriptFault("expected a constant", expression.start);
  switch (head.text) {
    case "bool.const":
      return { kind: "bool", value: parseBool(rest, expression) };
    case "u8.const":
    case "s8.const":
    case "u16.const":
    case "s16.const":
    case "u32.const":
    case "s32.const":
    case "u64.const":
    case "s64.const": {
      const kind = integerKind(head.text);
      return { kind, value: parseInteger(kind, rest, expression) };
    }
    case "f32.const":
      return { kind: "f32", value: parseFloatText(atom(rest, expression), "f32") };
    case "f64.const":
      return { kind: "f64", value: parseFloatText(atom(rest, expression), "f64") };
    case "char.const": {
      const value = text(rest, expression);
      if (Array.from(value).length !== 1) throw new ScriptFault("expected one character", expression.start);
      return { kind: "char", value };
    }
    case "str.const":
      return { kind: "string", value: text(rest, expression) };
    case "list.const":
      return { kind: "list", elements: rest.map(parseConstant) };
    case "tuple.const":
      return { kind: "tuple", elements: rest.map(parseConstant) };
    case "record.const":
      return { kind: "record", fields: rest.map(parseField) };
    case "variant.const":
      return { kind: "variant", label: text(rest, expression), ...payload(rest.slice(1)) };
    case "enum.const":
      return { kind: "enum", label: text(rest, expression) };
    case "option.none":
      return { kind: "option" };
    case "option.some":
      return { kind: "option", payload: parseConstant(first(rest, expression)) };
    case "result.ok":
      return { kind: "result", label: "ok", ...payload(rest) };
    case "result.err":
      return { kind: "result", label: "err", ...payload(rest) };
    case "flags.const":
      return { kind: "flags", labels: rest.map((label) => text([label], expression)) };
    default:
      throw new ScriptFault(`unknown constant ${head.text}`, head.start);
  }
}

/** `(field "name" u32.const 1)`: the value has no parentheses of its own. */
function parseField(expression: Expression): { readonly name: string; readonly value: Constant } {
  if (expression.kind !== "list") throw new ScriptFault("expected a field", expression.start);
  const [head, name, ...value] = expression.items;
  if (head?.kind !== "atom" || head.text !== "field" || name === undefined)
    throw new ScriptFault("expected (field NAME VALUE)", expression.start);
  return { name: text([name], expression), value: parseConstant({ ...expression, items: value }) };
}

function parseBool(rest: readonly Expression[], list: List): boolean {
  const word = atom(rest, list);
  if (word !== "true" && word !== "false") throw new ScriptFault("expected true or false", list.start);
  return word === "true";
}

function integerKind(head: string): IntegerKind {
  // The caller has matched the whole name.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return head.slice(0, head.indexOf(".")) as IntegerKind;
}

function parseInteger(kind: IntegerKind, rest: readonly Expression[], list: List): bigint {
  const value = parseIntegerText(atom(rest, list));
  if (value === undefined) throw new ScriptFault("expected an integer", list.start);
  const bits = Number(kind.slice(1));
  // As for core constants: either sign, as long as the bits fit.
  if (value >= 1n << BigInt(bits) || value < -(1n << BigInt(bits - 1)))
    throw new ScriptFault(`${value} is no ${kind}`, list.start);
  return kind.startsWith("u") ? BigInt.asUintN(bits, value) : BigInt.asIntN(bits, value);
}

function payload(rest: readonly Expression[]): { readonly payload?: Constant } {
  const [only] = rest;
  return only === undefined ? {} : { payload: parseConstant(only) };
}

function first(rest: readonly Expression[], list: List): Expression {
  const [expression] = rest;
  if (expression === undefined) throw new ScriptFault("the constant has no value", list.start);
  return expression;
}

function atom(rest: readonly Expression[], list: List): string {
  const expression = first(rest, list);
  if (expression.kind === "atom") return expression.text;
  throw new ScriptFault("expected a number or word", expression.start);
}

function text(rest: readonly Expression[], list: List): string {
  const expression = first(rest, list);
  if (expression.kind === "string") return new TextDecoder("utf-8", { fatal: true }).decode(expression.bytes);
  throw new ScriptFault("expected a string", expression.start);
}
