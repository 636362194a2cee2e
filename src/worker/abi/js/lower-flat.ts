/**
 * From JavaScript to flat core values (CanonicalABI.md, "Flat Lowering"), for values inside a variant: into slots of
 * eight bytes that were zero, as bits, so that what `join` makes of them is what is read at the joined width.
 */
import { flattenType } from "../../../shared/canonical-abi/flatten.ts";
import type { ValueType } from "../../../shared/wit/types.ts";
import { isScalar } from "../c-signature.ts";
import { identifier, js, Scope } from "../codegen.ts";
import { generate } from "../generated.ts";
import { caseNames } from "../names.ts";
import { within } from "../violation.ts";
import type { Views } from "../views.ts";
import { type CasesType, casesOf } from "./cases.ts";
import { lowerCell } from "./cells.ts";
import { type Conversion, type Memo, memoised } from "./conversion.ts";
import type { Guest } from "./guest.ts";
import { coreCell } from "./slots.ts";
import { compileStoreRange } from "./store.ts";
import { memberOf, membersOf, structCheck, structFunction, type StructType } from "./struct.ts";

/** Lowers a value into its slots, from a slot on. */
export type LowerFlat = (guest: Guest, value: unknown, slots: Views, slot: number) => void;

const memo: Memo<LowerFlat> = new WeakMap();

export function compileLowerFlat(type: ValueType, conversion: Conversion): LowerFlat {
  return memoised(memo, type, conversion, build);
}

function build(type: ValueType, conversion: Conversion): LowerFlat {
  if (isScalar(type)) {
    const scope = new Scope();
    const core = lowerCell(type, js`value`, { scope, conversion, guest: js`guest` });
    const write = js`${coreCell(type, js`slots`, js`slot`)} = ${core};`;
    return scope.evaluate<LowerFlat>(
      js`function lowerFlat(guest, value, slots, slot) { ${write} }`,
      `lower-flat-${type.kind}`,
    );
  }
  switch (type.kind) {
    case "record":
    case "tuple":
    case "fixed-list":
      return buildStruct(type, conversion);
    case "variant":
    case "option":
    case "result":
      return buildVariant(type, conversion);
    case "list": {
      const store = compileStoreRange(type, conversion);
      return (guest, value, slots, slot) => writeRange(store(guest, value), guest, slots, slot);
    }
    default:
      return (guest, value, slots, slot) => writeRange(guest.strings.store(value, guest), guest, slots, slot);
  }
}

function writeRange(pointer: number, guest: Guest, { i32 }: Views, slot: number): void {
  i32[2 * slot] = pointer;
  i32[2 * slot + 2] = guest.storedLength;
}

/** `lower_flat_record` */
function buildStruct(type: StructType, conversion: Conversion): LowerFlat {
  const scope = new Scope();
  const emitter = { scope, conversion, guest: js`guest` };
  let slot = 0;
  const members = membersOf(type).map((member, index) => {
    const lower = scope.use(compileLowerFlat(member, conversion), identifier("lower", member.kind));
    const at = slot;
    slot += flattenType(member)?.length ?? 0;
    return js`${lower}(guest, ${memberOf(type, js`value`, index, conversion)}, slots, slot + ${at});`;
  });
  const parts = { before: structCheck(type, js`value`, emitter), members };
  const params = [js`guest`, js`value`, js`slots`, js`slot`];
  return generate<LowerFlat>(type, "lower-flat", structFunction(type, params, parts, emitter), scope);
}

/** `lower_flat_variant` */
function buildVariant(type: CasesType, conversion: Conversion): LowerFlat {
  const cases = casesOf(type, conversion);
  const names = caseNames(type);
  const count = flattenType(type)?.length ?? 0;
  const lowers = cases.payloads.map((payload) =>
    payload === undefined ? undefined : compileLowerFlat(payload, conversion),
  );
  return (guest, value, slots, slot) => {
    const index = cases.indexOf(value);
    // Slots that the case does not use are zero, and so is what a narrow value leaves of a wide slot.
    slots.i32.fill(0, 2 * slot, 2 * (slot + count));
    slots.i32[2 * slot] = index;
    const lower = lowers[index];
    if (lower === undefined) return;
    try {
      lower(guest, cases.payloadOf(value, index), slots, slot + 1);
    } catch (error) {
      throw within(error, names(index));
    }
  };
}
