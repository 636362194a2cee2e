/** Results with many parts, on both ways to copy and release them: the routine in machine code, and call by call. */
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { routineFor } from "../../../src/worker/native/machine-code.ts";
import type { NativeLibrary } from "../../../src/worker/native/types.ts";
import type { ValueType } from "../../../src/shared/wit/types.ts";
import { compileLibrary, compiler } from "../../support/native.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { COUNTING_HEAP, freedBlocks, liveBlocks } from "./counting-heap.ts";
import { func, Guest, open, thrownBy } from "./guest.ts";

const SOURCE = `${COUNTING_HEAP}
typedef struct { string *ptr; size_t len; } strings;
typedef struct { strings *ptr; size_t len; } rows;
/* Element i has i % 5 bytes, all of them letters. */
void texts(uint32_t count, strings *ret) {
  ret->len = count;
  ret->ptr = count ? t_alloc(count * sizeof(string)) : NULL;
  for (uint32_t i = 0; i < count; i++) ret->ptr[i] = t_string("abcde", i % 5);
}
void bytes(uint32_t count, strings *ret) { texts(count, ret); }
void bad_at(uint32_t count, uint32_t at, strings *ret) { texts(count, ret); ret->ptr[at].ptr[0] = 0xff; }
void nested(uint32_t count, rows *ret) {
  ret->len = count;
  ret->ptr = count ? t_alloc(count * sizeof(strings)) : NULL;
  for (uint32_t i = 0; i < count; i++) texts(i, &ret->ptr[i]);
}
void nested_bad(uint32_t count, rows *ret) { nested(count, ret); ret->ptr[count - 1].ptr[3].ptr[2] = 0x80; }
`;

const u32: ValueType = { kind: "u32" };
const text: ValueType = { kind: "string" };
const texts: ValueType = { kind: "list", element: text };
const rows: ValueType = { kind: "list", element: texts };
const blobs: ValueType = { kind: "list", element: { kind: "list", element: { kind: "u8" } } };

const expected = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => "abcde".slice(0, index % 5));
/** Blocks of a list of so many texts: itself, and each that is not empty. */
const blocks = (count: number): number => (count === 0 ? 0 : 1 + count - Math.ceil(count / 5));

const isSupported = routineFor(process.platform, process.arch) !== undefined;
const WAYS = [
  { way: "call by call", nativeLoops: false, isThere: true },
  { way: "machine code", nativeLoops: true, isThere: isSupported },
];

describe.each(WAYS)("results with many parts, $way", ({ nativeLoops, isThere }) => {
  describe.skipIf(!compiler.available || !isThere)(`in C ${compiler.reason}`, () => {
    let library: NativeLibrary;
    let guest: Guest;
    beforeAll(() => {
      const path = compileLibrary(temporaryFolder(), "batch", SOURCE);
      library = open(path, { freeSymbol: "t_free", nativeLoops });
    });
    beforeEach(() => {
      guest = new Guest();
      freedBlocks(library);
    });

    const read = (at: number): string[] => {
      const [pointer, length] = [guest.view.getUint32(at, true), guest.view.getUint32(at + 4, true)];
      return Array.from({ length }, (_, index) => guest.text(pointer + index * 8));
    };
    const give = (symbol: string, type: ValueType, ...args: number[]): number => {
      const out = guest.put(Buffer.alloc(8));
      guest.bind(
        library,
        symbol,
        func(
          args.map(() => u32),
          type,
        ),
      )(...args, out);
      return out;
    };

    it("is the way that was asked for", () => {
      expect(library.settle !== undefined).toBe(nativeLoops);
    });

    it.each([0, 1, 2, 100, 1023, 1024, 1025, 1280, 1281, 2600, 100_000])("%i texts", (count) => {
      expect(read(give("texts", texts, count))).toEqual(expected(count));
      expect([freedBlocks(library), liveBlocks(library)]).toEqual([blocks(count), 0]);
    });

    it.each([0, 1, 6, 3000])("%i byte lists", (count) => {
      expect(read(give("bytes", blobs, count))).toEqual(expected(count));
      expect([freedBlocks(library), liveBlocks(library)]).toEqual([blocks(count), 0]);
    });

    it.each([0, 1, 2, 70])("%i nested lists", (count) => {
      const out = give("nested", rows, count);
      const first = guest.view.getUint32(out, true);
      for (let index = 0; index < count; index += 1) expect(read(first + index * 8)).toEqual(expected(index));
      expect(liveBlocks(library)).toBe(0);
    });

    it.each([
      [1, "grows the memory"],
      [5, "grows the memory much"],
    ])("realloc %s", (pages) => {
      const { realloc } = guest;
      let calls = 0;
      guest.realloc = (...args) => {
        calls += 1;
        if (calls % 17 === 0) guest.memory.grow(pages);
        return realloc(...args);
      };
      expect(read(give("texts", texts, 1300))).toEqual(expected(1300));
      expect(liveBlocks(library)).toBe(0);
    });

    it.each([1, 2, 700, 1500, 2501])("realloc traps at its call %i: all is released once", (fatal) => {
      const { realloc } = guest;
      let calls = 0;
      guest.realloc = (...args) => {
        calls += 1;
        if (calls === fatal) throw new WebAssembly.RuntimeError("unreachable");
        return realloc(...args);
      };
      expect(thrownBy(() => give("texts", texts, 2500))).toBe("RuntimeError: unreachable");
      expect([freedBlocks(library), liveBlocks(library)]).toEqual([blocks(2500), 0]);
    });

    it("a trap after a bad text was copied leaves nothing behind for the next call", () => {
      let calls = 0;
      const { realloc } = guest;
      guest.realloc = (...args) => {
        calls += 1;
        if (calls === 2000) throw new WebAssembly.RuntimeError("unreachable");
        return realloc(...args);
      };
      expect(thrownBy(() => give("bad_at", texts, 2500, 1))).toBe("RuntimeError: unreachable");
      guest = new Guest();
      expect(read(give("texts", texts, 4))).toEqual(expected(4));
      expect(liveBlocks(library)).toBe(0);
    });

    it.each([1, 99, 1279, 1281, 2499])("a bad text at %i is named, and all is released", (at) => {
      expect(thrownBy(() => give("bad_at", texts, 2500, at))).toBe(
        'HOST_FAULT host bundle "test-bundle" returned a bad value: ' +
          `test:abi/it#bad_at: result[${at}]: the string is not well-formed UTF-8`,
      );
      expect([freedBlocks(library), liveBlocks(library)]).toEqual([blocks(2500), 0]);
    });

    it("a bad text in a nested list is named", () => {
      expect(thrownBy(() => give("nested_bad", rows, 70))).toMatch("result[69][3]: the string is not");
      expect(liveBlocks(library)).toBe(0);
    });
  });
});
