/**
 * Import matching (WebAssembly, "Matching"), as far as it can be told without knowing a module's own types: what
 * is left open here the engine decides when it instantiates the module.
 */
import type { CoreExtern, CoreFuncType, CoreGlobalType, CoreLimits, CoreTableType } from "./types.ts";

/** Whether `given` is certainly not what a module imports as `wanted`. */
export function isMismatch(wanted: CoreExtern, given: CoreExtern): boolean {
  switch (wanted.kind) {
    case "func":
    case "tag":
      return given.kind !== wanted.kind || bothKnown(wanted.type, given.type, isFuncMismatch);
    case "memory":
      return given.kind !== "memory" || bothKnown(wanted.type, given.type, isMemoryMismatch);
    case "table":
      return given.kind !== "table" || bothKnown(wanted.type, given.type, isTableMismatch);
    case "global":
      return given.kind !== "global" || bothKnown(wanted.type, given.type, isGlobalMismatch);
  }
}

/** Whether two function types take and give the same, whichever way their modules declare them. */
export function isSameSignature(a: CoreFuncType, b: CoreFuncType): boolean {
  return isSameList(a.params, b.params) && isSameList(a.results, b.results);
}

function bothKnown<T>(
  wanted: T | undefined,
  given: T | undefined,
  isMismatch: (wanted: T, given: T) => boolean,
): boolean {
  return wanted !== undefined && given !== undefined && isMismatch(wanted, given);
}

function isFuncMismatch(wanted: CoreFuncType, given: CoreFuncType): boolean {
  return wanted.isStructural && given.isStructural && !isSameSignature(wanted, given);
}

function isSameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((type, index) => type === b[index]);
}

function isMemoryMismatch(wanted: CoreLimits, given: CoreLimits): boolean {
  return (wanted.pageSizeLog2 ?? 16) !== (given.pageSizeLog2 ?? 16) || isLimitsMismatch(wanted, given);
}

/** References to a module's own types may be the same under another index. */
function isTableMismatch(wanted: CoreTableType, given: CoreTableType): boolean {
  const areNamed = !wanted.element.startsWith("(") && !given.element.startsWith("(");
  return (areNamed && wanted.element !== given.element) || isLimitsMismatch(wanted.limits, given.limits);
}

function isLimitsMismatch(wanted: CoreLimits, given: CoreLimits): boolean {
  if (wanted.isShared !== given.isShared || wanted.is64 !== given.is64 || given.min < wanted.min) return true;
  return wanted.max !== undefined && (given.max === undefined || given.max > wanted.max);
}

/** One reference type may be a subtype of another; numbers never are. */
function isGlobalMismatch(wanted: CoreGlobalType, given: CoreGlobalType): boolean {
  if (wanted.isMutable !== given.isMutable) return true;
  return wanted.value !== given.value && (isNumber(wanted.value) || isNumber(given.value));
}

function isNumber(type: string): boolean {
  return NUMBERS.has(type);
}

const NUMBERS: ReadonlySet<string> = new Set(["i32", "i64", "f32", "f64", "v128"]);
