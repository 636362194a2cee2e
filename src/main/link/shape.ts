/** Interfaces by what they look like, where their names say nothing: one that is imported under a plain name. */
import { type Comparison, sameFunc } from "../../shared/wit/equal.ts";
import type { WitFunction, WorldItem } from "../../shared/wit/types.ts";

/** A resource of a plainly named interface is that of the same name. */
export const BY_RESOURCE_NAME: Comparison = { sameResource: (left, right) => left.name === right.name };

/** A function that another item lacks, or has with another type. */
export interface Misfit {
  readonly func: WitFunction;
  readonly offer: WitFunction | undefined;
}

export function misfits(wanted: WorldItem, offered: WorldItem): readonly Misfit[] {
  const offers = new Map(functionsOf(offered).map((func) => [func.name, func]));
  return functionsOf(wanted).flatMap((func) => {
    const offer = offers.get(func.name);
    const fits = offer !== undefined && sameFunc(func.type, offer.type, BY_RESOURCE_NAME);
    return fits ? [] : [{ func, offer }];
  });
}

/** Whether an item has all functions of another. */
export function hasFunctions(offered: WorldItem, wanted: WorldItem): boolean {
  return misfits(wanted, offered).length === 0;
}

function functionsOf(item: WorldItem): readonly WitFunction[] {
  return item.kind === "function" ? [item.function] : item.interface.functions;
}
