/**
 * Bytes on their way from one guest's memory to another's: a string in the encoding of both, or a list whose elements
 * look the same everywhere. They are checked where they lie, when they are lifted, and copied once, when they are lowered.
 *
 * Between the two the other guest's `realloc` runs, and nobody checks again. That is sound where the guests are two
 * component instances: a core memory belongs to one of them (neither imports nor outer aliases can name one), and
 * `realloc` gets into no other, since whatever would call out refuses while `mayLeave` is false. So what was checked stays
 * as it is and where it is. A component instance that calls a function of its own is another matter: there `realloc`
 * may write to the very bytes, or move the memory from under them. What is lent within one instance is a copy.
 */
import { alignTo } from "../../../shared/canonical-abi/layout.ts";
import type { Guest } from "./guest.ts";
import type { MemoryViews } from "./linear-memory.ts";

/** Above these, `set` with its new view costs less than a loop. */
const SHORT_BYTES = 32;
const SHORT_WORD_BYTES = 128;

export interface Lent {
  readonly u8: Uint8Array;
  readonly i32: Int32Array;
  readonly at: number;
  readonly bytes: number;
  /** Code units or elements: the second core value. */
  readonly length: number;
}

/** One place makes them all, so that they have one shape. */
function lent(u8: Uint8Array, i32: Int32Array, at: number, bytes: number, length: number): Lent {
  return { u8, i32, at, bytes, length };
}

/** An empty string. */
export const NOTHING = lentCopy(new Uint8Array(0), 0);

/** Lends a checked range. */
export function lend(guest: Guest, at: number, bytes: number, length: number): Lent {
  const { u8, i32 } = guest.views;
  return guest.callsItself ? lentCopy(u8.slice(at, at + bytes), length) : lent(u8, i32, at, bytes, length);
}

/** Allocates room for what was lent and copies it there; gives the pointer and leaves the length in `guest.storedLength`. */
export function storeLent(guest: Guest, value: unknown, align: number): number {
  // Style `wire`: nobody but the other side of the call has had it, which lent it.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const given = value as Lent;
  const pointer = guest.allocate(align, given.bytes);
  if (given.bytes > 0) copy(given, guest.views, pointer);
  guest.storedLength = given.length;
  return pointer;
}

function copy({ u8, i32, at, bytes }: Lent, to: MemoryViews, pointer: number): void {
  const areWords = ((at | pointer) & 3) === 0;
  const toU8 = to.u8;
  if (bytes > (areWords ? SHORT_WORD_BYTES : SHORT_BYTES)) {
    toU8.set(u8.subarray(at, at + bytes), pointer);
    return;
  }
  // In bounds by the checks of both sides; `?? 0` is for the type system.
  let done = 0;
  if (areWords) {
    const toI32 = to.i32;
    const first = at >>> 2;
    const target = pointer >>> 2;
    const words = bytes >>> 2;
    for (let index = 0; index < words; index += 1) toI32[target + index] = i32[first + index] ?? 0;
    done = words * 4;
  }
  for (; done < bytes; done += 1) toU8[pointer + done] = u8[at + done] ?? 0;
}

function lentCopy(bytes: Uint8Array, length: number): Lent {
  const u8 = new Uint8Array(alignTo(bytes.length, 4));
  u8.set(bytes);
  return lent(u8, new Int32Array(u8.buffer), 0, bytes.length, length);
}
