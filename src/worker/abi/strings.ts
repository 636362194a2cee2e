/**
 * Strings between a guest's memory in one of the three encodings and native UTF-8
 * (CanonicalABI.md, `load_string_from_range` and `store_string_into_range`).
 *
 * Deviation from the letter: a converted result is measured first and allocated once at its exact size, where
 * the specification allocates for the worst case and shrinks. What the guest reads is the same.
 */
import type { Call } from "./call.ts";
import type { StringEncoding } from "./types.ts";
import {
  decodeToLatin1,
  decodeToUtf16,
  encodeLatin1,
  encodeUtf16,
  firstIllFormed,
  isWellFormed,
  measure,
} from "./utf8.ts";
import { Violation, within } from "./violation.ts";
import { readWord64, type Views, writeWord64 } from "./views.ts";

/** Bytes of one string or list at most (CanonicalABI.md, `MAX_STRING_BYTE_LENGTH`, `MAX_LIST_BYTE_LENGTH`). */
export const MAX_BYTE_LENGTH = 2 ** 28 - 1;

const UTF16_TAG = 2 ** 31;

export interface StringCodec {
  /** Checks a guest string and writes the C struct `{ ptr, len }` for it at `to` in `native`. Pointer and length are unsigned. */
  load(pointer: number, length: number, native: Views, to: number, call: Call): void;
  /**
   * The same at once for the `count` strings of a list whose pointers and lengths lie at `from` in the guest's memory.
   * False, and nothing counted, where this codec has no such way or a string is not right: then `load` them one by one.
   */
  loadAll(from: number, native: Views, to: number, call: Call, count: number): boolean;
  /**
   * Brings the UTF-8 of the C struct at `from` in `native` into the guest; gives the guest pointer and leaves the
   * length in `call.storedLength`. The bytes may arrive only when the call settles.
   */
  store(native: Views, from: number, call: Call): number;
  /**
   * The same for the `count` strings of a list, whose C structs lie from `from` on: writes the guest's pointers and
   * lengths from `to` on, each before the next is allocated. False where this codec has no such way.
   */
  storeAll(native: Views, from: number, to: number, call: Call, count: number): boolean;
}

export function stringCodec(encoding: StringEncoding): StringCodec {
  switch (encoding) {
    case "utf8":
      return utf8;
    case "utf16":
      return utf16;
    case "latin1+utf16":
      return latin1OrUtf16;
  }
}

const utf8: StringCodec = {
  load(pointer, length, native, to, call) {
    const { guest } = call;
    checkRange(pointer, length, 1, guest);
    if (!isWellFormed(guest, pointer, length)) throw new Violation("the string is not well-formed UTF-8");
    writeWord64(native, to, call.lend(guest.base + pointer, length));
    writeWord64(native, to + 8, length);
  },

  loadAll(from, native, to, call, count) {
    const { guest } = call;
    const { i32, base } = guest;
    const memoryBytes = guest.u8.length;
    const first = from >>> 2;
    let total = 0;
    for (let index = 0; index < count; index += 1) {
      const pair = first + index * 2;
      const pointer = (i32[pair] ?? 0) >>> 0;
      const bytes = (i32[pair + 1] ?? 0) >>> 0;
      if (bytes > MAX_BYTE_LENGTH || pointer + bytes > memoryBytes) return false;
      total += bytes;
      writeWord64(native, to + index * 16, base + pointer);
      writeWord64(native, to + index * 16 + 8, bytes);
    }
    if (!call.lendsInPlace(total) || firstIllFormed(guest, i32, first, 2, count) >= 0) return false;
    call.bytesIn += total;
    return true;
  },

  store(native, from, call) {
    const bytes = readWord64(native, from + 8);
    const pointer = call.allocate(1, bytes);
    if (bytes > 0) call.copyLater(pointer, bytes, native, from, true);
    call.storedLength = bytes;
    call.bytesOut += bytes;
    return pointer;
  },

  storeAll(native, from, to, call, count) {
    const structs = native.i32;
    let index = 0;
    try {
      for (; index < count; index += 1) {
        const struct = from + index * 16;
        // `gather` has seen that it is no more than a string may have.
        const bytes = structs[(struct >>> 2) + 2] ?? 0;
        const pointer = call.allocate(1, bytes);
        if (bytes > 0) call.copyLater(pointer, bytes, native, struct, true);
        call.bytesOut += bytes;
        const pair = (to >>> 2) + index * 2;
        const { i32 } = call.guest;
        i32[pair] = pointer;
        i32[pair + 1] = bytes;
      }
    } catch (error) {
      throw within(error, `[${index}]`);
    }
    return true;
  },
};

