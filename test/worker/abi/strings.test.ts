import { beforeAll, describe, expect, it } from "vitest";
import type { StringEncoding } from "../../../src/worker/abi/types.ts";
import type { NativeLibrary } from "../../../src/worker/native/types.ts";
import type { ValueType } from "../../../src/shared/wit/types.ts";
import { compileLibrary, compiler } from "../../support/native.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { callCount, COUNTING_HEAP, freedBlocks, liveBlocks } from "./counting-heap.ts";
import { func, Guest, open, thrownBy } from "./guest.ts";

const SOURCE = `${COUNTING_HEAP}
void echo(string *in, string *out) { t_calls++; *out = t_string(in->ptr, in->len); }
uint32_t sum(string *in) { t_calls++; uint32_t n = 0; for (size_t i = 0; i < in->len; i++) n += in->ptr[i]; return n; }
uint64_t where(string *in) { return (uint64_t)(uintptr_t)in->ptr; }
void bad_utf8(string *out) { *out = t_string("ab\\xff", 3); }
void bad_null(string *out) { out->ptr = NULL; out->len = 5; }
void bad_length(string *out) { *out = t_string("abc", 3); out->len = (size_t)1 << 40; }
void odd_empty(string *out) { out->ptr = (uint8_t *)1; out->len = 0; }
void forgets(string *out) { (void)out; }
`;

const text: ValueType = { kind: "string" };
const TAG = 2 ** 31;
const SAMPLES = [
  "",
  "a",
  "0123456789abcdef",
  "né",
  "日本語",
  "𝄞 clef",
  "\uFEFFbom\0nul",
  "ÿ".repeat(300),
  "x".repeat(70_000),
  "€".repeat(30_000),
];

/** A string as a guest of that encoding would pass it: its bytes and its length. */
function encode(encoding: StringEncoding, value: string): { bytes: Uint8Array; length: number } {
  if (encoding === "utf8") {
    const bytes = Buffer.from(value, "utf8");
    return { bytes, length: bytes.length };
  }
  if (encoding === "latin1+utf16" && /^[\0-\u00FF]*$/u.test(value)) {
    return { bytes: Buffer.from(value, "latin1"), length: value.length };
  }
  const length = encoding === "utf16" ? value.length : value.length + TAG;
  return { bytes: Buffer.from(value, "utf16le"), length };
}

