/// <reference lib="es2024.string" />
/** Strings between two guests of one encoding: checked as text, passed on as bytes. */
import type { StringEncoding } from "../types.ts";
import { isWellFormed } from "../utf8.ts";
import { Violation } from "../violation.ts";
import type { Guest } from "./guest.ts";
import { lend, NOTHING, storeLent } from "./lent.ts";
import type { StringCodec } from "./strings.ts";

/** Absent where a string may look different on the other side: what is Latin-1 depends on the text. */
export function lentStrings(from: StringEncoding, to: StringEncoding): StringCodec | undefined {
  if (from !== to || from === "latin1+utf16") return undefined;
  return from === "utf8" ? utf8 : utf16;
}

const utf8: StringCodec = {
  load(pointer, bytes, guest) {
    guest.checkRange("string", pointer, bytes, 1);
    guest.charge(bytes);
    if (bytes === 0) return NOTHING;
    if (!isWellFormed(guest.views, pointer, bytes))
      throw new Violation("the string is not well-formed UTF-8");
    return lend(guest, pointer, bytes, bytes);
  },
  store: (value, guest) => storeLent(guest, value, 1),
};

const utf16: StringCodec = {
  load(pointer, units, guest) {
    guest.checkRange("string", pointer, units * 2, 2);
    guest.charge(units * 2);
    if (!isWellFormedUtf16(guest, pointer, units))
      throw new Violation("the string is not well-formed UTF-16");
    return lend(guest, pointer, units * 2, units);
  },
  store: (value, guest) => storeLent(guest, value, 2),
};

/** From this many units on, a string of the runtime's, and its own check, beat our loop. */
const LONG_UNITS = 128;

function isWellFormedUtf16({ views: { u16, bytes } }: Guest, pointer: number, units: number): boolean {
  if (units < LONG_UNITS) {
    const first = pointer >>> 1;
    let index = 0;
    while (index < units && ((u16[first + index] ?? 0) & 0xf800) !== 0xd800) index += 1;
    if (index === units) return true;
  }
  return bytes.ucs2Slice(pointer, pointer + units * 2).isWellFormed();
}
