/** Flat core values as bits, in slots of eight bytes. */
import type { CoreType } from "../../../shared/canonical-abi/flatten.ts";
import { flattenType } from "../../../shared/canonical-abi/flatten.ts";
import type { ScalarType } from "../c-signature.ts";
import { js, type Source } from "../codegen.ts";

/** The part of a slot that holds a core value, as an assignable expression. */
export function slotCell(core: CoreType, slots: Source, slot: Source): Source {
  switch (core) {
    case "i32":
      return js`${slots}.i32[2 * (${slot})]`;
    case "i64":
      return js`${slots}.i64[${slot}]`;
    case "f32":
      return js`${slots}.f32[2 * (${slot})]`;
    case "f64":
      return js`${slots}.f64[${slot}]`;
  }
}

/** The same for the one core value of a scalar. */
export function coreCell(type: ScalarType, slots: Source, slot: Source): Source {
  return slotCell(flattenType(type)?.[0] ?? "i32", slots, slot);
}
