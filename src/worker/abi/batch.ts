/**
 * What the end of a call owes the C library: copies into the guest's memory, put off until nothing moves that memory
 * any more, and the release of every allocation of the result. Both take one FFI call where the library has
 * `settle`, else one for each step.
 */
import { BLOCK, COPY_BYTES } from "../native/machine-code.ts";
import type { NativeLibrary } from "../native/types.ts";
import { firstIllFormed, isWellFormed } from "./utf8.ts";
import { createViews, type Views, writeWord64 } from "./views.ts";

/** Copies that are put off at most; then they are made, and the count begins anew. */
const MAX_COPIES = 1024;
const FIRST_COPY_WORD = BLOCK.firstCopy >>> 2;
const COPY_WORDS = COPY_BYTES >>> 2;
const TWO_32 = 2 ** 32;
/** Allocations noted in one segment. */
const SEGMENT_POINTERS = 1024;

export class Batch {
  /** Whether anything is noted at all. */
  get isEmpty(): boolean {
    return this.#copies === 0 && this.#pointers === 0 && this.#full === 0;
  }

  readonly #library: NativeLibrary;
  readonly #block: Views;
  /** One for each copy: 1 where it is text, to be checked where it lands. */
  readonly #isText = new Uint8Array(MAX_COPIES);
  #copies = 0;
  /** Whether each of the copies is text. */
  #isAllText = true;
  /** Texts of this call that were checked already, and the index of the first bad one among all; -1 for none. */
  #checkedTexts = 0;
  #badText = -1;
  /** Segments of pointers. The first `#full` are full, the next one has `#pointers`. */
  readonly #segments: Views[] = [];
  #segment: Views;
  #full = 0;
  #pointers = 0;

  constructor(library: NativeLibrary) {
    this.#library = library;
    this.#block = openViews(BLOCK.firstCopy + MAX_COPIES * COPY_BYTES, library);
    this.#segment = openViews(SEGMENT_POINTERS * 8, library);
    this.#segments.push(this.#segment);
  }

  /** Notes a native allocation, whose address lies at `at`, to be released. */
  adopt(native: Views, at: number): void {
    if (this.#pointers === SEGMENT_POINTERS) this.#nextSegment();
    const word = this.#pointers * 2;
    const { i32 } = this.#segment;
    i32[word] = native.i32[at >>> 2] ?? 0;
    i32[word + 1] = native.i32[(at >>> 2) + 1] ?? 0;
    this.#pointers += 1;
  }

  /**
   * Notes a copy of `bytes` (not 0) native bytes, whose address lies at `at`, to `offset` in the guest's memory. Where
   * that many are noted already, they are made: `guest` is the memory as it is now.
   */
  copy(offset: number, bytes: number, native: Views, at: number, isText: boolean, guest: Views): void {
    if (this.#copies === MAX_COPIES) this.#copyAll(guest);
    const word = FIRST_COPY_WORD + this.#copies * COPY_WORDS;
    const { i32 } = this.#block;
    i32[word] = offset;
    i32[word + 1] = bytes;
    i32[word + 2] = native.i32[at >>> 2] ?? 0;
    i32[word + 3] = native.i32[(at >>> 2) + 1] ?? 0;
    this.#isText[this.#copies] = isText ? 1 : 0;
    if (!isText) this.#isAllText = false;
    this.#copies += 1;
  }

  /**
   * Makes the copies that are left, checks the texts and releases everything. Gives the index of the first
   * text that is not well-formed UTF-8, among all of this call in the order noted; -1 where there is none.
   */
  settle(guest: Views): number {
    if (this.#full > 0) this.#copyAll(guest);
    const copies = this.#copies;
    if (this.#full === 0 && (copies > 0 || this.#pointers > 0)) {
      const pointers = this.#pointers;
      this.#copies = 0;
      this.#pointers = 0;
      this.#run(guest.base, copies, this.#segment, pointers);
      this.#check(guest, copies);
    }
    const bad = this.#badText;
    this.release();
    return bad;
  }

  /** Forgets the copies and releases everything noted. What is released is forgotten first: any call here may throw. */
  release(): void {
    this.#copies = 0;
    this.#isAllText = true;
    this.#checkedTexts = 0;
    this.#badText = -1;
    while (this.#pointers > 0 || this.#full > 0) {
      const segment = this.#segment;
      const pointers = this.#pointers;
      if (this.#full > 0) {
        this.#full -= 1;
        this.#segment = this.#segments[this.#full] ?? segment;
        this.#pointers = SEGMENT_POINTERS;
        this.#segments.length = this.#full + 1;
      } else {
        this.#pointers = 0;
      }
      this.#run(0, 0, segment, pointers);
    }
  }

  #copyAll(guest: Views): void {
    const copies = this.#copies;
    this.#copies = 0;
    if (copies === 0) return;
    this.#run(guest.base, copies, this.#segment, 0);
    this.#check(guest, copies);
  }

  #check(guest: Views, copies: number): void {
    const { i32 } = this.#block;
    if (this.#isAllText) {
      const bad = firstIllFormed(guest, i32, FIRST_COPY_WORD, COPY_WORDS, copies);
      if (bad >= 0 && this.#badText < 0) this.#badText = this.#checkedTexts + bad;
      this.#checkedTexts += copies;
      return;
    }
    this.#isAllText = true;
    for (let index = 0; index < copies; index += 1) {
      if (this.#isText[index] !== 1) continue;
      const word = FIRST_COPY_WORD + index * COPY_WORDS;
      if (!isWellFormed(guest, (i32[word] ?? 0) >>> 0, i32[word + 1] ?? 0) && this.#badText < 0)
        this.#badText = this.#checkedTexts;
      this.#checkedTexts += 1;
    }
  }

  /** The copies first, then the pointers of a segment. */
  #run(base: number, copies: number, segment: Views, pointers: number): void {
    const { settle, memory, free } = this.#library;
    const block = this.#block;
    if (settle !== undefined) {
      writeWord64(block, BLOCK.base, base);
      block.i32[BLOCK.copies >>> 2] = copies;
      block.i32[BLOCK.pointers >>> 2] = pointers;
      writeWord64(block, BLOCK.pointersAt, segment.base);
      settle(block.base);
      return;
    }
    const { memcpy } = memory;
    const words = block.i32;
    for (let index = 0; index < copies; index += 1) {
      const word = FIRST_COPY_WORD + index * COPY_WORDS;
      const offset = (words[word] ?? 0) >>> 0;
      memcpy(base + offset, addressOf(words, word + 2), words[word + 1] ?? 0);
    }
    const addresses = segment.i32;
    for (let index = 0; index < pointers; index += 1) free(addressOf(addresses, index * 2));
  }

  #nextSegment(): void {
    const next = openViews(SEGMENT_POINTERS * 8, this.#library);
    this.#segments.push(next);
    this.#segment = next;
    this.#full += 1;
    this.#pointers = 0;
  }
}

/** Two words as a 64-bit address. */
function addressOf(words: Int32Array, at: number): number {
  return ((words[at + 1] ?? 0) >>> 0) * TWO_32 + ((words[at] ?? 0) >>> 0);
}

function openViews(bytes: number, library: NativeLibrary): Views {
  const buffer = new ArrayBuffer(bytes);
  return createViews(buffer, library.memory.addressOf(buffer));
}
