/**
 * The second pass over a library's result: from native memory into the guest's (CanonicalABI.md, "Storing").
 * `gather` has been over it: pointers, lengths and the discriminants above them are right. The place written to is
 * in bounds and aligned by the caller. The guest's memory may move whenever something is allocated.
 */
import {
  discriminantSize,
  fieldOffsets,
  payloadCases,
  payloadOffset,
  structMembers,
} from "../../shared/canonical-abi/layout.ts";
import type { ValueType } from "../../shared/wit/types.ts";
import { isScalar } from "./c-signature.ts";
import type { Call } from "./call.ts";
import { identifier, js, Scope } from "./codegen.ts";
import { compileCopy } from "./copy.ts";
import { gatheredChunk } from "./gather.ts";
import { generate, type MemberStatement, structFunction } from "./generated.ts";
import { caseNames } from "./names.ts";
import { compileNormalise, normaliseElements, readUnsigned, writeUnsigned } from "./normalise.ts";
import { copyScalar } from "./scalars.ts";
import { shapeOf } from "./shape.ts";
import { within } from "./violation.ts";
import { readWord64, type Views } from "./views.ts";

export type Store = (native: Views, from: number, to: number, call: Call) => void;

const memo = new WeakMap<ValueType, Store>();

export function compileStore(type: ValueType): Store {
  const known = memo.get(type);
  if (known !== undefined) return known;
  const store = build(type);
  memo.set(type, store);
  return store;
}

function build(type: ValueType): Store {
  if (!shapeOf(type).isConverted) return buildPointerFree(type);
  switch (type.kind) {
    case "string":
      return storeString;
    case "own":
    case "borrow":
      return storeHandle;
    case "list":
      return shapeOf(type.element).isConverted ? buildNestedList(type.element) : buildFlatList(type.element);
    case "fixed-list":
      return buildRow(type.element, type.length);
    case "record":
    case "tuple":
      return buildStruct(type);
    default:
      return buildVariant(type);
  }
}

function storeString(native: Views, from: number, to: number, call: Call): void {
  const pointer = call.strings.store(native, from, call);
  const words = call.guest.i32;
  words[to >>> 2] = pointer;
  words[(to >>> 2) + 1] = call.storedLength;
}

/** `gather` has put the handle where the rep was. */
function storeHandle(native: Views, from: number, to: number, call: Call): void {
  call.guest.i32[to >>> 2] = native.i32[from >>> 2] ?? 0;
}

function buildPointerFree(type: ValueType): Store {
  const copy = compileCopy(shapeOf(type).guest);
  const normalise = compileNormalise(type);
  if (normalise === undefined) return (native, from, to, call) => copy(native, from, call.guest, to);
  return (native, from, to, call) => {
    copy(native, from, call.guest, to);
    normalise(call.guest, to);
  };
}

/** `store_list` for elements without pointers: one copy; what needs checking is copied at once and checked where it landed. */
function buildFlatList(element: ValueType): Store {
  const shape = shapeOf(element);
  const normalise = normaliseElements(element);
  return (native, from, to, call) => {
    const length = readWord64(native, from + 8);
    const bytes = length * shape.guest.size;
    const pointer = call.allocate(shape.guest.align, bytes);
    const { guest } = call;
    if (shape.isPlain) {
      if (bytes > 0) call.copyLater(pointer, bytes, native, from, false);
    } else {
      if (bytes > 0) call.copy(guest.base + pointer, readWord64(native, from), bytes);
      normalise(guest, pointer, length);
    }
    call.bytesOut += bytes;
    guest.i32[to >>> 2] = pointer;
    guest.i32[(to >>> 2) + 1] = length;
  };
}

/** `store_list` for elements that point further, or hold handles. */
function buildNestedList(element: ValueType): Store {
  const { guest: layout, native: nativeLayout } = shapeOf(element);
  const row = buildElements(element, layout.size, nativeLayout.size);
  return (native, from, to, call) => {
    const length = readWord64(native, from + 8);
    const bytes = length * layout.size;
    const pointer = call.allocate(layout.align, bytes);
    if (length > 0) {
      const { views, at } = gatheredChunk(native, from, call);
      row(views, at, pointer, call, length);
    }
    call.bytesOut += bytes;
    call.guest.i32[to >>> 2] = pointer;
    call.guest.i32[(to >>> 2) + 1] = length;
  };
}

type StoreRow = (native: Views, from: number, to: number, call: Call, length: number) => void;

function buildElements(element: ValueType, guestSize: number, nativeSize: number): StoreRow {
  const store = compileStore(element);
  const isString = element.kind === "string";
  return (native, from, to, call, length) => {
    if (isString && call.strings.storeAll(native, from, to, call, length)) return;
    let index = 0;
    try {
      for (; index < length; index += 1)
        store(native, from + index * nativeSize, to + index * guestSize, call);
    } catch (error) {
      throw within(error, `[${index}]`);
    }
  };
}

function buildRow(element: ValueType, length: number): Store {
  const { guest, native: nativeLayout } = shapeOf(element);
  const row = buildElements(element, guest.size, nativeLayout.size);
  return (native, from, to, call) => row(native, from, to, call, length);
}

function buildStruct(type: ValueType): Store {
  const scope = new Scope();
  const members = structMembers(type) ?? [];
  const guestOffsets = fieldOffsets(members, 4);
  const nativeOffsets = fieldOffsets(members, 8);
  const statements: MemberStatement[] = [];
  for (const [index, member] of members.entries()) {
    const [from, to] = [nativeOffsets[index] ?? 0, guestOffsets[index] ?? 0];
    if (isScalar(member)) {
      const source = { views: js`native`, base: js`from`, offset: from };
      const target = { views: js`call.guest`, base: js`to`, offset: to };
      statements.push({ index, statement: copyScalar(member, source, target, scope) });
    } else {
      const store = scope.use(
        compileStore(member),
        identifier("store", "name" in member ? member.name : member.kind),
      );
      statements.push({ index, statement: js`${store}(native, from + ${from}, to + ${to}, call);` });
    }
  }
  const params = [js`native`, js`from`, js`to`, js`call`];
  const source = structFunction(type, js`store`, params, statements, scope);
  return generate<Store>(type, "store", source, scope);
}

function buildVariant(type: ValueType): Store {
  const cases = payloadCases(type) ?? [];
  const size = discriminantSize(cases.length);
  const nativeOffset = payloadOffset(cases, 8);
  const guestOffset = payloadOffset(cases, 4);
  const names = caseNames(type);
  const stores = cases.map((payload) => (payload === undefined ? undefined : compileStore(payload)));
  return (native, from, to, call) => {
    const index = readUnsigned(native, from, size);
    writeUnsigned(call.guest, to, size, index);
    const store = stores[index];
    if (store === undefined) return;
    try {
      store(native, from + nativeOffset, to + guestOffset, call);
    } catch (error) {
      throw within(error, names(index));
    }
  };
}
