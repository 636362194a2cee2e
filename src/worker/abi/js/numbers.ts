/** Lists of numbers as typed arrays. */
import type { ValueType } from "../../../shared/wit/types.ts";
import type { Style } from "./conversion.ts";
import type { Guest } from "./guest.ts";
import { misfit } from "./misfit.ts";

type NumberArray =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array;

interface ArrayClass {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike): NumberArray;
}

const CLASSES: Readonly<Partial<Record<ValueType["kind"], ArrayClass>>> = {
  s8: Int8Array,
  u8: Uint8Array,
  s16: Int16Array,
  u16: Uint16Array,
  s32: Int32Array,
  u32: Uint32Array,
  s64: BigInt64Array,
  u64: BigUint64Array,
  f32: Float32Array,
  f64: Float64Array,
};

/** The class of typed array that holds a list's elements byte for byte. */
export function arrayClass(element: ValueType): ArrayClass | undefined {
  return CLASSES[element.kind];
}

/** The class that a lifted list is given as; other lists are plain arrays. */
export function liftedClass(element: ValueType, style: Style): ArrayClass | undefined {
  return style === "value" && element.kind !== "u8" ? undefined : arrayClass(element);
}

/** A copy of its own. The range has been checked. */
export function loadNumbers(numbers: ArrayClass, pointer: number, bytes: number, guest: Guest): NumberArray {
  return new numbers(guest.views.u8.buffer.slice(pointer, pointer + bytes));
}

/** Where typed arrays have their lengths, whatever their own properties say. */
const TYPED_ARRAY: object = Object.getPrototypeOf(Uint8Array.prototype);

/** Allocates and copies; gives the pointer and leaves the length in `guest.storedLength`. */
export function storeNumbers(numbers: NumberArray, align: number, guest: Guest): number {
  const bytes = byteLength(numbers);
  const pointer = guest.allocate(align, bytes);
  // A view of the guest's own memory loses it when the guest allocates more.
  if (byteLength(numbers) !== bytes) return misfit("a typed array that stays as it is", numbers);
  if (bytes > 0) guest.views.u8.set(new Uint8Array(numbers.buffer, numbers.byteOffset, bytes), pointer);
  guest.storedLength = bytes / numbers.BYTES_PER_ELEMENT;
  return pointer;
}

function byteLength(numbers: NumberArray): number {
  return Reflect.get(TYPED_ARRAY, "byteLength", numbers);
}
