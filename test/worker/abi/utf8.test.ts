import {
  array,
  assert,
  constantFrom,
  nat,
  oneof,
  property,
  record,
  string,
  tuple,
  uint8Array,
} from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeToLatin1,
  decodeToUtf16,
  encodeLatin1,
  encodeUtf16,
  firstIllFormed,
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

  it("of many texts at once: the first that is wrong, wherever they lie and whatever they share", () => {
    const memory = tuple(
      string({ unit: "binary", maxLength: 200 }),
      array(tuple(nat(), nat(255)), { maxLength: 2 }),
    ).map(([text, changes]) => {
      const bytes = new Uint8Array(1024);
      bytes.set(Buffer.from(text));
      for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
      return bytes;
    });
    /** Neighbours, cut between two characters or anywhere; or wherever. */
    const texts = oneof(
      array(record({ bytes: nat(40), isCut: constantFrom(true, false, false, false) }), { maxLength: 24 }),
      array(record({ bytes: nat(40), at: nat(900) }), { maxLength: 24 }),
    );
    const outcomes = { right: 0, wrong: 0 };
    assert(
      property(memory, texts, constantFrom(2, 4), (bytes, wanted, stride) => {
        const pairs = new Int32Array(wanted.length * stride + 1);
        let next = 0;
        for (const [index, text] of wanted.entries()) {
          const at = "at" in text ? text.at : next;
          let end = at + text.bytes;
          if ("isCut" in text && !text.isCut) while (((bytes[end] ?? 0) & 0xc0) === 0x80) end += 1;
          pairs.set([at, end - at], 1 + index * stride);
          next = end % 900;
        }
        const first = wanted.findIndex((_text, index) => {
          const at = pairs[1 + index * stride] ?? 0;
          return !isDecodable(bytes.subarray(at, at + (pairs[2 + index * stride] ?? 0)));
        });
        outcomes[first === -1 ? "right" : "wrong"] += 1;
        expect(firstIllFormed(createViews(bytes.buffer, 0), pairs, 1, stride, wanted.length)).toBe(first);
      }),
      options,
    );
    expect(Math.min(outcomes.right, outcomes.wrong)).toBeGreaterThan(options.numRuns / 10);
  });

  it.each([
    ["begins inside a character", [3, 5]],
    ["ends inside a character", [2, 3]],
  ] as const)("of many texts at once: one %s of another", (_what, odd) => {
    const bytes = new Uint8Array(64);
    bytes.set(Buffer.from("é".repeat(16)));
    const whole = Array.from({ length: 9 }, () => [0, 32]);
    const pairs = new Int32Array([...whole, odd].flat());
    expect(firstIllFormed(createViews(bytes.buffer, 0), pairs, 0, 2, 10)).toBe(9);
    expect(firstIllFormed(createViews(bytes.buffer, 0), pairs, 0, 2, 9)).toBe(-1);
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
