/** Generates `lift_flat_values`: the arguments of a lowered function, or the result of a core function. */
import { type CoreType, flattenType } from "../../../shared/canonical-abi/flatten.ts";
import { fieldOffsets, structLayout } from "../../../shared/canonical-abi/layout.ts";
import type { ValueType } from "../../../shared/wit/types.ts";
import { isScalar } from "../c-signature.ts";
import { commaList, identifier, js, type Source } from "../codegen.ts";
import { integerCell, scalarCell, shifted } from "../scalars.ts";
import { shapeOf } from "../shape.ts";
import { liftCell, mayRefuse } from "./cells.ts";
import type { Side } from "./entry-builder.ts";
import { compileLiftFlat } from "./lift-flat.ts";
import { compileLoad, compileLoadRange, isRange, type RangeType } from "./load.ts";
import { slotCell } from "./slots.ts";
import { memberNames, membersOf, structLiteral } from "./struct.ts";

/** A parameter, or the result. */
export interface Member {
  readonly name: string;
  readonly type: ValueType;
}

/** Emits what lifts the values and gives an expression for each. `flat`: the core values, or one pointer where spilled. */
export function emitLift(
  side: Side,
  members: readonly Member[],
  flat: readonly Source[],
  spilled: { readonly where: string } | undefined,
): Source[] {
  if (spilled !== undefined) return emitLoad(side, members, flat[0] ?? js`0`, spilled.where);
  let slot = 0;
  return members.map(({ name, type }) => {
    const count = flattenType(type)?.length ?? 0;
    const own = flat.slice(slot, slot + count);
    slot += count;
    return emitLiftFlat(side, type, own, name);
  });
}

/** Of a tuple in memory. */
function emitLoad(side: Side, members: readonly Member[], pointer: Source, where: string): Source[] {
  const { entry, guest, scope } = side;
  const types = members.map((member) => member.type);
  const { size, align } = structLayout(types, 4);
  const offsets = fieldOffsets(types, 4);
  entry.step(where);
  const base = entry.constant(js`${guest}.checkBlock(${where}, ${pointer} >>> 0, ${size}, ${align})`);
  return members.map(({ name, type }, index) => {
    const offset = offsets[index] ?? 0;
    entry.step(name);
    const place = { views: js`${guest}.views`, base, offset };
    if (isScalar(type)) return entry.constant(liftCell(type, scalarCell(place, type), side));
    if (isRange(type))
      return emitRange(side, type, integerCell(place, 4), integerCell(shifted(place, 4), 4), name);
    const load = scope.use(compileLoad(type, side.conversion), identifier("load", name));
    return entry.constant(js`${load}(${guest}, ${base} + ${offset})`);
  });
}

function emitLiftFlat(side: Side, type: ValueType, flat: readonly Source[], where: string): Source {
  const { entry, guest, scope, conversion } = side;
  if (isScalar(type)) {
    if (mayRefuse(type)) entry.step(where);
    return entry.constant(liftCell(type, flat[0] ?? js`0`, side));
  }
  switch (type.kind) {
    case "record":
    case "tuple":
    case "fixed-list": {
      const names = memberNames(type);
      let slot = 0;
      const members = membersOf(type).map((member, index) => {
        const count = flattenType(member)?.length ?? 0;
        const own = flat.slice(slot, slot + count);
        slot += count;
        return emitLiftFlat(side, member, own, where + (names[index] ?? ""));
      });
      return entry.constant(structLiteral(type, members, conversion));
    }
    case "variant":
    case "option":
    case "result": {
      // What a slot means depends on a discriminant: they go to memory as bits, and a closure reads them.
      const lift = scope.use(compileLiftFlat(type, conversion), identifier("lift", where));
      entry.step(where);
      const slots = entry.constant(js`${guest}.slots()`);
      for (const [index, core] of coreTypes(type).entries())
        entry.emit(js`${slotCell(core, slots, js`${index}`)} = ${flat[index] ?? js`0`};`);
      return entry.constant(js`${lift}(${guest}, ${slots}, 0)`);
    }
    default:
      entry.step(where);
      return emitRange(side, type, flat[0] ?? js`0`, flat[1] ?? js`0`, where);
  }
}

/** A string or list. */
function emitRange(
  { entry, guest, scope, conversion }: Side,
  type: RangeType,
  pointer: Source,
  length: Source,
  where: string,
): Source {
  const args = commaList([js`${pointer} >>> 0`, js`${length} >>> 0`, guest]);
  if (type.kind !== "list") return entry.constant(js`${guest}.strings.load(${args})`);
  const load = scope.use(compileLoadRange(type, conversion), identifier("load", where));
  return entry.constant(js`${load}(${args})`);
}

export function coreTypes(type: ValueType): readonly CoreType[] {
  return flattenType(type) ?? [];
}

/** Whether values of these types cross through memory. */
export function touchesMemory(types: readonly ValueType[], isSpilled: boolean): boolean {
  return isSpilled || types.some((type) => shapeOf(type).hasPointers);
}
