/** Core types as the text format has them, for messages; `…` stands for what is not known or cut. */
import type { CoreExtern, CoreFuncType, CoreLimits, CoreValueType } from "./types.ts";

/** Value types of one list that a message shows: the Canonical ABI has no more. */
const SHOWN = 17;

/** `(func (param i32) (result i64))`, `(memory 1 2)`, `(global (mut i32))` */
export function printExtern(extern: CoreExtern): string {
  const parts = extern.type === undefined ? ["…"] : partsOf(extern);
  return `(${[extern.kind, ...parts].join(" ")})`;
}

function partsOf(extern: CoreExtern): readonly string[] {
  switch (extern.kind) {
    case "func":
    case "tag":
      return extern.type === undefined ? [] : signatureParts(extern.type);
    case "memory":
      return extern.type === undefined ? [] : limitsParts(extern.type);
    case "table":
      return extern.type === undefined ? [] : [...limitsParts(extern.type.limits), extern.type.element];
    case "global": {
      const { type } = extern;
      if (type === undefined) return [];
      return [type.isMutable ? `(mut ${type.value})` : type.value];
    }
  }
}

function signatureParts({ params, results }: CoreFuncType): readonly string[] {
  return [...listed("param", params), ...listed("result", results)];
}

function listed(what: string, types: readonly CoreValueType[]): readonly string[] {
  if (types.length === 0) return [];
  const rest = types.length > SHOWN ? [`… ${types.length - SHOWN} more`] : [];
  return [`(${[what, ...types.slice(0, SHOWN), ...rest].join(" ")})`];
}

function limitsParts({ min, max, is64, isShared, pageSizeLog2 }: CoreLimits): readonly string[] {
  return [
    ...(is64 ? ["i64"] : []),
    String(min),
    ...(max === undefined ? [] : [String(max)]),
    ...(isShared ? ["shared"] : []),
    ...(pageSizeLog2 === undefined ? [] : [`(pagesize ${2 ** pageSizeLog2})`]),
  ];
}
