/** Alignment, Element Size and Flattening of CanonicalABI.md for a 32-bit memory, as the document writes them. */
import type { ValueType } from "../../../src/shared/wit/types.ts";
import type { PrimitiveKind } from "../../../src/shared/wit/types.ts";
import { despecialize, type Payload } from "./despecialize.ts";

export type CoreType = "i32" | "i64" | "f32" | "f64";

export const MAX_FLAT_PARAMS = 16;
export const MAX_FLAT_RESULTS = 1;

const POINTER = 4;

const PRIMITIVE: Record<PrimitiveKind, { size: number; align: number; flat: readonly CoreType[] }> = {
  bool: { size: 1, align: 1, flat: ["i32"] },
  s8: { size: 1, align: 1, flat: ["i32"] },
  u8: { size: 1, align: 1, flat: ["i32"] },
  s16: { size: 2, align: 2, flat: ["i32"] },
  u16: { size: 2, align: 2, flat: ["i32"] },
  s32: { size: 4, align: 4, flat: ["i32"] },
  u32: { size: 4, align: 4, flat: ["i32"] },
  s64: { size: 8, align: 8, flat: ["i64"] },
  u64: { size: 8, align: 8, flat: ["i64"] },
  f32: { size: 4, align: 4, flat: ["f32"] },
  f64: { size: 8, align: 8, flat: ["f64"] },
  char: { size: 4, align: 4, flat: ["i32"] },
  string: { size: 2 * POINTER, align: POINTER, flat: ["i32", "i32"] },
};

export function alignTo(offset: number, alignment: number): number {
  return Math.ceil(offset / alignment) * alignment;
}

export function alignment(type: ValueType): number {
  const plain = despecialize(type);
  switch (plain.kind) {
    case "primitive":
      return PRIMITIVE[plain.primitive].align;
    case "list":
      return POINTER;
    case "fixed-list":
      return alignment(plain.element);
    case "record":
      return Math.max(1, ...plain.fields.map(alignment));
    case "variant":
      return Math.max(discriminantSize(plain.payloads.length), maxCaseAlignment(plain.payloads));
    case "flags":
      return flagsSize(plain.labels.length);
  }
}

export function elemSize(type: ValueType): number {
  const plain = despecialize(type);
  switch (plain.kind) {
    case "primitive":
      return PRIMITIVE[plain.primitive].size;
    case "list":
      return 2 * POINTER;
    case "fixed-list":
      return plain.length * elemSize(plain.element);
    case "record": {
      let size = 0;
      for (const field of plain.fields) size = alignTo(size, alignment(field)) + elemSize(field);
      return alignTo(size, alignment(type));
    }
    case "variant": {
      const start = payloadOffset(plain.payloads);
      const largest = Math.max(0, ...plain.payloads.map((one) => (one === undefined ? 0 : elemSize(one))));
      return alignTo(start + largest, alignment(type));
    }
    case "flags":
      return flagsSize(plain.labels.length);
  }
}

/** discriminant_type, as a size in bytes. */
export function discriminantSize(cases: number): number {
  if (cases <= 2 ** 8) return 1;
  return cases <= 2 ** 16 ? 2 : 4;
}

/** Where the payload of a variant stands. */
export function payloadOffset(payloads: readonly Payload[]): number {
  return alignTo(discriminantSize(payloads.length), maxCaseAlignment(payloads));
}

export function flagsSize(labels: number): number {
  if (labels <= 8) return 1;
  return labels <= 16 ? 2 : 4;
}

function maxCaseAlignment(payloads: readonly Payload[]): number {
  return Math.max(1, ...payloads.map((one) => (one === undefined ? 1 : alignment(one))));
}

export function flattenTypes(types: readonly ValueType[]): readonly CoreType[] {
  return types.flatMap(flattenType);
}

export function flattenType(type: ValueType): readonly CoreType[] {
  const plain = despecialize(type);
  switch (plain.kind) {
    case "primitive":
      return PRIMITIVE[plain.primitive].flat;
    case "list":
      return ["i32", "i32"];
    case "fixed-list": {
      const flat = flattenType(plain.element);
      return Array.from({ length: plain.length }, () => flat).flat();
    }
    case "record":
      return flattenTypes(plain.fields);
    case "variant":
      return ["i32", ...flattenPayloads(plain.payloads)];
    case "flags":
      return ["i32"];
  }
}

/** The joined flat types of all payloads of a variant, without the discriminant. */
export function flattenPayloads(payloads: readonly Payload[]): readonly CoreType[] {
  const joined: CoreType[] = [];
  for (const payload of payloads) {
    if (payload === undefined) continue;
    for (const [index, core] of flattenType(payload).entries()) {
      const there = joined[index];
      joined[index] = there === undefined ? core : join(there, core);
    }
  }
  return joined;
}

function join(a: CoreType, b: CoreType): CoreType {
  if (a === b) return a;
  return (a === "i32" && b === "f32") || (a === "f32" && b === "i32") ? "i32" : "i64";
}
