/** What follows from the type of a function for the core functions on both of its sides. */
import { flattenLifted, flattenLowered, MAX_FLAT_PARAMS } from "../canonical-abi/flatten.ts";
import { hasPointers } from "../canonical-abi/pointers.ts";
import type { CoreFuncType } from "../wasm/types.ts";
import type { FuncType } from "../wit/types.ts";

/** Why an option is needed; absent: it is not. */
export interface Needs {
  readonly memory?: string;
  readonly realloc?: string;
}

export interface FlatFunc {
  /** What `canon lower` gives. */
  readonly lowered: CoreFuncType;
  /** What `canon lift` takes. */
  readonly lifted: CoreFuncType;
  readonly lowerNeeds: Needs;
  readonly liftNeeds: Needs;
}

const memo = new WeakMap<FuncType, FlatFunc>();

export function flatFuncOf(type: FuncType): FlatFunc {
  const known = memo.get(type);
  if (known !== undefined) return known;
  const flat = computeFlatFunc(type);
  memo.set(type, flat);
  return flat;
}

export function coreFuncType(params: readonly string[], results: readonly string[]): CoreFuncType {
  return { params, results, isStructural: true };
}

/** Which side allocates: for parameters the callee by its `realloc`, for results the caller by its own. */
function computeFlatFunc(type: FuncType): FlatFunc {
  const lowered = flattenLowered(type);
  const lifted = flattenLifted(type);
  const pointersIn = type.params.some((param) => hasPointers(param.type));
  const pointersOut = type.result !== undefined && hasPointers(type.result);
  const params = lowered.paramsSpilled
    ? `the parameters are more than ${MAX_FLAT_PARAMS} flat values`
    : pointersIn
      ? "a parameter holds a string or list"
      : undefined;
  const spilledResult = lowered.resultSpilled ? "the result is more than one flat value" : undefined;
  return {
    lowered: coreFuncType(lowered.params, resultsOf(lowered.result)),
    lifted: coreFuncType(lifted.params, resultsOf(lifted.result)),
    lowerNeeds: needs(params ?? spilledResult, pointersOut ? "the result holds a string or list" : undefined),
    liftNeeds: needs(params ?? spilledResult, params),
  };
}

function resultsOf(result: string | undefined): readonly string[] {
  return result === undefined ? [] : [result];
}

function needs(memory: string | undefined, realloc: string | undefined): Needs {
  return { ...(memory === undefined ? {} : { memory }), ...(realloc === undefined ? {} : { realloc }) };
}
