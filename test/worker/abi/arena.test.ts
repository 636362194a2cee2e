import { describe, expect, it } from "vitest";
import { Arena } from "../../../src/worker/abi/arena.ts";

const addresses = (): ((buffer: ArrayBuffer) => number) => {
  let next = 0;
  return () => (next += 0x1000_0000);
};

describe("the arena", () => {
  it("hands out aligned, separate blocks, and opens chunks as needed", () => {
    const arena = new Arena(addresses());
    const first = arena.reserve(3);
    const second = arena.reserve(8);
    expect([first % 8, second % 8, second - first]).toEqual([0, 0, 8]);
    const chunk = arena.views;
    const large = arena.reserve(1_000_000);
    expect(arena.views).not.toBe(chunk);
    expect(arena.views.u8.length).toBeGreaterThanOrEqual(large + 1_000_000);
    expect(arena.chunks[arena.chunkIndex]).toBe(arena.views);
    expect(arena.chunks[0]).toBe(chunk);
  });

  it("gives trimmed bytes to the next reservation", () => {
    const arena = new Arena(addresses());
    const at = arena.reserve(300);
    arena.trim(at, 9);
    expect(arena.reserve(1)).toBe(at + 16);
  });

  it("keeps a chunk of moderate size and drops a large one", () => {
    const arena = new Arena(addresses());
    arena.reserve(1_000_000);
    const moderate = arena.views;
    arena.reset();
    expect([arena.chunks.length, arena.views]).toEqual([1, moderate]);
    arena.reserve(20_000_000);
    arena.reset();
    expect([arena.chunks.length, arena.views]).toEqual([1, moderate]);
    expect(arena.reserve(1)).toBe(0);
  });

  it("refuses more than a call may have, and recovers", () => {
    const arena = new Arena(addresses());
    expect(() => arena.reserve(2 ** 30 + 8)).toThrow("more than 1 GiB");
    arena.reset();
    expect(() => arena.reserve(2 ** 20)).not.toThrow();
  });
});
