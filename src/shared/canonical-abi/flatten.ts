/**
 * Flattening: a value type as a list of core types (CanonicalABI.md, "Flattening").
 *
 * A flat list is only ever used while it is at most 16 long, so computing stops there: an adversary's type
 * of a million fields, or a DAG that doubles at every level, costs nothing.
 */
import type { FuncType, ValueType } from "../wit/types.ts";
import { payloadCases, structMembers } from "./layout.ts";

export type CoreType = "i32" | "i64" | "f32" | "f64";

/** Over this many flat parameters, one pointer to all of them is passed instead. */
export const MAX_FLAT_PARAMS = 16;
/** Over this many flat results, they go through memory. */
export const MAX_FLAT_RESULTS = 1;

/** The core signature of `canon lower` for a function, and what was spilled to memory. */
export interface FlatSignature {
  readonly params: readonly CoreType[];
  readonly result?: CoreType;
  /** The parameters are one pointer to a tuple of them. */
  readonly paramsSpilled: boolean;
  /** The last parameter is a pointer that the result is stored through. */
  readonly resultSpilled: boolean;
}

type Flat = readonly CoreType[] | undefined;

const memo = new WeakMap<ValueType, { readonly flat: Flat }>();

/** The flat types of a value type, or nothing where there are more than `MAX_FLAT_PARAMS`. */
export function flattenType(type: ValueType): Flat {
  const known = memo.get(type);
  if (known !== undefined) return known.flat;
  const flat = computeFlat(type);
  memo.set(type, { flat });
  return flat;
}

/** The flat types of several values in a row, or nothing where there are more than `MAX_FLAT_PARAMS`. */
export function flattenTypes(types: Iterable<ValueType>): Flat {
  const out: CoreType[] = [];
  for (const type of types) {
    const flat = flattenType(type);
    if (flat === undefined || out.length + flat.length > MAX_FLAT_PARAMS) return undefined;
    out.push(...flat);
  }
  return out;
}

/** `flatten_functype` for a synchronous `canon lower`. */
export function flattenLowered(type: FuncType): FlatSignature {
  const flatParams = flattenTypes(type.params.map((param) => param.type));
  const params: CoreType[] = flatParams === undefined ? ["i32"] : [...flatParams];
  const paramsSpilled = flatParams === undefined;
  if (type.result === undefined) return { params, paramsSpilled, resultSpilled: false };
  const flatResult = flattenType(type.result);
  if (flatResult !== undefined && flatResult.length <= MAX_FLAT_RESULTS) {
    const [result] = flatResult;
    return { params, ...(result === undefined ? {} : { result }), paramsSpilled, resultSpilled: false };
  }
  params.push("i32");
  return { params, paramsSpilled, resultSpilled: true };
}

/** `flatten_functype` for a synchronous `canon lift`: a spilled result comes back as one pointer. */
export function flattenLifted(type: FuncType): FlatSignature {
  const lowered = flattenLowered(type);
  if (!lowered.resultSpilled) return lowered;
  return { ...lowered, params: lowered.params.slice(0, -1), result: "i32" };
}

/** The core type that can hold either of two (`join`). */
export function join(a: CoreType, b: CoreType): CoreType {
  if (a === b) return a;
  if ((a === "i32" && b === "f32") || (a === "f32" && b === "i32")) return "i32";
  return "i64";
}

function computeFlat(type: ValueType): Flat {
  switch (type.kind) {
    case "bool":
    case "s8":
    case "u8":
    case "s16":
    case "u16":
    case "s32":
    case "u32":
    case "char":
    case "enum":
    case "flags":
    case "own":
    case "borrow":
      return ["i32"];
    case "s64":
    case "u64":
      return ["i64"];
    case "f32":
      return ["f32"];
    case "f64":
      return ["f64"];
    case "string":
    case "list":
      return ["i32", "i32"];
    case "fixed-list":
      return type.length > MAX_FLAT_PARAMS
        ? undefined
        : flattenTypes(Array.from({ length: type.length }, () => type.element));
    case "record":
    case "tuple":
      return flattenTypes(structMembers(type) ?? []);
    case "variant":
    case "option":
    case "result":
      return flattenCases(payloadCases(type) ?? []);
  }
}

/** `flatten_variant`. */
function flattenCases(cases: readonly (ValueType | undefined)[]): Flat {
  const joined: CoreType[] = [];
  for (const payload of cases) {
    if (payload === undefined) continue;
    const flat = flattenType(payload);
    if (flat === undefined) return undefined;
    for (const [index, core] of flat.entries()) {
      const other = joined[index];
      joined[index] = other === undefined ? core : join(other, core);
    }
  }
  return joined.length < MAX_FLAT_PARAMS ? ["i32", ...joined] : undefined;
}
