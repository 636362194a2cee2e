/** Values of JavaScript that claim to be scalars: checked, never coerced. */
import { scalarValue } from "../scalars.ts";
import { misfit } from "./misfit.ts";

export type Check = (value: unknown) => number | bigint;

type CheckedKind = "s8" | "u8" | "s16" | "u16" | "s32" | "u32" | "s64" | "u64" | "f32" | "f64";

export const CHECKS: Readonly<Record<CheckedKind, Check>> = {
  s8: (value) =>
    typeof value === "number" && (value << 24) >> 24 === value ? value : misfit("an s8", value),
  u8: (value) => (typeof value === "number" && (value & 0xff) === value ? value : misfit("a u8", value)),
  s16: (value) =>
    typeof value === "number" && (value << 16) >> 16 === value ? value : misfit("an s16", value),
  u16: (value) => (typeof value === "number" && (value & 0xffff) === value ? value : misfit("a u16", value)),
  s32: (value) => (typeof value === "number" && (value | 0) === value ? value : misfit("an s32", value)),
  u32: (value) => (typeof value === "number" && value >>> 0 === value ? value : misfit("a u32", value)),
  s64: (value) =>
    typeof value === "bigint" && BigInt.asIntN(64, value) === value ? value : misfit("an s64", value),
  u64: (value) =>
    typeof value === "bigint" && BigInt.asUintN(64, value) === value ? value : misfit("a u64", value),
  f32: (value) => (typeof value === "number" ? value : misfit("an f32", value)),
  f64: (value) => (typeof value === "number" ? value : misfit("an f64", value)),
};

export function boolOf(value: unknown): number {
  if (value === true) return 1;
  return value === false ? 0 : misfit("a bool", value);
}

/** A char from guest memory. */
export function charOf(code: number): string {
  return String.fromCodePoint(scalarValue(code));
}

/** `char_to_i32` */
export function charCode(value: unknown): number {
  if (typeof value !== "string") return misfit("a char", value);
  const code = value.codePointAt(0) ?? -1;
  const isOne = value.length === (code > 0xffff ? 2 : 1);
  if (!isOne || (code >= 0xd800 && code <= 0xdfff)) return misfit("a char", value);
  return code;
}

const indices = new WeakMap<readonly string[], (value: unknown) => number>();

/** The position of a label among those of an enum. */
export function labelIndex(labels: readonly string[]): (value: unknown) => number {
  const known = indices.get(labels);
  if (known !== undefined) return known;
  const positions = new Map<unknown, number>(labels.map((label, index) => [label, index]));
  const find = (value: unknown): number => positions.get(value) ?? misfit("a label of the enum", value);
  indices.set(labels, find);
  return find;
}

/** Something with properties: a record. */
export function objectOf(value: unknown): object {
  return typeof value === "object" && value !== null ? value : misfit("an object", value);
}

/** A tuple or list of fixed length. */
export function rowOf(value: unknown, length: number): ArrayLike<unknown> {
  if (!isRow(value) || value.length !== length) return misfit(`an array of ${length}`, value);
  return value;
}

export function isRow(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && "length" in value);
}