describe.skipIf(!compiler.available)(`strings ${compiler.reason}`, () => {
  let library: NativeLibrary;
  beforeAll(() => {
    library = open(compileLibrary(temporaryFolder(), "strings", SOURCE), { freeSymbol: "t_free" });
  });

  describe.each<StringEncoding>(["utf8", "utf16", "latin1+utf16"])("%s", (encoding) => {
    it("crosses both ways", () => {
      const guest = new Guest(encoding);
      const echo = guest.bind(library, "echo", func([text], text));
      const out = guest.words(0, 0);
      for (const sample of SAMPLES) {
        const { bytes, length } = encode(encoding, sample);
        echo(guest.put(bytes), length, out);
        expect(guest.text(out)).toBe(sample);
      }
      expect(liveBlocks(library)).toBe(0);
    });
  });

  it("reads a tagged UTF-16 string of Latin-1 characters", () => {
    const guest = new Guest("latin1+utf16");
    const out = guest.words(0, 0);
    guest.bind(library, "echo", func([text], text))(guest.put(Buffer.from("né", "utf16le")), 2 + TAG, out);
    expect(guest.text(out)).toBe("né");
    expect(guest.view.getUint32(out + 4, true)).toBe(2);
  });

  it("lends UTF-8 where it lies in the guest", () => {
    const guest = new Guest();
    const where = guest.bind(library, "where", func([text], { kind: "u64" }));
    const first = where(guest.put([65, 66]), 2);
    const second = where(guest.put([65], 1), 1);
    expect(BigInt(second ?? 0) - BigInt(first ?? 0)).toBe(2n);
  });

  const traps: [
    name: string,
    encoding: StringEncoding,
    bytes: number[],
    length: number,
    offset: number,
    reason: string,
  ][] = [
    ["a lone continuation byte", "utf8", [0x80], 1, 0, "not well-formed UTF-8"],
    ["an overlong form", "utf8", [0xc0, 0x80], 2, 0, "not well-formed UTF-8"],
    ["a truncated sequence", "utf8", [0x41, 0xe2, 0x82], 3, 0, "not well-formed UTF-8"],
    ["an encoded surrogate", "utf8", [0xed, 0xa0, 0x80], 3, 0, "not well-formed UTF-8"],
    ["beyond U+10FFFF", "utf8", [0xf4, 0x90, 0x80, 0x80], 4, 0, "not well-formed UTF-8"],
    [
      "bad bytes at the end of a long string",
      "utf8",
      [...Array.from({ length: 400 }, () => 65), 0xff],
      401,
      0,
      "not well-formed UTF-8",
    ],
    [
      "bad bytes after an aligned word",
      "utf8",
      [65, 65, 65, 65, 65, 65, 65, 65, 65, 0xff],
      10,
      0,
      "not well-formed UTF-8",
    ],
    ["beyond the memory", "utf8", [65], 70_000, 0, "exceeds the memory's 65536"],
    ["a length that overflows 32 bits", "utf8", [65], -1, 0, "exceeds 268435455"],
    ["a lone high surrogate", "utf16", [0x00, 0xd8], 1, 0, "not well-formed UTF-16"],
    ["a high surrogate before a letter", "utf16", [0x00, 0xd8, 0x41, 0x00], 2, 0, "not well-formed UTF-16"],
    ["a lone low surrogate", "utf16", [0x00, 0xdc], 1, 0, "not well-formed UTF-16"],
    ["misaligned UTF-16", "utf16", [0, 0, 0, 0], 1, 1, "not 2-aligned"],
    ["a UTF-16 length that overflows", "utf16", [0, 0], TAG, 0, "exceeds 268435455"],
    ["misaligned Latin-1", "latin1+utf16", [65, 65], 1, 1, "not 2-aligned"],
    ["tagged, with a lone surrogate", "latin1+utf16", [0x00, 0xd8], 1 + TAG, 0, "not well-formed UTF-16"],
  ];

  it.each(traps)("traps on %s", (_, encoding, bytes, length, offset, reason) => {
    const guest = new Guest(encoding);
    const before = callCount(library);
    const sum = guest.bind(library, "sum", func([text], { kind: "u32" }));
    const thrown = thrownBy(() => sum(guest.put(bytes) + offset, length));
    expect(thrown).toMatch(/^TRAP test:abi\/it#sum: p0: /u);
    expect(thrown).toContain(reason);
    expect(callCount(library)).toBe(before);
  });

  it("traps on a pointer whose end overflows 32 bits", () => {
    const sum = new Guest().bind(library, "sum", func([text], { kind: "u32" }));
    expect(thrownBy(() => sum(-8, 16))).toMatch(/^TRAP .*0xfffffff8 of 16 bytes exceeds/u);
  });

  it.each([
    ["bad_utf8", "the string is not well-formed UTF-8", 1],
    ["bad_null", "a NULL pointer with length 5", 0],
    ["bad_length", "the length 1099511627776 does not fit", 1],
  ])("faults on %s, and releases it once", (symbol, reason, released) => {
    for (const encoding of ["utf8", "utf16", "latin1+utf16"] as const) {
      const guest = new Guest(encoding);
      const out = guest.words(0, 0);
      freedBlocks(library);
      const thrown = thrownBy(() => guest.bind(library, symbol, func([], text))(out));
      expect(thrown).toMatch(/^HOST_FAULT host bundle "test-bundle" returned a bad value: test:abi\/it#/u);
      expect(thrown).toContain(`result: ${reason}`);
      expect(freedBlocks(library)).toBe(released);
      expect(liveBlocks(library)).toBe(0);
    }
  });

  it.each(["odd_empty", "forgets"])("takes %s as an empty string and frees nothing", (symbol) => {
    const guest = new Guest();
    const out = guest.words(1, 1);
    const echo = guest.bind(library, "echo", func([text], text));
    echo(guest.put([65, 66, 67]), 3, out);
    freedBlocks(library);
    guest.bind(library, symbol, func([], text))(out);
    expect(guest.text(out)).toBe("");
    expect(freedBlocks(library)).toBe(0);
  });

  it("counts the bytes that cross", () => {
    const guest = new Guest();
    const counters = { calls: 0, bytesIn: 0, bytesOut: 0, timeNs: 0 };
    const echo = guest.bind(library, "echo", func([text], text), { counters });
    const out = guest.words(0, 0);
    echo(guest.put([65, 66, 67]), 3, out);
    echo(guest.put([65, 66, 67, 68]), 4, out);
    expect(counters).toMatchObject({ calls: 2, bytesIn: 7, bytesOut: 7 });
  });
});
