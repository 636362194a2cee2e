/**
 * From flat core values to native memory (CanonicalABI.md, "Flat Lifting"), for types that hold a variant: which
 * slots mean what depends on the discriminant. The flat values lie in `slots`, eight bytes each, as bits: so
 * what `join` coerced on the guest's side is undone by reading the slot at the width wanted.
 */
import { flattenType } from "../../shared/canonical-abi/flatten.ts";
import {
  discriminantSize,
  fieldOffsets,
  payloadCases,
  payloadOffset,
  structMembers,
} from "../../shared/canonical-abi/layout.ts";
import type { ValueType } from "../../shared/wit/types.ts";
import { isScalar, type ScalarType } from "./c-signature.ts";
import type { Call } from "./call.ts";
import { compileLoadRange } from "./load.ts";
import { caseNames, fieldNames } from "./names.ts";
import { writeUnsigned } from "./normalise.ts";
import { below, scalarValue } from "./scalars.ts";
import { flagsMask, shapeOf } from "./shape.ts";
import { within } from "./violation.ts";
import type { Views } from "./views.ts";

export type LiftFlat = (slots: Views, native: Views, to: number, call: Call) => void;

const memo = new WeakMap<ValueType, Map<number, LiftFlat>>();

/** Lifts a value whose flat form begins at slot number `slot`. */
export function compileLiftFlat(type: ValueType, slot: number): LiftFlat {
  let bySlot = memo.get(type);
  if (bySlot === undefined) memo.set(type, (bySlot = new Map()));
  const known = bySlot.get(slot);
  if (known !== undefined) return known;
  const lift = build(type, slot);
  bySlot.set(slot, lift);
  return lift;
}

function build(type: ValueType, slot: number): LiftFlat {
  if (isScalar(type)) return buildScalar(type, slot);
  switch (type.kind) {
    case "record":
    case "tuple":
      return buildStruct(structMembers(type) ?? [], fieldNames(type), slot);
    case "variant":
    case "option":
    case "result":
      return buildVariant(type, slot);
    case "fixed-list": {
      const elements = Array.from({ length: type.length }, () => type.element);
      return buildStruct(
        elements,
        elements.map((_, index) => `[${index}]`),
        slot,
      );
    }
    default: {
      const load = compileLoadRange(type);
      return (slots, native, to, call) =>
        load(readI32(slots, slot) >>> 0, readI32(slots, slot + 1) >>> 0, native, to, call);
    }
  }
}

function buildScalar(type: ScalarType, slot: number): LiftFlat {
  switch (type.kind) {
    case "s64":
    case "u64":
    case "f64":
      return (slots, native, to) => {
        native.i32[to >>> 2] = slots.i32[2 * slot] ?? 0;
        native.i32[(to >>> 2) + 1] = slots.i32[2 * slot + 1] ?? 0;
      };
    case "bool":
      return (slots, native, to) => {
        native.u8[to] = readI32(slots, slot) === 0 ? 0 : 1;
      };
    case "char":
      return (slots, native, to) => {
        native.i32[to >>> 2] = scalarValue(readI32(slots, slot) >>> 0);
      };
    case "enum": {
      const count = type.labels.length;
      const size = discriminantSize(count);
      return (slots, native, to) => writeUnsigned(native, to, size, below(readI32(slots, slot) >>> 0, count));
    }
    case "own":
    case "borrow":
      return (slots, native, to, call) => {
        native.i32[to >>> 2] = call.liftHandle(type, readI32(slots, slot) >>> 0);
      };
    default: {
      const { size } = shapeOf(type).native;
      const mask = type.kind === "flags" ? flagsMask(type.labels.length) : -1;
      const width = size === 1 ? 1 : size === 2 ? 2 : 4;
      return (slots, native, to) => writeUnsigned(native, to, width, readI32(slots, slot) & mask);
    }
  }
}

function buildStruct(members: readonly ValueType[], names: readonly string[], slot: number): LiftFlat {
  const offsets = fieldOffsets(members, 8);
  let next = slot;
  const lifts = members.map((member) => {
    const lift = compileLiftFlat(member, next);
    next += flattenType(member)?.length ?? 0;
    return lift;
  });
  return (slots, native, to, call) => {
    let index = 0;
    try {
      for (const lift of lifts) {
        lift(slots, native, to + (offsets[index] ?? 0), call);
        index += 1;
      }
    } catch (error) {
      throw within(error, names[index] ?? "");
    }
  };
}

/** `lift_flat_variant` */
function buildVariant(type: ValueType, slot: number): LiftFlat {
  const cases = payloadCases(type) ?? [];
  const size = discriminantSize(cases.length);
  const offset = payloadOffset(cases, 8);
  const names = caseNames(type);
  const lifts = cases.map((payload) =>
    payload === undefined ? undefined : compileLiftFlat(payload, slot + 1),
  );
  return (slots, native, to, call) => {
    const index = below(readI32(slots, slot) >>> 0, lifts.length);
    writeUnsigned(native, to, size, index);
    const lift = lifts[index];
    if (lift === undefined) return;
    try {
      lift(slots, native, to + offset, call);
    } catch (error) {
      throw within(error, names(index));
    }
  };
}

function readI32(slots: Views, slot: number): number {
  return slots.i32[2 * slot] ?? 0;
}