const utf16: StringCodec = {
  load: loadUtf16,
  loadAll: () => false,
  storeAll: () => false,

  store(native, from, call) {
    const text = fetchText(readWord64(native, from), readWord64(native, from + 8), call);
    return storeUtf16(text, measure(text.views.u8, text.at, text.bytes).units, call);
  },
};

const latin1OrUtf16: StringCodec = {
  load(pointer, tagged, native, to, call) {
    if (tagged >= UTF16_TAG) {
      loadUtf16(pointer, tagged - UTF16_TAG, native, to, call);
      return;
    }
    const { guest, arena } = call;
    checkRange(pointer, tagged, 2, guest);
    const at = arena.reserve(tagged * 2);
    const bytes = encodeLatin1(guest.u8, pointer, tagged, arena.views.u8, at);
    lendConverted(at, bytes, native, to, call);
  },

  loadAll: () => false,
  storeAll: () => false,

  store(native, from, call) {
    const text = fetchText(readWord64(native, from), readWord64(native, from + 8), call);
    const { units, isLatin1 } = measure(text.views.u8, text.at, text.bytes);
    if (!isLatin1) {
      const pointer = storeUtf16(text, units, call);
      call.storedLength = units + UTF16_TAG;
      return pointer;
    }
    const pointer = call.allocate(2, units);
    decodeToLatin1(text.views.u8, text.at, text.bytes, call.guest.u8, pointer);
    call.storedLength = units;
    call.bytesOut += units;
    return pointer;
  },
};

interface Text {
  readonly views: Views;
  readonly at: number;
  readonly bytes: number;
}

function loadUtf16(pointer: number, units: number, native: Views, to: number, call: Call): void {
  const { guest, arena } = call;
  checkRange(pointer, units * 2, 2, guest);
  const at = arena.reserve(units * 3);
  const bytes = encodeUtf16(guest.u16, pointer >>> 1, units, arena.views.u8, at);
  if (bytes < 0) throw new Violation("the string is not well-formed UTF-16");
  lendConverted(at, bytes, native, to, call);
}

function lendConverted(at: number, bytes: number, native: Views, to: number, call: Call): void {
  call.arena.trim(at, bytes);
  writeWord64(native, to, call.lend(call.arena.views.base + at, bytes));
  writeWord64(native, to + 8, bytes);
}

/** Native UTF-8 in the arena, checked. */
function fetchText(address: number, bytes: number, call: Call): Text {
  if (bytes > MAX_BYTE_LENGTH) throw new Violation(`a string of ${bytes} bytes is too long to convert`);
  const at = bytes === 0 ? 0 : call.fetch(address, bytes);
  if (at < 0) throw new Violation("the values of one call need more than 1 GiB of native memory");
  const { views } = call.arena;
  if (!isWellFormed(views, at, bytes)) throw notUtf8();
  return { views, at, bytes };
}

function storeUtf16(text: Text, units: number, call: Call): number {
  const pointer = call.allocate(2, units * 2);
  decodeToUtf16(text.views.u8, text.at, text.bytes, call.guest.u16, pointer >>> 1);
  call.storedLength = units;
  call.bytesOut += units * 2;
  return pointer;
}

function notUtf8(): Violation {
  return new Violation("the string is not well-formed UTF-8");
}

function checkRange(pointer: number, bytes: number, align: 1 | 2, guest: Views): void {
  if (bytes > MAX_BYTE_LENGTH) throw new Violation(`a string of ${bytes} bytes exceeds ${MAX_BYTE_LENGTH}`);
  if ((pointer & (align - 1)) !== 0)
    throw new Violation(`the string at 0x${pointer.toString(16)} is not ${align}-aligned`);
  if (pointer + bytes > guest.u8.length) {
    throw new Violation(
      `the string at 0x${pointer.toString(16)} of ${bytes} bytes exceeds the memory's ${guest.u8.length}`,
    );
  }
}
