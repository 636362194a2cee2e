/** Generates `lower_flat_values`: the arguments of a core function, or the result of a lowered function. */
import { fieldOffsets, structLayout } from "../../../shared/canonical-abi/layout.ts";
import type { ValueType } from "../../../shared/wit/types.ts";
import { isScalar } from "../c-signature.ts";
import { identifier, js, type Source } from "../codegen.ts";
import { integerCell, shifted } from "../scalars.ts";
import { lowerCell } from "./cells.ts";
import type { Side } from "./entry-builder.ts";
import { coreTypes, type Member } from "./entry-lift.ts";
import { isRange, type RangeType } from "./load.ts";
import { compileLowerFlat } from "./lower-flat.ts";
import { slotCell } from "./slots.ts";
import { compileStore, compileStoreRange, storeCell } from "./store.ts";
import { memberNames, memberOf, membersOf, structCheck } from "./struct.ts";

/** Where lowered values go: core values, memory that the guest allocates, or memory that it gave. */
export type LowerTarget =
  | { readonly kind: "flat" }
  | { readonly kind: "allocated"; readonly where: string }
  | { readonly kind: "block"; readonly where: string; readonly pointer: Source };

/** Emits what lowers the values and gives the core values to pass on; none for a block. */
export function emitLower(
  side: Side,
  members: readonly Member[],
  values: readonly Source[],
  target: LowerTarget,
): Source[] {
  if (target.kind !== "flat") return emitStore(side, members, values, target);
  return members.flatMap(({ name, type }, index) =>
    emitLowerFlat(side, type, values[index] ?? js`undefined`, name),
  );
}

/** As a tuple in memory. */
function emitStore(
  side: Side,
  members: readonly Member[],
  values: readonly Source[],
  target: Exclude<LowerTarget, { kind: "flat" }>,
): Source[] {
  const { entry, guest, scope } = side;
  const types = members.map((member) => member.type);
  const { size, align } = structLayout(types, 4);
  const offsets = fieldOffsets(types, 4);
  entry.step(target.where);
  const base = entry.constant(
    target.kind === "allocated"
      ? js`${guest}.allocate(${align}, ${size})`
      : js`${guest}.checkBlock(${target.where}, ${target.pointer} >>> 0, ${size}, ${align})`,
  );
  for (const [index, { name, type }] of members.entries()) {
    const offset = offsets[index] ?? 0;
    const value = values[index] ?? js`undefined`;
    entry.step(name);
    if (isScalar(type)) {
      const to = { views: js`${guest}.views`, base, offset };
      entry.emit(js`{ ${storeCell(type, value, to, js`cell`, side)} }`);
    } else if (isRange(type)) {
      const pointer = emitStoreRange(side, type, value, name);
      const at = { views: js`${guest}.views`, base, offset };
      entry.emit(js`${integerCell(at, 4)} = ${pointer};`);
      entry.emit(js`${integerCell(shifted(at, 4), 4)} = ${guest}.storedLength;`);
    } else {
      const store = scope.use(compileStore(type, side.conversion), identifier("store", name));
      entry.emit(js`${store}(${guest}, ${value}, ${base} + ${offset});`);
    }
  }
  return target.kind === "allocated" ? [base] : [];
}

function emitLowerFlat(side: Side, type: ValueType, value: Source, where: string): Source[] {
  const { entry, guest, scope, conversion } = side;
  entry.step(where);
  if (isScalar(type)) return [entry.constant(lowerCell(type, value, side))];
  switch (type.kind) {
    case "record":
    case "tuple":
    case "fixed-list": {
      const names = memberNames(type);
      entry.emit(structCheck(type, value, side));
      return membersOf(type).flatMap((member, index) => {
        const name = where + (names[index] ?? "");
        entry.step(name);
        const part = entry.constant(memberOf(type, value, index, conversion));
        return emitLowerFlat(side, member, part, name);
      });
    }
    case "variant":
    case "option":
    case "result": {
      const lower = scope.use(compileLowerFlat(type, conversion), identifier("lower", where));
      const slots = entry.constant(js`${guest}.slots()`);
      entry.emit(js`${lower}(${guest}, ${value}, ${slots}, 0);`);
      return coreTypes(type).map((core, index) => entry.constant(slotCell(core, slots, js`${index}`)));
    }
    default: {
      const pointer = emitStoreRange(side, type, value, where);
      return [pointer, entry.constant(js`${guest}.storedLength`)];
    }
  }
}

/** A string or list: gives the pointer, and the length is in `guest.storedLength`. */
function emitStoreRange(
  { entry, guest, scope, conversion }: Side,
  type: RangeType,
  value: Source,
  where: string,
): Source {
  if (type.kind !== "list") return entry.constant(js`${guest}.strings.store(${value}, ${guest})`);
  const store = scope.use(compileStoreRange(type, conversion), identifier("store", where));
  return entry.constant(js`${store}(${guest}, ${value})`);
}
