import { array, assert, constantFrom, nat, oneof, property, string, tuple, uint8Array } from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeToLatin1,
  decodeToUtf16,
  encodeLatin1,
  encodeUtf16,
  isWellFormed,
  measure,
} from "../../../src/worker/abi/utf8.ts";
import { createViews } from "../../../src/worker/abi/views.ts";

const options = { seed: 20_260, numRuns: 500 };
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function isDecodable(bytes: Uint8Array): boolean {
  try {
    strict.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

describe("UTF-8", () => {
  it("is checked as the platform's strict decoder does, at any offset", () => {
    const nearText = oneof(
      uint8Array({ maxLength: 200 }),
      string({ unit: "binary", maxLength: 200 }).map((text) => new Uint8Array(Buffer.from(text))),
      tuple(string({ unit: "binary", minLength: 1, maxLength: 60 }), nat(), nat(255)).map(
        ([text, at, byte]) => {
          const bytes = new Uint8Array(Buffer.from(text));
          bytes[at % bytes.length] = byte;
          return bytes;
        },
      ),
    );
    assert(
      property(nearText, nat(7), (bytes, offset) => {
        const buffer = new ArrayBuffer(512 + 256);
        new Uint8Array(buffer).set(bytes, offset);
        expect(isWellFormed(createViews(buffer, 0), offset, bytes.length)).toBe(isDecodable(bytes));
      }),
      options,
    );
  });

  it("converts to UTF-16 and back", () => {
    assert(
      property(string({ unit: "binary", maxLength: 100 }), (text) => {
        const bytes = new Uint8Array(Buffer.from(text));
        const { units, isLatin1 } = measure(bytes, 0, bytes.length);
        expect(units).toBe(text.length);
        expect(isLatin1).toBe(/^[\0-\u00FF]*$/u.test(text));
        const wide = new Uint16Array(units + 1);
        decodeToUtf16(bytes, 0, bytes.length, wide, 1);
        expect(String.fromCharCode(...wide.subarray(1))).toBe(text);
        const back = new Uint8Array(units * 3);
        const length = encodeUtf16(wide, 1, units, back, 0);
        expect([...back.subarray(0, length)]).toEqual([...bytes]);
      }),
      options,
    );
  });

  it("converts to Latin-1 and back", () => {
    assert(
      property(uint8Array({ maxLength: 100 }), (latin1) => {
        const utf8 = new Uint8Array(latin1.length * 2);
        const length = encodeLatin1(latin1, 0, latin1.length, utf8, 0);
        expect(Buffer.from(utf8.subarray(0, length)).toString()).toBe(Buffer.from(latin1).toString("latin1"));
        const back = new Uint8Array(latin1.length);
        decodeToLatin1(utf8, 0, length, back, 0);
        expect([...back]).toEqual([...latin1]);
      }),
      options,
    );
  });

  it("refuses lone surrogates", () => {
    assert(
      property(
        array(constantFrom(0x41, 0xd800, 0xdbff, 0xdc00, 0xdfff, 0xe000), { maxLength: 6 }),
        (units) => {
          const wide = Uint16Array.from(units);
          const text = String.fromCharCode(...units);
          const isLone = /\p{Surrogate}/u.test(text);
          expect(encodeUtf16(wide, 0, units.length, new Uint8Array(64), 0) < 0).toBe(isLone);
        },
      ),
      options,
    );
  });
});
