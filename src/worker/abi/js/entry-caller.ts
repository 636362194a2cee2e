/** Generates the half of an entry that a guest calls (`canon_lower`). */
import { flattenLowered } from "../../../shared/canonical-abi/flatten.ts";
import type { FuncType } from "../../../shared/wit/types.ts";
import { commaList, js, type Source } from "../codegen.ts";
import { mentions } from "./conversion.ts";
import type { Side } from "./entry-builder.ts";
import { emitLift, touchesMemory } from "./entry-lift.ts";
import { emitLower } from "./entry-lower.ts";

/** The core parameters, for the head of the function. */
export function coreParameters(type: FuncType): Source {
  return commaList(flattenLowered(type).params.map((_, index) => js`p${index}`));
}

/** Emits what lifts the arguments and gives an expression for each. */
export function emitParameters(side: Side, type: FuncType): Source[] {
  const { params, paramsSpilled } = flattenLowered(type);
  const types = type.params.map((param) => param.type);
  if (mentions(types, "borrow")) side.outer = side.entry.constant(js`${side.guest}.beginCall()`);
  if (touchesMemory(types, paramsSpilled)) side.entry.emit(js`${side.guest}.begin();`);
  const flat = params.map((_, index) => js`p${index}`);
  return emitLift(side, type.params, flat, paramsSpilled ? { where: "parameters" } : undefined);
}

/** Emits what delivers the result, and gives the core result. */
export function emitDelivery(side: Side, type: FuncType, value: Source): Source | undefined {
  const { entry, guest } = side;
  const { params, resultSpilled } = flattenLowered(type);
  let delivered: Source | undefined;
  if (type.result !== undefined) {
    if (touchesMemory([type.result], resultSpilled)) entry.emit(js`${guest}.begin();`);
    const pointer = js`p${params.length - 1}`;
    const target = resultSpilled
      ? ({ kind: "block", where: "result", pointer } as const)
      : ({ kind: "flat" } as const);
    [delivered] = emitLower(side, [{ name: "result", type: type.result }], [value], target);
  }
  if (side.outer !== undefined) entry.emit(js`${guest}.endCall(${side.outer});`);
  return delivered;
}
