/**
 * From the guest's memory to native memory, checked (CanonicalABI.md, "Loading"). The place read from is in
 * bounds and aligned by the caller; what it points at is checked here.
 */
import {
  discriminantSize,
  fieldOffsets,
  payloadCases,
  payloadOffset,
  structMembers,
} from "../../shared/canonical-abi/layout.ts";
import type { ListType, PrimitiveType, ValueType } from "../../shared/wit/types.ts";
import { isHandle, isScalar } from "./c-signature.ts";
import type { Call } from "./call.ts";
import { identifier, js, Scope } from "./codegen.ts";
import { compileCopy } from "./copy.ts";
import { generate, type MemberStatement, structFunction } from "./generated.ts";
import { caseNames } from "./names.ts";
import { compileNormalise, normaliseElements, readUnsigned, writeUnsigned } from "./normalise.ts";
import { below, copyScalar } from "./scalars.ts";
import { shapeOf } from "./shape.ts";
import { MAX_BYTE_LENGTH } from "./strings.ts";
import { Violation, within } from "./violation.ts";
import { type Views, writeWord64 } from "./views.ts";

export type Load = (guest: Views, from: number, native: Views, to: number, call: Call) => void;

/** A string or list by guest pointer and length (both unsigned); writes the C struct `{ ptr, len }`. */
export type LoadRange = (pointer: number, length: number, native: Views, to: number, call: Call) => void;

const loads = new WeakMap<ValueType, Load>();
const ranges = new WeakMap<ValueType, LoadRange>();

export function compileLoad(type: ValueType): Load {
  const known = loads.get(type);
  if (known !== undefined) return known;
  const load = build(type);
  loads.set(type, load);
  return load;
}

/** For a list, or the one primitive type that is a range: `string`. */
export function compileLoadRange(type: ListType | PrimitiveType): LoadRange {
  if (type.kind !== "list") return loadString;
  const known = ranges.get(type);
  if (known !== undefined) return known;
  const load = buildList(type.element);
  ranges.set(type, load);
  return load;
}

function loadString(pointer: number, length: number, native: Views, to: number, call: Call): void {
  call.strings.load(pointer, length, native, to, call);
}

function build(type: ValueType): Load {
  if (!shapeOf(type).isConverted) return buildPointerFree(type);
  switch (type.kind) {
    case "string":
    case "list": {
      const load = compileLoadRange(type);
      return (guest, from, native, to, call) =>
        load(readUnsigned(guest, from, 4), readUnsigned(guest, from + 4, 4), native, to, call);
    }
    case "own":
    case "borrow":
      return (guest, from, native, to, call) => {
        native.i32[to >>> 2] = call.liftHandle(type, readUnsigned(guest, from, 4));
      };
    case "fixed-list":
      return buildRow(type.element, type.length);
    case "record":
    case "tuple":
      return buildStruct(type);
    default:
      return buildVariant(type);
  }
}

function buildPointerFree(type: ValueType): Load {
  const copy = compileCopy(shapeOf(type).guest);
  const normalise = compileNormalise(type);
  if (normalise === undefined) return copy;
  return (guest, from, native, to) => {
    copy(guest, from, native, to);
    normalise(native, to);
  };
}

function buildStruct(type: ValueType): Load {
  const scope = new Scope();
  const members = structMembers(type) ?? [];
  const guestOffsets = fieldOffsets(members, 4);
  const nativeOffsets = fieldOffsets(members, 8);
  const statements: MemberStatement[] = [];
  for (const [index, member] of members.entries()) {
    const [from, to] = [guestOffsets[index] ?? 0, nativeOffsets[index] ?? 0];
    if (isScalar(member) && !isHandle(member)) {
      const source = { views: js`guest`, base: js`from`, offset: from };
      const target = { views: js`native`, base: js`to`, offset: to };
      statements.push({ index, statement: copyScalar(member, source, target, scope) });
    } else {
      const load = scope.use(
        compileLoad(member),
        identifier("load", "name" in member ? member.name : member.kind),
      );
      statements.push({ index, statement: js`${load}(guest, from + ${from}, native, to + ${to}, call);` });
    }
  }
  const params = [js`guest`, js`from`, js`native`, js`to`, js`call`];
  const source = structFunction(type, js`load`, params, statements, scope);
  return generate<Load>(type, "load", source, scope);
}

