/**
 * Generated access to scalars: where they lie, and how a raw core or memory value becomes one in normal form
 * (CanonicalABI.md, `load`, `lift_flat`). The same rules hold for a library's results.
 */
import { layoutOf } from "../../shared/canonical-abi/layout.ts";
import { isHandle, type ScalarType } from "./c-signature.ts";
import { identifier, js, type Scope, type Source } from "./codegen.ts";
import { flagsMask } from "./shape.ts";
import { Violation } from "./violation.ts";

/** A place in memory: views, and a byte offset that is a literal, or a base expression plus a literal. */
export interface Place {
  readonly views: Source;
  readonly base?: Source;
  readonly offset: number;
}

export function shifted(place: Place, bytes: number): Place {
  return { ...place, offset: place.offset + bytes };
}

/** The byte offset of a place as an expression. */
function offsetOf(place: Place): Source {
  if (place.base === undefined) return js`${place.offset}`;
  return place.offset === 0 ? place.base : js`${place.base} + ${place.offset}`;
}

/** The element that holds a word of `size` bytes at a place; `view` is the array to go through. */
function element(place: Place, view: Source, shift: number): Source {
  if (place.base === undefined) return js`${place.views}.${view}[${place.offset / 2 ** shift}]`;
  if (shift === 0) return js`${place.views}.${view}[${offsetOf(place)}]`;
  return js`${place.views}.${view}[(${offsetOf(place)}) >>> ${shift}]`;
}

const U8 = js`u8`;
const U16 = js`u16`;
const I32 = js`i32`;
const I64 = js`i64`;
const F32 = js`f32`;
const F64 = js`f64`;

/** An unsigned byte, half or signed word. */
export function integerCell(place: Place, size: number): Source {
  if (size === 1) return element(place, U8, 0);
  return size === 2 ? element(place, U16, 1) : element(place, I32, 2);
}

/** The cell of a scalar, as an assignable expression. */
export function scalarCell(place: Place, type: ScalarType): Source {
  switch (type.kind) {
    case "s64":
    case "u64":
      return element(place, I64, 3);
    case "f32":
      return element(place, F32, 2);
    case "f64":
      return element(place, F64, 3);
    default:
      return integerCell(place, layoutOf(type, 4).size);
  }
}

/**
 * A raw value in normal form, or a violation: `bool` is 0 or 1, small integers wrap, unused flags vanish. Handles are
 * the `EntryBuilder`'s.
 */
export function normalForm(type: ScalarType, raw: Source, scope: Scope): Source {
  switch (type.kind) {
    case "bool":
      return js`(${raw} === 0 ? 0 : 1)`;
    case "u8":
      return js`(${raw} & 255)`;
    case "s8":
      return js`(${raw} << 24 >> 24)`;
    case "u16":
      return js`(${raw} & 65535)`;
    case "s16":
      return js`(${raw} << 16 >> 16)`;
    case "u32":
      return js`(${raw} >>> 0)`;
    case "char":
      return js`${scope.use(scalarValue, identifier("scalarValue"))}(${raw} >>> 0)`;
    case "enum":
      return js`${scope.use(below, identifier("below"))}(${raw} >>> 0, ${type.labels.length})`;
    case "flags":
      return js`((${raw} & ${flagsMask(type.labels.length)}) >>> 0)`;
    default:
      return raw;
  }
}

/** Whether taking a value of that type into normal form may throw. */
export function mayFail(type: ScalarType): boolean {
  return type.kind === "char" || type.kind === "enum" || isHandle(type);
}

/** A statement that copies a scalar from one memory to another, as bits where no check is due. */
export function copyScalar(type: ScalarType, from: Place, to: Place, scope: Scope): Source {
  switch (type.kind) {
    case "s64":
    case "u64":
    case "f64": {
      const [toHigh, fromHigh] = [shifted(to, 4), shifted(from, 4)];
      return js`${integerCell(to, 4)} = ${integerCell(from, 4)}; ${integerCell(toHigh, 4)} = ${integerCell(fromHigh, 4)};`;
    }
    case "f32":
      return js`${integerCell(to, 4)} = ${integerCell(from, 4)};`;
    default:
      return js`${scalarCell(to, type)} = ${normalForm(type, scalarCell(from, type), scope)};`;
  }
}

/** `convert_i32_to_char`: a Unicode scalar value. */
export function scalarValue(value: number): number {
  if (value >= 0x11_0000 || (value >= 0xd800 && value <= 0xdfff)) {
    throw new Violation(`0x${value.toString(16)} is not a Unicode scalar value`);
  }
  return value;
}

/** A discriminant that must be one of `count` cases. */
export function below(value: number, count: number): number {
  if (value >= count) throw new Violation(`the discriminant ${value} is not one of ${count} cases`);
  return value;
}
