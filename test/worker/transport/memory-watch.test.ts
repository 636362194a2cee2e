import { describe, expect, test } from "vitest";
import { nativeGrowthBytes } from "../../../src/shared/limits.ts";
import { watchedBytes } from "../../../src/worker/transport/memory-watch.ts";

const MIB = 1024 ** 2;

describe.skipIf(process.platform !== "linux")("what is watched (Linux)", () => {
  test("nothing, where native memory is not limited", () => {
    expect(watchedBytes({})).toBeUndefined();
    expect(watchedBytes({ memoryBytes: MIB })).toBeUndefined();
  });

  test.each([
    { nativeBytes: 0 },
    { nativeBytes: 64 * MIB, memoryBytes: 0 },
    { nativeBytes: MIB, memoryBytes: MIB },
  ])("%o: what the system has refused comes first", (limits) => {
    const system = nativeGrowthBytes(limits) ?? 0;
    expect(watchedBytes(limits)).toBeGreaterThanOrEqual(system + 16 * MIB);
    expect(watchedBytes(limits)).toBeLessThanOrEqual(system + 64 * MIB);
  });
});