function buildRow(element: ValueType, length: number): Load {
  const row = buildElements(element);
  return (guest, from, native, to, call) => row(guest, from, native, to, call, length);
}

function buildVariant(type: ValueType): Load {
  const cases = payloadCases(type) ?? [];
  const size = discriminantSize(cases.length);
  const guestOffset = payloadOffset(cases, 4);
  const nativeOffset = payloadOffset(cases, 8);
  const names = caseNames(type);
  const loadCases = cases.map((payload) => (payload === undefined ? undefined : compileLoad(payload)));
  return (guest, from, native, to, call) => {
    const index = below(readUnsigned(guest, from, size), loadCases.length);
    writeUnsigned(native, to, size, index);
    const load = loadCases[index];
    if (load === undefined) return;
    try {
      load(guest, from + guestOffset, native, to + nativeOffset, call);
    } catch (error) {
      throw within(error, names(index));
    }
  };
}

/** `load_list_from_range`. Elements that look the same on both sides are lent where they lie. */
function buildList(element: ValueType): LoadRange {
  const shape = shapeOf(element);
  const { guest: guestLayout, native: nativeLayout } = shape;
  const convert = shape.isConverted ? buildElements(element) : undefined;
  const normalise = normaliseElements(element);
  return (pointer, length, native, to, call) => {
    const { guest } = call;
    const bytes = length * guestLayout.size;
    checkRange(pointer, bytes, guestLayout.align, guest);
    writeWord64(native, to + 8, length);
    if (shape.isCheckedInPlace) {
      if (!shape.isPlain) normalise(guest, pointer, length);
      writeWord64(native, to, call.lend(guest.base + pointer, bytes));
      return;
    }
    const nativeBytes = length * nativeLayout.size;
    const at = call.arena.reserve(nativeBytes);
    const { views } = call.arena;
    if (convert === undefined) {
      if (bytes > 0) call.copy(views.base + at, guest.base + pointer, bytes);
      normalise(views, at, length);
    } else {
      convert(guest, pointer, views, at, call, length);
    }
    writeWord64(native, to, call.lend(views.base + at, nativeBytes));
  };
}

type LoadRow = (guest: Views, from: number, native: Views, to: number, call: Call, length: number) => void;

function buildElements(element: ValueType): LoadRow {
  const { guest: guestLayout, native: nativeLayout } = shapeOf(element);
  const load = compileLoad(element);
  const isString = element.kind === "string";
  return (guest, from, native, to, call, length) => {
    if (isString && call.strings.loadAll(from, native, to, call, length)) return;
    let index = 0;
    try {
      for (; index < length; index += 1) {
        load(guest, from + index * guestLayout.size, native, to + index * nativeLayout.size, call);
      }
    } catch (error) {
      throw within(error, `[${index}]`);
    }
  };
}

function checkRange(pointer: number, bytes: number, align: number, guest: Views): void {
  if (bytes > MAX_BYTE_LENGTH) throw new Violation(`a list of ${bytes} bytes exceeds ${MAX_BYTE_LENGTH}`);
  if ((pointer & (align - 1)) !== 0)
    throw new Violation(`the list at 0x${pointer.toString(16)} is not ${align}-aligned`);
  if (pointer + bytes > guest.u8.length) {
    throw new Violation(
      `the list at 0x${pointer.toString(16)} of ${bytes} bytes exceeds the memory's ${guest.u8.length}`,
    );
  }
}
