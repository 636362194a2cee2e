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
import { misfit } from "./misfit.ts";

/** Above these, `set` with its new view costs less than a loop. */
const SHORT_BYTES = 32;
const SHORT_WORD_BYTES = 256;

export class Lent {
  readonly u8: Uint8Array;
  readonly i32: Int32Array;
  readonly at: number;
  readonly bytes: number;
  /** Code units or elements: the second core value. */
  readonly length: number;

  constructor({ u8, i32 }: Pick<MemoryViews, "u8" | "i32">, at: number, bytes: number, length: number) {
    this.u8 = u8;
    this.i32 = i32;
    this.at = at;
    this.bytes = bytes;
    this.length = length;
  }
}

/** Lends a checked range. */
export function lend(guest: Guest, at: number, bytes: number, length: number): Lent {
  if (guest.callsItself) return new Lent(copyOf(guest.views.u8, at, bytes), 0, bytes, length);
  return new Lent(guest.views, at, bytes, length);
}

/** Allocates room for what was lent and copies it there; gives the pointer and leaves the length in `guest.storedLength`. */
export function storeLent(guest: Guest, value: unknown, align: number): number {
  if (!(value instanceof Lent)) return misfit("what another guest lent", value);
  const pointer = guest.allocate(align, value.bytes);
  copy(value, guest.views, pointer);
  guest.storedLength = value.length;
  return pointer;
}

function copyOf(from: Uint8Array, at: number, bytes: number): { u8: Uint8Array; i32: Int32Array } {
  const buffer = new ArrayBuffer(alignTo(bytes, 4));
  const u8 = new Uint8Array(buffer);
  u8.set(from.subarray(at, at + bytes));
  return { u8, i32: new Int32Array(buffer) };
}

function copy({ u8, i32, at, bytes }: Lent, to: MemoryViews, pointer: number): void {
  const areWords = ((at | pointer) & 3) === 0;
  if (bytes > (areWords ? SHORT_WORD_BYTES : SHORT_BYTES)) {
    to.u8.set(u8.subarray(at, at + bytes), pointer);
    return;
  }
  // In bounds by the checks of both sides; `?? 0` is for the type system.
  let done = 0;
  if (areWords) {
    for (; done + 4 <= bytes; done += 4) to.i32[(pointer + done) >>> 2] = i32[(at + done) >>> 2] ?? 0;
  }
  for (; done < bytes; done += 1) to.u8[pointer + done] = u8[at + done] ?? 0;
}
