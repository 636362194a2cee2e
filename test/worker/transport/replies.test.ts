/** What a child answers, as bytes: read back as it was, and whatever else the bytes are, refused at little cost. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BadReply, decodeReply, encodeReply } from "../../../src/worker/transport/replies.ts";

const MAX_BYTES = 1 << 20;
const encode = (value: unknown): Buffer => encodeReply(value, 0, MAX_BYTES);

const leaf = fc.oneof(
  fc.constantFrom(null, true, false, -0, 2 ** 31, -(2 ** 31), 2 ** 63, Number.NaN),
  fc.double(),
  fc.integer(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
  fc.string({ unit: "grapheme" }),
  fc.uint8Array(),
);
const { value } = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 5 }, leaf, fc.array(tie("value")), fc.dictionary(fc.string(), tie("value"))),
}));

/** u32, little-endian. */
const u32 = (number: number): readonly number[] => [0, 8, 16, 24].map((shift) => (number >>> shift) & 0xff);
const TEXT = 7;
const LIST = 9;
const RECORD = 10;

/** Read, or refused; false: it failed otherwise. */
function isDecided(bytes: readonly number[]): boolean {
  try {
    decodeReply(Buffer.from(bytes));
    return true;
  } catch (error) {
    return error instanceof BadReply;
  }
}

describe("a reply", () => {
  test("is read as it was written", () => {
    fc.assert(
      fc.property(value, (given) => {
        expect(decodeReply(encode(given))).toEqual(given);
      }),
      { seed: 5, numRuns: 500 },
    );
  });

  test("has members by any name, which are its own, and none that are undefined", () => {
    const given = JSON.parse('{"__proto__": {"ok": 1}, "constructor": 2}');
    const read = decodeReply(encode({ ...given, none: undefined }));
    expect(Object.entries(read ?? {})).toEqual([
      ["__proto__", { ok: 1 }],
      ["constructor", 2],
    ]);
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
  });

  test("of any bytes is a value or none, and nothing else happens", () => {
    const bytes = fc.array(fc.oneof(fc.nat(12), fc.nat(255)), { maxLength: 60 });
    const checked = fc.check(fc.property(bytes, isDecided), { seed: 5, numRuns: 5000 });
    expect(checked).toMatchObject({ failed: false });
  });

  test.each<readonly [title: string, bytes: readonly number[]]>([
    ["nothing", []],
    ["an unknown tag", [99]],
    ["a text longer than there are bytes", [TEXT, ...u32(0xffff_ffff)]],
    ["a list longer than there are bytes", [LIST, ...u32(0xffff_ffff), 0]],
    ["a record longer than there are bytes", [RECORD, ...u32(0xffff_ffff), ...u32(0), 0]],
    ["lists in lists in lists", Array.from({ length: 10_000 }, () => [LIST, ...u32(1)]).flat()],
    ["more than one value", [0, 0]],
  ])("is not %s", (_title, bytes) => {
    expect(() => decodeReply(Buffer.from(bytes))).toThrow(BadReply);
  });

  test("takes no more memory than a budget, however little its bytes say", () => {
    // Five bytes for an empty record.
    const count = 7_000_000;
    const bytes = Buffer.alloc(5 * (count + 1));
    bytes.set([LIST, ...u32(count)]);
    for (let at = 5; at < bytes.length; at += 5) bytes[at] = RECORD;
    expect(() => decodeReply(bytes)).toThrow(/more than there is memory for/);
  });

  test("is not made where nobody would read it", () => {
    expect(() => encode("x".repeat(MAX_BYTES))).toThrow(/too long/);
    expect(() => encode(Array.from({ length: 400 }).reduce((inner) => [inner], []))).toThrow(/too deep/);
    const many = Array.from({ length: 10_000 }, () => 0);
    const most = many.map(() => many);
    expect(() => encodeReply(most, 0, 2 ** 29)).toThrow(/more than there is memory for/);
  });
});
