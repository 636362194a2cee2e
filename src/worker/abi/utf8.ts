/** UTF-8 over typed arrays: checking, and converting to and from UTF-16 and Latin-1. Strict (Unicode, table 3-7). */
import { isAscii, isUtf8 } from "node:buffer";
import type { Views } from "./views.ts";

/** From this many bytes on, a view plus the runtime's vectorised check beats our loop. */
const LONG_BYTES = 128;
/** From this many texts on, one such check of all the memory between them may beat one for each. */
const MANY_TEXTS = 8;
/** 0x80808080 as a signed word. */
const NOT_ASCII = -2_139_062_144;

/** Whether `length` bytes at `at` are well-formed. In bounds by the caller. */
export function isWellFormed(views: Views, at: number, length: number): boolean {
  if (length < LONG_BYTES && isShortAscii(views.i32, at, length)) return true;
  return isUtf8(views.u8.subarray(at, at + length));
}

/** By whole words: of the first and the last one, what lies outside is masked. */
function isShortAscii(i32: Int32Array, at: number, length: number): boolean {
  if (length === 0) return true;
  const last = at + length - 1;
  const lastWord = last >>> 2;
  let word = at >>> 2;
  let bits = (i32[word] ?? 0) & (-1 << ((at & 3) * 8));
  let seen = 0;
  while (word < lastWord) {
    seen |= bits;
    word += 1;
    bits = i32[word] ?? 0;
  }
  return ((seen | (bits & (-1 >>> ((3 - (last & 3)) * 8)))) & NOT_ASCII) === 0;
}

/**
 * Index of the first of `count` texts that is not well-formed, -1 where all are. The words of `pairs` from `first` on
 * say where each text lies in `views`: offset and bytes, then the next one `stride` words further. All are in bounds.
 */
export function firstIllFormed(
  views: Views,
  pairs: Int32Array,
  first: number,
  stride: number,
  count: number,
): number {
  if (count >= MANY_TEXTS && areWellFormed(views, pairs, first, stride, count)) return -1;
  for (let index = 0; index < count; index += 1) {
    const pair = first + index * stride;
    if (!isWellFormed(views, (pairs[pair] ?? 0) >>> 0, pairs[pair + 1] ?? 0)) return index;
  }
  return -1;
}

/**
 * Checks the memory from the lowest text to the end of the highest as one text: then each is well-formed that begins
 * and ends between two characters. Texts allocated one after the other mostly lie like that. False says nothing.
 */
function areWellFormed(
  { u8 }: Views,
  pairs: Int32Array,
  first: number,
  stride: number,
  count: number,
): boolean {
  const afterLast = first + count * stride;
  let begin = u8.length;
  let end = 0;
  let total = 0;
  for (let pair = first; pair < afterLast; pair += stride) {
    const at = (pairs[pair] ?? 0) >>> 0;
    const bytes = pairs[pair + 1] ?? 0;
    if (bytes === 0) continue;
    if (at < begin) begin = at;
    if (at + bytes > end) end = at + bytes;
    total += bytes;
  }
  if (total === 0) return true;
  if (end - begin > 2 * total) return false;
  const all = u8.subarray(begin, end);
  if (isAscii(all)) return true;
  if (!isUtf8(all)) return false;
  for (let pair = first; pair < afterLast; pair += stride) {
    const at = (pairs[pair] ?? 0) >>> 0;
    const bytes = pairs[pair + 1] ?? 0;
    if (bytes === 0) continue;
    if (isContinuation(u8[at]) || (at + bytes < end && isContinuation(u8[at + bytes]))) return false;
  }
  return true;
}

/** A byte inside a character. */
function isContinuation(byte: number | undefined): boolean {
  return ((byte ?? 0) & 0xc0) === 0x80;
}

