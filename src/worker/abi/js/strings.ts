/// <reference lib="es2024.string" />
/**
 * Strings between a guest's memory in one of the three encodings and JavaScript, strict both ways
 * (CanonicalABI.md, `load_string_from_range` and `store_string_into_range`).
 *
 * Deviation from the letter: a string is measured first and allocated once at its exact size, where the specification
 * allocates for a guess and reallocates. What the guest reads is the same.
 */
import { isUtf8 } from "node:buffer";
import type { StringEncoding } from "../types.ts";
import { Violation } from "../violation.ts";
import type { Guest } from "./guest.ts";
import { misfit } from "./misfit.ts";

const UTF16_TAG = 2 ** 31;

/** A call into the runtime costs more than a loop over this many characters. */
const SHORT_UNITS = 24;

export interface StringCodec {
  /** The string at a pointer with that many code units (both unsigned; the tag included), as `store` of the other side takes it. */
  load(pointer: number, units: number, guest: Guest): unknown;
  /** Allocates and writes a string; gives the pointer and leaves the length in `guest.storedLength`. */
  store(value: unknown, guest: Guest): number;
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
  load(pointer, bytes, guest) {
    guest.checkRange("string", pointer, bytes, 1);
    guest.charge(bytes);
    if (bytes === 0) return "";
    const end = pointer + bytes;
    const text = guest.views.bytes.utf8Slice(pointer, end);
    // What is malformed comes out as U+FFFD, so a text without one is right.
    if (text.includes("\ufffd") && !isUtf8(guest.views.u8.subarray(pointer, end)))
      throw new Violation("the string is not well-formed UTF-8");
    return text;
  },

  store(value, guest) {
    const text = textOf(value);
    const { length } = text;
    if (length <= SHORT_UNITS && isAsciiText(text)) {
      const pointer = guest.allocate(1, length);
      const { u8 } = guest.views;
      for (let index = 0; index < length; index += 1) u8[pointer + index] = text.charCodeAt(index);
      guest.storedLength = length;
      return pointer;
    }
    const bytes = Buffer.byteLength(text, "utf8");
    // As many bytes as units: ASCII.
    if (bytes !== length) wellFormed(text);
    const pointer = guest.allocate(1, bytes);
    guest.views.bytes.utf8Write(text, pointer, bytes);
    guest.storedLength = bytes;
    return pointer;
  },
};

const utf16: StringCodec = {
  load: loadUtf16,
  store: (value, guest) => storeUtf16(wellFormed(textOf(value)), guest),
};

const latin1OrUtf16: StringCodec = {
  load(pointer, tagged, guest) {
    if (tagged >= UTF16_TAG) return loadUtf16(pointer, tagged - UTF16_TAG, guest);
    guest.checkRange("string", pointer, tagged, 2);
    guest.charge(tagged);
    return guest.views.bytes.latin1Slice(pointer, pointer + tagged);
  },

  store(value, guest) {
    const text = textOf(value);
    if (!isLatin1Text(text)) {
      const pointer = storeUtf16(wellFormed(text), guest);
      guest.storedLength += UTF16_TAG;
      return pointer;
    }
    const pointer = guest.allocate(2, text.length);
    guest.views.bytes.latin1Write(text, pointer, text.length);
    guest.storedLength = text.length;
    return pointer;
  },
};

function loadUtf16(pointer: number, units: number, guest: Guest): string {
  guest.checkRange("string", pointer, units * 2, 2);
  guest.charge(units * 2);
  const text = guest.views.bytes.ucs2Slice(pointer, pointer + units * 2);
  if (!text.isWellFormed()) throw new Violation("the string is not well-formed UTF-16");
  return text;
}

function storeUtf16(text: string, guest: Guest): number {
  const bytes = text.length * 2;
  const pointer = guest.allocate(2, bytes);
  guest.views.bytes.ucs2Write(text, pointer, bytes);
  guest.storedLength = text.length;
  return pointer;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : misfit("a string", value);
}

function wellFormed(text: string): string {
  return text.isWellFormed() ? text : misfit("a well-formed string", "one with a lone surrogate");
}

function isAsciiText(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) if (text.charCodeAt(index) > 0x7f) return false;
  return true;
}

function isLatin1Text(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) if (text.charCodeAt(index) > 0xff) return false;
  return true;
}
