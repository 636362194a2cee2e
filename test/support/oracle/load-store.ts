/** Loading and Storing of CanonicalABI.md: one value at one address of a guest's memory. */
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
  type Payload,
} from "./despecialize.ts";
import { alignment, alignTo, discriminantSize, elemSize, flagsSize, payloadOffset } from "./layout.ts";
import { type GuestMemory, trapIf } from "./memory.ts";
import { loadString, MAX_BYTE_LENGTH, storeString } from "./strings.ts";

/** Where each field of a record begins. */
function fieldOffsets(fields: readonly ValueType[]): readonly number[] {
  const offsets: number[] = [];
  let end = 0;
  for (const field of fields) {
    const start = alignTo(end, alignment(field));
    offsets.push(start);
    end = start + elemSize(field);
  }
  return offsets;
}

export function load(guest: GuestMemory, ptr: number, type: ValueType): Value {
  const plain = despecialize(type);
  switch (plain.kind) {
    case "primitive":
      return loadPrimitive(guest, ptr, plain.primitive);
    case "list":
      return loadList(guest, loadUnsigned(guest, ptr, 4), loadUnsigned(guest, ptr + 4, 4), plain.element);
    case "fixed-list":
      return loadElements(guest, ptr, plain.length, plain.element);
    case "record": {
      const offsets = fieldOffsets(plain.fields);
      return recordOf(
        type,
        plain.fields.map((field, index) => load(guest, ptr + item(offsets, index), field)),
      );
    }
    case "variant": {
      const index = loadUnsigned(guest, ptr, discriminantSize(plain.payloads.length));
      trapIf(index >= plain.payloads.length, "discriminant out of range");
      const payload = plain.payloads[index];
      if (payload === undefined) return valueOfCase(type, { index });
      return valueOfCase(type, {
        index,
        payload: load(guest, ptr + payloadOffset(plain.payloads), payload),
      });
    }
    case "flags":
      return unpackFlags(loadUnsigned(guest, ptr, flagsSize(plain.labels.length)), plain.labels);
  }
}

/** load_list_from_range. */
export function loadList(guest: GuestMemory, ptr: number, length: number, element: ValueType): Value {
  const byteLength = length * elemSize(element);
  trapIf(byteLength > MAX_BYTE_LENGTH, "list too long");
  trapIf(ptr % alignment(element) !== 0, "misaligned list");
  trapIf(!guest.inBounds(ptr, byteLength), "list out of bounds");
  return loadElements(guest, ptr, length, element);
}

function loadElements(guest: GuestMemory, ptr: number, length: number, element: ValueType): Value {
  const size = elemSize(element);
  return listOf(
    element,
    Array.from({ length }, (_, index) => load(guest, ptr + index * size, element)),
  );
}

function loadUnsigned(guest: GuestMemory, ptr: number, byteLength: number): number {
  const { view } = guest;
  if (byteLength === 1) return view.getUint8(ptr);
  return byteLength === 2 ? view.getUint16(ptr, true) : view.getUint32(ptr, true);
}

function loadPrimitive(guest: GuestMemory, ptr: number, kind: PrimitiveKind): Value {
  const { view } = guest;
  switch (kind) {
    case "bool":
      return view.getUint8(ptr) !== 0;
    case "s8":
      return view.getInt8(ptr);
    case "u8":
      return view.getUint8(ptr);
    case "s16":
      return view.getInt16(ptr, true);
    case "u16":
      return view.getUint16(ptr, true);
    case "s32":
      return view.getInt32(ptr, true);
    case "u32":
      return view.getUint32(ptr, true);
    case "s64":
      return view.getBigInt64(ptr, true);
    case "u64":
      return view.getBigUint64(ptr, true);
    case "f32":
      return view.getFloat32(ptr, true);
    case "f64":
      return view.getFloat64(ptr, true);
    case "char":
      return charOf(view.getUint32(ptr, true));
    case "string":
      return loadString(guest, { ptr: view.getUint32(ptr, true), units: view.getUint32(ptr + 4, true) });
  }
}