/** How many UTF-16 code units a well-formed text has, and whether each of its characters is below U+0100. */
export function measure(u8: Uint8Array, at: number, length: number): { units: number; isLatin1: boolean } {
  let units = 0;
  let isLatin1 = true;
  for (let position = at; position < at + length; position += 1) {
    const byte = u8[position] ?? 0;
    if ((byte & 0xc0) !== 0x80) units += byte >= 0xf0 ? 2 : 1;
    if (byte > 0xc3) isLatin1 = false;
  }
  return { units, isLatin1 };
}

/** Writes a well-formed text as UTF-16 from `to` (in units) on. */
export function decodeToUtf16(
  u8: Uint8Array,
  at: number,
  length: number,
  u16: Uint16Array,
  to: number,
): void {
  let out = to;
  const end = at + length;
  for (let position = at; position < end;) {
    const byte = u8[position] ?? 0;
    const next = (offset: number): number => (u8[position + offset] ?? 0) & 0x3f;
    if (byte < 0x80) {
      u16[out++] = byte;
      position += 1;
    } else if (byte < 0xe0) {
      u16[out++] = ((byte & 0x1f) << 6) | next(1);
      position += 2;
    } else if (byte < 0xf0) {
      u16[out++] = ((byte & 0x0f) << 12) | (next(1) << 6) | next(2);
      position += 3;
    } else {
      const point = (((byte & 0x07) << 18) | (next(1) << 12) | (next(2) << 6) | next(3)) - 0x1_0000;
      u16[out++] = 0xd800 | (point >> 10);
      u16[out++] = 0xdc00 | (point & 0x3ff);
      position += 4;
    }
  }
}

/** Writes a well-formed text whose characters are all below U+0100 as Latin-1. */
export function decodeToLatin1(
  u8: Uint8Array,
  at: number,
  length: number,
  out: Uint8Array,
  to: number,
): void {
  let position = at;
  for (let index = to; position < at + length; index += 1) {
    const byte = u8[position] ?? 0;
    const isAscii = byte < 0x80;
    out[index] = isAscii ? byte : ((byte & 0x1f) << 6) | ((u8[position + 1] ?? 0) & 0x3f);
    position += isAscii ? 1 : 2;
  }
}

/** Writes UTF-16 as UTF-8 (room: three bytes a unit) and gives the byte length, or -1 for a lone surrogate. */
export function encodeUtf16(u16: Uint16Array, at: number, units: number, u8: Uint8Array, to: number): number {
  let out = to;
  for (let position = at; position < at + units; position += 1) {
    const unit = u16[position] ?? 0;
    if (unit < 0x80) {
      u8[out++] = unit;
    } else if (unit < 0x800) {
      u8[out++] = 0xc0 | (unit >> 6);
      u8[out++] = 0x80 | (unit & 0x3f);
    } else if (unit < 0xd800 || unit > 0xdfff) {
      u8[out++] = 0xe0 | (unit >> 12);
      u8[out++] = 0x80 | ((unit >> 6) & 0x3f);
      u8[out++] = 0x80 | (unit & 0x3f);
    } else {
      const low = position + 1 < at + units ? (u16[position + 1] ?? 0) : 0;
      if (unit > 0xdbff || low < 0xdc00 || low > 0xdfff) return -1;
      const point = 0x1_0000 + ((unit & 0x3ff) << 10) + (low & 0x3ff);
      u8[out++] = 0xf0 | (point >> 18);
      u8[out++] = 0x80 | ((point >> 12) & 0x3f);
      u8[out++] = 0x80 | ((point >> 6) & 0x3f);
      u8[out++] = 0x80 | (point & 0x3f);
      position += 1;
    }
  }
  return out - to;
}

/** Writes Latin-1 as UTF-8 (room: two bytes a character) and gives the byte length. */
export function encodeLatin1(
  from: Uint8Array,
  at: number,
  length: number,
  u8: Uint8Array,
  to: number,
): number {
  let out = to;
  for (let position = at; position < at + length; position += 1) {
    const unit = from[position] ?? 0;
    if (unit < 0x80) {
      u8[out++] = unit;
    } else {
      u8[out++] = 0xc0 | (unit >> 6);
      u8[out++] = 0x80 | (unit & 0x3f);
    }
  }
  return out - to;
}
