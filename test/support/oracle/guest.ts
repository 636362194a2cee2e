/**
 * A guest that calls one import: lowers arguments into its memory, calls the core function through a real
 * WebAssembly module (so that JavaScript's conversions are those of an engine), lifts the result.
 */
import type { Value } from "../../../src/shared/value/types.ts";
import type { FuncType } from "../../../src/shared/wit/types.ts";
import type { CoreFunction } from "../../../src/worker/abi/types.ts";
import { item } from "./despecialize.ts";
import { type CoreValue, liftFlat, lowerFlat, readerOf } from "./flat.ts";
import {
  alignment,
  elemSize,
  flattenTypes,
  MAX_FLAT_PARAMS,
  MAX_FLAT_RESULTS,
  type CoreType,
} from "./layout.ts";
import { load, store } from "./load-store.ts";
import type { GuestMemory } from "./memory.ts";

interface CoreSignature {
  readonly params: readonly CoreType[];
  readonly results: readonly CoreType[];
  readonly spilledParams: boolean;
  readonly spilledResult: boolean;
}

/** flatten_functype in the context of `lower`. */
export function coreSignature(type: FuncType): CoreSignature {
  const params = flattenTypes(type.params.map((param) => param.type));
  const results = type.result === undefined ? [] : flattenTypes([type.result]);
  const spilledParams = params.length > MAX_FLAT_PARAMS;
  const spilledResult = results.length > MAX_FLAT_RESULTS;
  return {
    params: [...(spilledParams ? (["i32"] as const) : params), ...(spilledResult ? (["i32"] as const) : [])],
    results: spilledResult ? [] : results,
    spilledParams,
    spilledResult,
  };
}

/** The core function as a guest's code calls it: through an import of a WebAssembly module. */
export function asGuestImport(type: FuncType, core: CoreFunction): CoreFunction {
  const { params, results } = coreSignature(type);
  return throughWebAssembly(params, results, core);
}

/** A WebAssembly function of that signature that calls the other. */
export function throughWebAssembly(
  params: readonly CoreType[],
  results: readonly CoreType[],
  core: CoreFunction,
): CoreFunction {
  const module = new WebAssembly.Module(trampolineModule(params, results));
  const { exports } = new WebAssembly.Instance(module, { host: { import: core } });
  const { call } = exports;
  if (!isCoreFunction(call)) throw new TypeError("the trampoline exports one function");
  return call;
}

function isCoreFunction(value: unknown): value is CoreFunction {
  return typeof value === "function";
}

/** Calls `imported` (from `asGuestImport`) with those arguments; undefined where there is no result. */
export function callFromGuest(
  guest: GuestMemory,
  type: FuncType,
  imported: CoreFunction,
  args: readonly Value[],
): Value | undefined {
  const { spilledParams, spilledResult } = coreSignature(type);
  const paramTypes = type.params.map((param) => param.type);
  const flat: CoreValue[] = [];
  if (spilledParams) {
    const tuple = { kind: "tuple", elements: paramTypes } as const;
    const ptr = guest.realloc(0, 0, alignment(tuple), elemSize(tuple));
    store(guest, args, tuple, ptr);
    flat.push(ptr);
  } else {
    for (const [index, arg] of args.entries()) flat.push(...lowerFlat(guest, arg, item(paramTypes, index)));
  }
  if (type.result === undefined) {
    imported(...flat);
    return undefined;
  }
  if (spilledResult) {
    const ptr = guest.realloc(0, 0, alignment(type.result), elemSize(type.result));
    imported(...flat, ptr);
    return load(guest, ptr, type.result);
  }
  const returned = imported(...flat);
  return liftFlat(guest, readerOf(returned === undefined ? [] : [returned]), type.result);
}

const CORE_TYPE_BYTE: Record<CoreType, number> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c };

/** `(module (import "host" "import" (func T)) (func (export "call") T: pass all parameters on))`. */
function trampolineModule(params: readonly CoreType[], results: readonly CoreType[]): Uint8Array {
  const type = [
    0x60,
    params.length,
    ...params.map((core) => CORE_TYPE_BYTE[core]),
    results.length,
    ...results.map((core) => CORE_TYPE_BYTE[core]),
  ];
  const body = [0, ...params.flatMap((_, index) => [0x20, index]), 0x10, 0, 0x0b];
  return Uint8Array.from([
    0,
    0x61,
    0x73,
    0x6d,
    1,
    0,
    0,
    0,
    ...section(1, [1, ...type]),
    ...section(2, [1, ...text("host"), ...text("import"), 0, 0]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...text("call"), 0, 1]),
    ...section(10, [1, body.length, ...body]),
  ]);
}

/** All of these are shorter than 128 bytes, so every length is one LEB128 byte. */
function section(id: number, content: readonly number[]): readonly number[] {
  return [id, content.length, ...content];
}

function text(name: string): readonly number[] {
  return [name.length, ...new TextEncoder().encode(name)];
}
