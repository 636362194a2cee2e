/**
 * A guest whose one function is called: a core function as `canon lift` takes it, that lifts its arguments, lets a
 * handler make the result, and lowers that (CanonicalABI.md, `canon_lift` seen from inside).
 */
import type { Value } from "../../../src/shared/value/types.ts";
import type { FuncType } from "../../../src/shared/wit/types.ts";
import type { CoreFunction } from "../../../src/worker/abi/types.ts";
import { fieldValues, item } from "./despecialize.ts";
import { type CoreValue, liftFlat, lowerFlat, readerOf } from "./flat.ts";
import { throughWebAssembly } from "./guest.ts";
import { alignment, elemSize, flattenTypes, MAX_FLAT_PARAMS, MAX_FLAT_RESULTS } from "./layout.ts";
import { load, store } from "./load-store.ts";
import { type GuestMemory, trapIf } from "./memory.ts";

export function asLiftedCore(
  guest: GuestMemory,
  type: FuncType,
  handler: (args: readonly Value[]) => Value,
): CoreFunction {
  const paramTypes = type.params.map((param) => param.type);
  const params = flattenTypes(paramTypes);
  const results = type.result === undefined ? [] : flattenTypes([type.result]);
  const spilledResult = results.length > MAX_FLAT_RESULTS;
  const core = (...flat: CoreValue[]): CoreValue | undefined => {
    const args = liftArguments(guest, type, flat);
    const result = handler(args);
    if (type.result === undefined) return undefined;
    if (!spilledResult) return item(lowerFlat(guest, result, type.result), 0);
    const ptr = guest.realloc(0, 0, alignment(type.result), elemSize(type.result));
    store(guest, result, type.result, ptr);
    return ptr;
  };
  return throughWebAssembly(
    params.length > MAX_FLAT_PARAMS ? ["i32"] : params,
    spilledResult ? ["i32"] : results,
    core,
  );
}

/** `lift_flat_values` for the parameters of a function. */
export function liftArguments(
  guest: GuestMemory,
  type: FuncType,
  flat: readonly CoreValue[],
): readonly Value[] {
  const elements = type.params.map((param) => param.type);
  const next = readerOf(flat);
  if (flattenTypes(elements).length <= MAX_FLAT_PARAMS)
    return elements.map((each) => liftFlat(guest, next, each));
  const tuple = { kind: "tuple", elements } as const;
  const ptr = Number(next("i32"));
  trapIf(ptr % alignment(tuple) !== 0, "misaligned arguments");
  trapIf(!guest.inBounds(ptr, elemSize(tuple)), "arguments out of bounds");
  return fieldValues(tuple, load(guest, ptr, tuple));
}
