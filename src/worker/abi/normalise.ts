/**
 * Checks a value without pointers where it lies and rewrites it in normal form. Both sides have the same layout
 * for such a value, so this serves copies of guest data before a call and results in the guest's memory after it.
 */
import {
  discriminantSize,
  fieldOffsets,
  payloadCases,
  payloadOffset,
  structMembers,
} from "../../shared/canonical-abi/layout.ts";
import type { ValueType } from "../../shared/wit/types.ts";
import { identifier, js, Scope } from "./codegen.ts";
import { generate, type MemberStatement, structFunction } from "./generated.ts";
import { caseNames } from "./names.ts";
import { below, scalarValue } from "./scalars.ts";
import { flagsMask, shapeOf } from "./shape.ts";
import { within } from "./violation.ts";
import type { Views } from "./views.ts";

/** Throws a violation for a value that is none of the type's. */
export type Normalise = (views: Views, at: number) => void;

const memo = new WeakMap<ValueType, Normalise>();

/** The check for a type without pointers; absent where every bit pattern is fine. */
export function compileNormalise(type: ValueType): Normalise | undefined {
  if (shapeOf(type).isPlain) return undefined;
  const known = memo.get(type);
  if (known !== undefined) return known;
  const normalise = build(type);
  memo.set(type, normalise);
  return normalise;
}

/** Reads an unsigned integer of 1, 2 or 4 bytes. */
export function readUnsigned(views: Views, at: number, size: 1 | 2 | 4): number {
  // In bounds by the caller; `?? 0` is for the type system.
  if (size === 1) return views.u8[at] ?? 0;
  return size === 2 ? (views.u16[at >>> 1] ?? 0) : (views.i32[at >>> 2] ?? 0) >>> 0;
}

export function writeUnsigned(views: Views, at: number, size: 1 | 2 | 4, value: number): void {
  if (size === 1) views.u8[at] = value;
  else if (size === 2) views.u16[at >>> 1] = value;
  else views.i32[at >>> 2] = value;
}

function build(type: ValueType): Normalise {
  switch (type.kind) {
    case "bool":
      return (views, at) => {
        if ((views.u8[at] ?? 0) > 1) views.u8[at] = 1;
      };
    case "char":
      return (views, at) => {
        scalarValue(readUnsigned(views, at, 4));
      };
    case "enum": {
      const count = type.labels.length;
      const size = discriminantSize(count);
      return (views, at) => {
        below(readUnsigned(views, at, size), count);
      };
    }
    case "flags": {
      const mask = flagsMask(type.labels.length);
      const size = shapeOf(type).guest.size === 4 ? 4 : shapeOf(type).guest.size === 2 ? 2 : 1;
      return (views, at) => writeUnsigned(views, at, size, readUnsigned(views, at, size) & mask);
    }
    case "record":
    case "tuple":
      return buildStruct(type);
    case "fixed-list":
      return buildRow(type.element, type.length);
    default:
      return buildVariant(type);
  }
}

function buildStruct(type: ValueType): Normalise {
  const scope = new Scope();
  const members = structMembers(type) ?? [];
  const offsets = fieldOffsets(members, 4);
  const statements: MemberStatement[] = [];
  for (const [index, member] of members.entries()) {
    const check = compileNormalise(member);
    if (check === undefined) continue;
    const use = scope.use(check, identifier("normalise", "name" in member ? member.name : member.kind));
    statements.push({ index, statement: js`${use}(views, at + ${offsets[index] ?? 0});` });
  }
  const source = structFunction(type, js`normalise`, [js`views`, js`at`], statements, scope);
  return generate<Normalise>(type, "normalise", source, scope);
}

/** A row of elements: a fixed-length list, or the elements of a list. */
function buildRow(element: ValueType, length: number): Normalise {
  const each = normaliseElements(element);
  return (views, at) => each(views, at, length);
}

/** Checks `length` elements in a row; for a plain element there is nothing to do. */
export function normaliseElements(element: ValueType): (views: Views, at: number, length: number) => void {
  const check = compileNormalise(element);
  if (check === undefined) return () => undefined;
  const { size } = shapeOf(element).guest;
  return (views, at, length) => {
    let index = 0;
    try {
      for (; index < length; index += 1) check(views, at + index * size);
    } catch (error) {
      throw within(error, `[${index}]`);
    }
  };
}

function buildVariant(type: ValueType): Normalise {
  const cases = payloadCases(type) ?? [];
  const size = discriminantSize(cases.length);
  const offset = payloadOffset(cases, 4);
  const names = caseNames(type);
  const checks = cases.map((payload) => (payload === undefined ? undefined : compileNormalise(payload)));
  return (views, at) => {
    const index = below(readUnsigned(views, at, size), checks.length);
    const check = checks[index];
    if (check === undefined) return;
    try {
      check(views, at + offset);
    } catch (error) {
      throw within(error, names(index));
    }
  };
}
