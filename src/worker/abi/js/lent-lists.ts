/** Lists between two guests whose elements are the same bytes on both sides: numbers, and what is made of them alone. */
import { layoutOf } from "../../../shared/canonical-abi/layout.ts";
import type { ValueType } from "../../../shared/wit/types.ts";
import { normaliseElements } from "../normalise.ts";
import { shapeOf } from "../shape.ts";
import { lend, storeLent } from "./lent.ts";
import type { LoadRange } from "./load.ts";
import type { StoreRange } from "./store.ts";

/**
 * Whether a list of these may be passed on as bytes: its checks change nothing, and every byte belongs to the value. What
 * lies in padding, or beside the payload of a case, is none of the other component's business.
 */
export function isLendable(element: ValueType): boolean {
  const { isCheckedInPlace, isPacked, guest } = shapeOf(element);
  return isCheckedInPlace && isPacked && guest.size > 0;
}

/** `load_list_from_range` of lendable elements. */
export function lendRange(element: ValueType): LoadRange {
  const { size, align } = layoutOf(element, 4);
  const check = shapeOf(element).isPlain ? undefined : normaliseElements(element);
  return (pointer, length, guest) => {
    const bytes = length * size;
    guest.checkRange("list", pointer, bytes, align);
    guest.charge(bytes);
    check?.(guest.views, pointer, length);
    return lend(guest, pointer, bytes, length);
  };
}

/** `store_list_into_range` of lendable elements. */
export function storeLentRange(element: ValueType): StoreRange {
  const { align } = layoutOf(element, 4);
  return (guest, value) => storeLent(guest, value, align);
}
