/**
 * The C function that serves a WIT function, as the C generator of wit-bindgen declares it
 * (NATIVE-ABI.md, "Parameters and results").
 */
import { discriminantSize, flagsSize } from "../../shared/canonical-abi/layout.ts";
import type {
  EnumType,
  FlagsType,
  FuncType,
  HandleType,
  PrimitiveKind,
  ValueType,
} from "../../shared/wit/types.ts";

/** Types that C passes and returns by value. */
export type ScalarType =
  | { readonly kind: Exclude<PrimitiveKind, "string"> }
  | EnumType
  | FlagsType
  | HandleType;

export type NativeParam =
  | { readonly kind: "scalar"; readonly type: ScalarType }
  | { readonly kind: "pointer"; readonly type: ValueType }
  /** `T *maybe_x`, NULL for none. */
  | { readonly kind: "maybe"; readonly element: ValueType };

export type NativeResult =
  | { readonly kind: "none" }
  | { readonly kind: "scalar"; readonly type: ScalarType }
  /** `void f(…, T *ret)` */
  | { readonly kind: "pointer"; readonly type: ValueType }
  /** `bool f(…, T *ret)`, true for some. */
  | { readonly kind: "option"; readonly element: ValueType }
  /** `bool f(…, T *ret, E *err)`, true for ok; an absent payload has no pointer. */
  | { readonly kind: "result"; readonly ok?: ValueType; readonly err?: ValueType };

export interface NativeSignature {
  readonly params: readonly NativeParam[];
  readonly result: NativeResult;
}

/** A C address for the FFI, given and returned as a number. */
export const POINTER = "uintptr_t";

export function classify(type: FuncType): NativeSignature {
  return {
    params: type.params.map((param) => classifyParam(param.type)),
    result: classifyResult(type.result),
  };
}

/** The FFI's type of the result and of each parameter, in C order. */
export function foreignTypes(signature: NativeSignature): {
  readonly result: string;
  readonly params: readonly string[];
} {
  const params = signature.params.map((param) =>
    param.kind === "scalar" ? scalarCType(param.type) : POINTER,
  );
  const { result } = signature;
  switch (result.kind) {
    case "none":
      return { result: "void", params };
    case "scalar":
      return { result: scalarCType(result.type), params };
    case "pointer":
      return { result: "void", params: [...params, POINTER] };
    case "option":
      return { result: "uint8_t", params: [...params, POINTER] };
    case "result": {
      const pointers = [result.ok, result.err].filter((each) => each !== undefined).map(() => POINTER);
      return { result: "uint8_t", params: [...params, ...pointers] };
    }
  }
}

export function isHandle(type: ValueType): type is HandleType {
  return type.kind === "own" || type.kind === "borrow";
}

/** True for types that C passes by value (`is_arg_by_pointer` of the generator, negated). */
export function isScalar(type: ValueType): type is ScalarType {
  switch (type.kind) {
    case "string":
    case "list":
    case "fixed-list":
    case "record":
    case "tuple":
    case "variant":
    case "option":
    case "result":
      return false;
    default:
      return true;
  }
}

function classifyParam(type: ValueType): NativeParam {
  if (isScalar(type)) return { kind: "scalar", type };
  if (type.kind === "option" && type.isAlias !== true) return { kind: "maybe", element: type.element };
  return { kind: "pointer", type };
}

function classifyResult(type: ValueType | undefined): NativeResult {
  if (type === undefined) return { kind: "none" };
  if (isScalar(type)) return { kind: "scalar", type };
  if (type.kind === "option") return { kind: "option", element: type.element };
  if (type.kind !== "result") return { kind: "pointer", type };
  return {
    kind: "result",
    ...(type.ok === undefined ? {} : { ok: type.ok }),
    ...(type.err === undefined ? {} : { err: type.err }),
  };
}

/**
 * `bool` is passed as the byte it is. 64-bit integers are always signed here: the bits are the same, and the
 * core values are signed already.
 */
function scalarCType(type: ScalarType): string {
  switch (type.kind) {
    case "bool":
    case "u8":
      return "uint8_t";
    case "s8":
      return "int8_t";
    case "u16":
      return "uint16_t";
    case "s16":
      return "int16_t";
    case "s32":
    case "own":
    case "borrow":
      return "int32_t";
    case "u32":
    case "char":
      return "uint32_t";
    case "s64":
    case "u64":
      return "int64_t";
    case "f32":
      return "float";
    case "f64":
      return "double";
    case "enum":
      return unsignedCType(discriminantSize(type.labels.length));
    case "flags":
      return unsignedCType(flagsSize(type.labels.length));
  }
}

function unsignedCType(size: 1 | 2 | 4): string {
  return `uint${size * 8}_t`;
}