/** convert_i32_to_char. */
export function charOf(code: number): string {
  trapIf(code >= 0x110000, "char too large");
  trapIf(code >= 0xd800 && code <= 0xdfff, "surrogate char");
  return String.fromCodePoint(code);
}

export function unpackFlags(bits: number, labels: readonly string[]): Value {
  return labels.filter((_, index) => Math.floor(bits / 2 ** index) % 2 === 1);
}

export function packFlags(value: Value, labels: readonly string[]): number {
  let bits = 0;
  for (const label of elementValues(value)) bits += 2 ** labels.indexOf(asString(label));
  return bits;
}

export function store(guest: GuestMemory, value: Value, type: ValueType, ptr: number): void {
  const plain = despecialize(type);
  switch (plain.kind) {
    case "primitive":
      storePrimitive(guest, value, plain.primitive, ptr);
      return;
    case "list": {
      const range = storeList(guest, value, plain.element);
      guest.view.setUint32(ptr, range.ptr, true);
      guest.view.setUint32(ptr + 4, range.length, true);
      return;
    }
    case "fixed-list":
      storeElements(guest, elementValues(value), plain.element, ptr);
      return;
    case "record": {
      const offsets = fieldOffsets(plain.fields);
      for (const [index, field] of fieldValues(type, value).entries()) {
        store(guest, field, item(plain.fields, index), ptr + item(offsets, index));
      }
      return;
    }
    case "variant":
      storeVariant(guest, value, type, plain.payloads, ptr);
      return;
    case "flags":
      storeUnsigned(guest, packFlags(value, plain.labels), ptr, flagsSize(plain.labels.length));
  }
}

/** store_list_into_range. */
export function storeList(
  guest: GuestMemory,
  value: Value,
  element: ValueType,
): { ptr: number; length: number } {
  const values = elementValues(value);
  const ptr = guest.realloc(0, 0, alignment(element), values.length * elemSize(element));
  storeElements(guest, values, element, ptr);
  return { ptr, length: values.length };
}

function storeElements(guest: GuestMemory, values: readonly Value[], element: ValueType, ptr: number): void {
  const size = elemSize(element);
  for (const [index, value] of values.entries()) store(guest, value, element, ptr + index * size);
}

function storeVariant(
  guest: GuestMemory,
  value: Value,
  type: ValueType,
  payloads: readonly Payload[],
  ptr: number,
): void {
  const { index, payload } = caseOf(type, value);
  storeUnsigned(guest, index, ptr, discriminantSize(payloads.length));
  const payloadType = payloads[index];
  if (payloadType !== undefined && payload !== undefined) {
    store(guest, payload, payloadType, ptr + payloadOffset(payloads));
  }
}

function storeUnsigned(guest: GuestMemory, value: number, ptr: number, byteLength: number): void {
  const { view } = guest;
  if (byteLength === 1) view.setUint8(ptr, value);
  else if (byteLength === 2) view.setUint16(ptr, value, true);
  else view.setUint32(ptr, value, true);
}

function storePrimitive(guest: GuestMemory, value: Value, kind: PrimitiveKind, ptr: number): void {
  if (kind === "string") {
    const range = storeString(guest, asString(value));
    guest.view.setUint32(ptr, range.ptr, true);
    guest.view.setUint32(ptr + 4, range.units, true);
    return;
  }
  const { view } = guest;
  switch (kind) {
    case "bool":
      view.setUint8(ptr, value === true ? 1 : 0);
      return;
    case "s8":
    case "u8":
      view.setUint8(ptr, Number(value));
      return;
    case "s16":
    case "u16":
      view.setUint16(ptr, Number(value), true);
      return;
    case "s32":
    case "u32":
      view.setUint32(ptr, Number(value), true);
      return;
    case "s64":
    case "u64":
      view.setBigUint64(ptr, asBigint(value), true);
      return;
    case "f32":
      view.setFloat32(ptr, Number(value), true);
      return;
    case "f64":
      view.setFloat64(ptr, Number(value), true);
      return;
    case "char":
      view.setUint32(ptr, asString(value).codePointAt(0) ?? 0, true);
  }
}
