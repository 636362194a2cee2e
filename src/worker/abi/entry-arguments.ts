/**
 * Generates the half of an entry before the C call. Where parameters come from (the stack, or a block of memory
 * after spilling) is decided once, in `originsOf`; what each type does is in load and lift-flat.
 */
import { flattenType } from "../../shared/canonical-abi/flatten.ts";
import {
  fieldOffsets,
  layoutOf,
  payloadOffset,
  structLayout,
  structMembers,
} from "../../shared/canonical-abi/layout.ts";
import type { ValueType } from "../../shared/wit/types.ts";
import { isScalar, type NativeParam } from "./c-signature.ts";
import { identifier, js, type Source } from "./codegen.ts";
import type { EntryBuilder } from "./entry-builder.ts";
import { SLOT_BYTES } from "./frame.ts";
import { compileLiftFlat } from "./lift-flat.ts";
import { compileLoad, compileLoadRange } from "./load.ts";
import { fieldNames } from "./names.ts";
import { below, integerCell, mayFail, type Place, scalarCell, shifted } from "./scalars.ts";
import { shapeOf } from "./shape.ts";

/** Where a value comes from: flat values from parameter `slot` on, or a place in the guest's memory. */
type Origin =
  | { readonly kind: "stack"; readonly slot: number }
  | { readonly kind: "memory"; readonly place: Place };

/** Emits what prepares the C arguments and gives their expressions. */
export function emitArguments(entry: EntryBuilder, params: readonly NativeParam[]): Source[] {
  const origins = originsOf(entry);
  return params.map((param, index) => {
    const label = entry.type.params[index]?.name ?? "";
    return emitArgument(entry, param, origins[index] ?? { kind: "stack", slot: 0 }, label, js`a${index}`);
  });
}

/** Decides once where the parameters come from (`lift_flat_values`). */
function originsOf(entry: EntryBuilder): Origin[] {
  const types = entry.type.params.map((param) => param.type);
  if (!entry.flat.paramsSpilled) {
    let slot = 0;
    return types.map((type) => {
      const origin: Origin = { kind: "stack", slot };
      slot += flattenType(type)?.length ?? 0;
      return origin;
    });
  }
  entry.guestBlock(js`params`, js`p0`, structLayout(types, 4), "parameters");
  const offsets = fieldOffsets(types, 4);
  return types.map((_, index) => ({
    kind: "memory",
    place: { views: js`guest`, base: js`params`, offset: offsets[index] ?? 0 },
  }));
}

/** Emits what prepares one C argument and gives its expression. */
function emitArgument(
  entry: EntryBuilder,
  param: NativeParam,
  origin: Origin,
  label: string,
  name: Source,
): Source {
  const step = entry.step(label);
  switch (param.kind) {
    case "scalar": {
      const raw = origin.kind === "stack" ? js`p${origin.slot}` : scalarCell(origin.place, param.type);
      const value = entry.lifted(param.type, raw);
      if (!mayFail(param.type)) return value;
      entry.mayFail = true;
      entry.emit(js`${step} const ${name} = ${value};`);
      return name;
    }
    case "pointer":
      entry.emit(js`${step}`);
      return emitPointer(entry, param.type, origin, label, name);
    case "maybe": {
      const some = origin.kind === "stack" ? js`p${origin.slot} >>> 0` : integerCell(origin.place, 1);
      const test = entry.scope.use(below, identifier("below"));
      entry.emit(js`${step} let ${name} = 0;\n      if (${test}(${some}, 2) === 1) {`);
      const inner = js`${name}_some`;
      const pointer = emitPointer(entry, param.element, payloadOrigin(origin, param.element), label, inner);
      entry.emit(js`${name} = ${pointer}; }`);
      return name;
    }
  }
}

/** Emits what brings a value into native memory and gives its address. Layouts that agree need no copy. */
function emitPointer(
  entry: EntryBuilder,
  type: ValueType,
  origin: Origin,
  label: string,
  name: Source,
): Source {
  if (origin.kind === "memory" && shapeOf(type).isPlain) {
    entry.emit(js`const ${name} = guest.base + ${origin.place.base ?? js`0`} + ${origin.place.offset};`);
    return name;
  }
  const target = entry.reserve(layoutOf(type, 8), name);
  emitFill(entry, type, origin, target.place, label);
  return target.address;
}

function emitFill(entry: EntryBuilder, type: ValueType, origin: Origin, to: Place, label: string): void {
  if (origin.kind === "memory") {
    const load = entry.scope.use(compileLoad(type), identifier("load", label));
    entry.usesMemory = true;
    const { base, offset } = origin.place;
    entry.emit(js`${load}(guest, ${base ?? js`0`} + ${offset}, frame, ${to.offset}, call);`);
    return;
  }
  const { slot } = origin;
  if (type.kind === "string" || type.kind === "list") {
    entry.usesMemory = true;
    const load = entry.scope.use(compileLoadRange(type), identifier("load", label));
    entry.emit(js`${load}(p${slot} >>> 0, p${slot + 1} >>> 0, frame, ${to.offset}, call);`);
  } else if (isScalar(type)) {
    entry.emit(js`${scalarCell(to, type)} = ${entry.lifted(type, js`p${slot}`)};`);
  } else if (type.kind === "record" || type.kind === "tuple") {
    emitFillStruct(entry, type, slot, to, label);
  } else {
    emitFillFromSlots(entry, type, slot, to, label);
  }
}

/** Inline: every member takes at least one of at most sixteen slots. */
function emitFillStruct(entry: EntryBuilder, type: ValueType, slot: number, to: Place, label: string): void {
  const members = structMembers(type) ?? [];
  const offsets = fieldOffsets(members, 8);
  const names = fieldNames(type);
  let next = slot;
  for (const [index, member] of members.entries()) {
    const path = label + (names[index] ?? "");
    entry.emit(js`${entry.step(path)}`);
    emitFill(entry, member, { kind: "stack", slot: next }, shifted(to, offsets[index] ?? 0), path);
    next += flattenType(member)?.length ?? 0;
  }
}

/** What a slot means depends on a discriminant: the slots go to memory as bits, and a closure reads them. */
function emitFillFromSlots(
  entry: EntryBuilder,
  type: ValueType,
  slot: number,
  to: Place,
  label: string,
): void {
  const count = flattenType(type)?.length ?? 0;
  entry.usesFrame = true;
  if (shapeOf(type).hasPointers) entry.usesMemory = true;
  for (let index = slot; index < slot + count; index += 1) {
    const place = { views: js`frame`, offset: index * SLOT_BYTES };
    const kind = ({ i32: "s32", i64: "s64", f32: "f32", f64: "f64" } as const)[
      entry.flat.params[index] ?? "i32"
    ];
    entry.emit(js`${scalarCell(place, { kind })} = p${index};`);
  }
  const lift = entry.scope.use(compileLiftFlat(type, slot), identifier("lift", label));
  entry.emit(js`${lift}(frame, frame, ${to.offset}, call);`);
}

function payloadOrigin(origin: Origin, element: ValueType): Origin {
  if (origin.kind === "stack") return { kind: "stack", slot: origin.slot + 1 };
  return { kind: "memory", place: shifted(origin.place, payloadOffset([undefined, element], 4)) };
}
