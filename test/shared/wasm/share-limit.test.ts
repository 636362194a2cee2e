import { assert, array, integer, property, record } from "fast-check";
import { describe, expect, test } from "vitest";
import { type Growable, shareLimit } from "../../../src/shared/wasm/share-limit.ts";

const one = (min: number, max: number, count = 1): Growable => ({ count, min, max });

describe("what is left is shared out", () => {
  test.each<[string, readonly Growable[], number, readonly number[] | undefined]>([
    ["nothing to share", [], 10, []],
    ["all to the only one", [one(1, 100)], 10, [10]],
    ["no more than it can take", [one(1, 5)], 10, [5]],
    ["equally", [one(1, 100), one(3, 100)], 10, [4, 6]],
    ["what one cannot take goes to the others", [one(1, 2), one(1, 100), one(1, 100)], 11, [2, 4, 4]],
    ["by how many there are of each", [one(1, 100, 2), one(1, 100)], 9, [3, 3]],
    ["nothing for what is never made", [one(5, 100, 0), one(1, 100)], 9, [100, 9]],
    ["just enough to begin", [one(4, 100), one(6, 100)], 10, [4, 6]],
    ["not even that", [one(5, 100), one(6, 100)], 10, undefined],
  ])("%s", (_title, items, limit, expected) => {
    expect(shareLimit(items, limit)).toEqual(expected);
  });

  test("never more than the limit, never less than the first size, and nothing is left that somebody could take", () => {
    const item = record({
      count: integer({ min: 1, max: 4 }),
      min: integer({ min: 0, max: 50 }),
      room: integer({ min: 0, max: 500 }),
    }).map(({ count, min, room }) => one(min, min + room, count));
    assert(
      property(array(item, { maxLength: 8 }), integer({ min: 0, max: 2000 }), (items, limit) => {
        const first = items.reduce((sum, { count, min }) => sum + count * min, 0);
        const maxima = shareLimit(items, limit);
        expect(maxima === undefined).toBe(first > limit);
        if (maxima === undefined) return;
        const total = items.reduce((sum, { count }, index) => sum + count * (maxima[index] ?? 0), 0);
        const takers = items.filter(({ max }, index) => (maxima[index] ?? 0) < max);
        const least = takers.reduce((sum, { count }) => sum + count, 0);
        for (const [index, { min, max }] of items.entries()) {
          expect(maxima[index]).toBeGreaterThanOrEqual(min);
          expect(maxima[index]).toBeLessThanOrEqual(max);
        }
        expect(total).toBeLessThanOrEqual(limit);
        expect(takers.length === 0 || limit - total < least).toBe(true);
      }),
      { seed: 7, numRuns: 300 },
    );
  });
});
