/** Lists of numbers as typed arrays. */
import type { ValueType } from "../../../shared/wit/types.ts";
import type { Guest } from "./guest.ts";
import type { MemoryViews } from "./linear-memory.ts";
import { misfit } from "./misfit.ts";
import type { ValueStyle } from "./types.ts";

/** Lists of one kind of number. */
interface Numbers {
  /** A copy of its own. The range has been checked. */
  load(pointer: number, length: number, guest: Guest): unknown;
  /** Stores a typed array of this kind, gives the pointer and leaves the length in `guest.storedLength`; absent for any other value. */
  store(value: unknown, guest: Guest): number | undefined;
}

interface NumberArray<A> {
  set(from: A, at: number): void;
  slice(from: number, end: number): A;
}

function numbers<A extends NumberArray<A>>(
  isOne: (value: unknown) => value is A,
  bytes: 1 | 2 | 4 | 8,
  view: (views: MemoryViews) => A,
): Numbers {
  return {
    load: (pointer, length, guest) => view(guest.views).slice(pointer / bytes, pointer / bytes + length),
    store(value, guest) {
      if (!isOne(value)) return undefined;
      const length = lengthOf(value);
      const pointer = guest.allocate(bytes, length * bytes);
      // A view of the guest's own memory loses it when the guest allocates more.
      if (lengthOf(value) !== length) return misfit("a typed array that stays as it is", value);
      view(guest.views).set(value, pointer / bytes);
      guest.storedLength = length;
      return pointer;
    },
  };
}

const typedArrayLength = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype),
  "length",
);

/** The length of a typed array, whatever its own properties say. */
function lengthOf(value: unknown): number {
  return typedArrayLength?.get?.call(value);
}

const KINDS: Readonly<Partial<Record<ValueType["kind"], Numbers>>> = {
  s8: numbers(
    (value) => value instanceof Int8Array,
    1,
    (views) => views.i8,
  ),
  u8: numbers(
    (value) => value instanceof Uint8Array,
    1,
    (views) => views.u8,
  ),
  s16: numbers(
    (value) => value instanceof Int16Array,
    2,
    (views) => views.i16,
  ),
  u16: numbers(
    (value) => value instanceof Uint16Array,
    2,
    (views) => views.u16,
  ),
  s32: numbers(
    (value) => value instanceof Int32Array,
    4,
    (views) => views.i32,
  ),
  u32: numbers(
    (value) => value instanceof Uint32Array,
    4,
    (views) => views.u32,
  ),
  s64: numbers(
    (value) => value instanceof BigInt64Array,
    8,
    (views) => views.i64,
  ),
  u64: numbers(
    (value) => value instanceof BigUint64Array,
    8,
    (views) => views.u64,
  ),
  f32: numbers(
    (value) => value instanceof Float32Array,
    4,
    (views) => views.f32,
  ),
  f64: numbers(
    (value) => value instanceof Float64Array,
    8,
    (views) => views.f64,
  ),
};

/** How typed arrays of a list's elements are stored. */
export function storedNumbers(element: ValueType): Numbers | undefined {
  return KINDS[element.kind];
}

/** How a list is lifted as a typed array; other lists are plain arrays. */
export function liftedNumbers(element: ValueType, style: ValueStyle): Numbers | undefined {
  return style === "value" && element.kind !== "u8" ? undefined : KINDS[element.kind];
}
