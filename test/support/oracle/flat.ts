/** Flat Lifting and Flat Lowering of CanonicalABI.md: one value as core values. */
import type { Value } from "../../../src/shared/value/types.ts";
import type { PrimitiveKind, ValueType } from "../../../src/shared/wit/types.ts";
import {
  asBigint,
  asString,
  caseOf,
  despecialize,
  elementValues,
  fieldValues,
  item,
  listOf,
  recordOf,
  valueOfCase,
} from "./despecialize.ts";
import { flattenPayloads, flattenType, type CoreType } from "./layout.ts";
import { charOf, loadList, packFlags, storeList, unpackFlags } from "./load-store.ts";
import { type GuestMemory, trapIf } from "./memory.ts";
import { loadString, storeString } from "./strings.ts";

/** An i32 unsigned, an f32 or f64 as a number; an i64 unsigned as a bigint. */
export type CoreValue = number | bigint;

/** Core values one after the other, each asked for by its type. */
export type Next = (want: CoreType) => CoreValue;

/** Reads core values as JavaScript gives them (signed), in order. */
export function readerOf(values: readonly CoreValue[]): Next {
  let position = 0;
  return (want) => {
    const value = item(values, position);
    position += 1;
    if (want === "i32") return Number(value) >>> 0;
    return want === "i64" ? BigInt.asUintN(64, BigInt(value)) : value;
  };
}

export function liftFlat(guest: GuestMemory, next: Next, type: ValueType): Value {
  const plain = despecialize(type);
  switch (plain.kind) {
    case "primitive":
      return liftPrimitive(guest, next, plain.primitive);
    case "list":
      return loadList(guest, Number(next("i32")), Number(next("i32")), plain.element);
    case "fixed-list":
      return listOf(
        plain.element,
        Array.from({ length: plain.length }, () => liftFlat(guest, next, plain.element)),
      );
    case "record":
      return recordOf(
        type,
        plain.fields.map((field) => liftFlat(guest, next, field)),
      );
    case "variant": {
      const index = Number(next("i32"));
      trapIf(index >= plain.payloads.length, "discriminant out of range");
      const joined = flattenPayloads(plain.payloads);
      let used = 0;
      const coerced: Next = (want) => {
        const have = item(joined, used);
        used += 1;
        return coerce(next(have), have, want);
      };
      const payloadType = plain.payloads[index];
      const payload = payloadType === undefined ? undefined : liftFlat(guest, coerced, payloadType);
      for (const rest of joined.slice(used)) next(rest);
      return valueOfCase(type, payload === undefined ? { index } : { index, payload });
    }
    case "flags":
      return unpackFlags(Number(next("i32")), plain.labels);
  }
}

function coerce(value: CoreValue, have: CoreType, want: CoreType): CoreValue {
  if (have === want) return value;
  const bits = new DataView(new ArrayBuffer(8));
  bits.setBigUint64(0, BigInt.asUintN(64, BigInt(value)), true);
  if (want === "i32") return bits.getUint32(0, true);
  return want === "f32" ? bits.getFloat32(0, true) : bits.getFloat64(0, true);
}

function liftPrimitive(guest: GuestMemory, next: Next, kind: PrimitiveKind): Value {
  switch (kind) {
    case "bool":
      return next("i32") !== 0;
    case "s8":
      return (Number(next("i32")) << 24) >> 24;
    case "u8":
      return Number(next("i32")) & 0xff;
    case "s16":
      return (Number(next("i32")) << 16) >> 16;
    case "u16":
      return Number(next("i32")) & 0xffff;
    case "s32":
      return Number(next("i32")) | 0;
    case "u32":
      return Number(next("i32"));
    case "s64":
      return BigInt.asIntN(64, BigInt(next("i64")));
    case "u64":
      return next("i64");
    case "f32":
      return next("f32");
    case "f64":
      return next("f64");
    case "char":
      return charOf(Number(next("i32")));
    case "string":
      return loadString(guest, { ptr: Number(next("i32")), units: Number(next("i32")) });
  }
}

export function lowerFlat(guest: GuestMemory, value: Value, type: ValueType): readonly CoreValue[] {
  const plain = despecialize(type);
  switch (plain.kind) {
    case "primitive":
      return lowerPrimitive(guest, value, plain.primitive);
    case "list": {
      const { ptr, length } = storeList(guest, value, plain.element);
      return [ptr, length];
    }
    case "fixed-list":
      return elementValues(value).flatMap((element) => lowerFlat(guest, element, plain.element));
    case "record":
      return fieldValues(type, value).flatMap((field, index) =>
        lowerFlat(guest, field, item(plain.fields, index)),
      );
    case "variant": {
      const { index, payload } = caseOf(type, value);
      const joined = flattenPayloads(plain.payloads);
      const payloadType = plain.payloads[index];
      const flat =
        payloadType === undefined || payload === undefined ? [] : lowerFlat(guest, payload, payloadType);
      const have = payloadType === undefined ? [] : flattenType(payloadType);
      const payloadFlat = joined.map((want, at) => {
        const core = flat[at];
        return core === undefined ? zero(want) : widen(core, item(have, at), want);
      });
      return [index, ...payloadFlat];
    }
    case "flags":
      return [packFlags(value, plain.labels)];
  }
}

function zero(type: CoreType): CoreValue {
  return type === "i64" ? 0n : 0;
}

function widen(value: CoreValue, have: CoreType, want: CoreType): CoreValue {
  if (have === want) return value;
  const bits = new DataView(new ArrayBuffer(8));
  if (have === "i32") bits.setUint32(0, Number(value), true);
  else if (have === "f32") bits.setFloat32(0, Number(value), true);
  else bits.setFloat64(0, Number(value), true);
  return want === "i32" ? bits.getUint32(0, true) : bits.getBigUint64(0, true);
}

function lowerPrimitive(guest: GuestMemory, value: Value, kind: PrimitiveKind): readonly CoreValue[] {
  switch (kind) {
    case "bool":
      return [value === true ? 1 : 0];
    case "s8":
    case "u8":
    case "s16":
    case "u16":
    case "s32":
    case "u32":
      return [Number(value) >>> 0];
    case "s64":
    case "u64":
      return [BigInt.asUintN(64, asBigint(value))];
    case "f32":
    case "f64":
      return [Number(value)];
    case "char":
      return [asString(value).codePointAt(0) ?? 0];
    case "string": {
      const { ptr, units } = storeString(guest, asString(value));
      return [ptr, units];
    }
  }
}
