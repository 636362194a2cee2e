import { expect, test } from "vitest";
import { RANDOM } from "../../src/worker/wasi-random.ts";

const { getRandomBytes, getRandomU64 } = RANDOM.random;

/** More than the pool, with calls of all sizes around its ends. */
test("bytes and numbers have the length asked for and are never given twice", () => {
  const seen = new Set<bigint>();
  let count = 0;
  const note = (word: bigint): void => {
    seen.add(word);
    count += 1;
  };
  for (let round = 0; round < 3000; round += 1) {
    const length = (round * 37) % 131;
    const bytes = getRandomBytes(BigInt(length));
    expect(bytes).toHaveLength(length);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let at = 0; at + 8 <= length; at += 8) note(view.getBigUint64(at));
    const word = getRandomU64();
    expect(word >= 0n && word < 2n ** 64n).toBe(true);
    note(word);
  }
  expect(seen.size).toBe(count);
  expect(seen.has(0n)).toBe(false);
});

test.each([0, 1, 7, 8, 1023, 1024, 1025, 4095, 4096, 4097, 100_000])("%i bytes", (length) => {
  const [first, second] = [getRandomBytes(BigInt(length)), getRandomBytes(BigInt(length))];
  expect([first.length, second.length]).toEqual([length, length]);
  // Two of a few bytes may be the same.
  expect(length >= 8 && Buffer.compare(first, second) === 0).toBe(false);
});

test("what is given is the caller's: it shares no memory with what comes next", () => {
  const first = getRandomBytes(16n);
  first.fill(0);
  expect(getRandomBytes(16n)).not.toEqual(first);
  expect(first.buffer.byteLength).toBe(16);
});

test("all bits of a number occur", () => {
  let ones = 0n;
  let zeros = 0n;
  for (let round = 0; round < 200; round += 1) {
    const word = getRandomU64();
    ones |= word;
    zeros |= ~word;
  }
  expect(BigInt.asUintN(64, ones)).toBe(2n ** 64n - 1n);
  expect(BigInt.asUintN(64, zeros)).toBe(2n ** 64n - 1n);
});
