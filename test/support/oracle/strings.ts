/** Strings in a guest's memory, one encoding at a time (CanonicalABI.md, load_string_from_range and store_string). */
import type { StringEncoding } from "../../../src/worker/abi/types.ts";
import { type GuestMemory, trapIf } from "./memory.ts";

/** A string's pointer and its length in code units, tagged for `latin1+utf16`. */
export interface StringRange {
  readonly ptr: number;
  readonly units: number;
}

export const UTF16_TAG = 2 ** 31;
export const MAX_BYTE_LENGTH = 2 ** 28 - 1;

export function loadString(guest: GuestMemory, { ptr, units }: StringRange): string {
  const { encoding, byteLength, align } = describe(guest.stringEncoding, units);
  trapIf(byteLength > MAX_BYTE_LENGTH, "string too long");
  trapIf(ptr % align !== 0, "misaligned string");
  trapIf(!guest.inBounds(ptr, byteLength), "string out of bounds");
  const bytes = guest.bytes.slice(ptr, ptr + byteLength);
  if (encoding === "latin1") return String.fromCodePoint(...bytes);
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    trapIf(error instanceof TypeError, "malformed string");
    throw error;
  }
}

export function storeString(guest: GuestMemory, text: string): StringRange {
  switch (guest.stringEncoding) {
    case "utf8": {
      const bytes = new TextEncoder().encode(text);
      return { ptr: place(guest, bytes, 1), units: bytes.length };
    }
    case "utf16":
      return { ptr: place(guest, utf16(text), 2), units: text.length };
    case "latin1+utf16": {
      const codes = codeUnits(text);
      return codes.every((code) => code < 256)
        ? { ptr: place(guest, Uint8Array.from(codes), 2), units: text.length }
        : { ptr: place(guest, utf16(text), 2), units: UTF16_TAG + text.length };
    }
  }
}

function describe(
  declared: StringEncoding,
  units: number,
): { encoding: "utf-8" | "utf-16le" | "latin1"; byteLength: number; align: number } {
  if (declared === "utf8") return { encoding: "utf-8", byteLength: units, align: 1 };
  if (declared === "utf16") return { encoding: "utf-16le", byteLength: 2 * units, align: 2 };
  return units >= UTF16_TAG
    ? { encoding: "utf-16le", byteLength: 2 * (units - UTF16_TAG), align: 2 }
    : { encoding: "latin1", byteLength: units, align: 2 };
}

function place(guest: GuestMemory, bytes: Uint8Array, align: number): number {
  const ptr = guest.realloc(0, 0, align, bytes.length);
  guest.bytes.set(bytes, ptr);
  return ptr;
}

function codeUnits(text: string): number[] {
  return Array.from({ length: text.length }, (_, index) => text.charCodeAt(index));
}

function utf16(text: string): Uint8Array {
  return Uint8Array.from(codeUnits(text).flatMap((code) => [code & 0xff, code >> 8]));
}
