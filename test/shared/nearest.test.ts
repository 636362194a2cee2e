import { describe, expect, it } from "vitest";
import { nearest } from "../../src/shared/nearest.ts";

describe("nearest", () => {
  it.each<[word: string, candidates: string[], expected: string | undefined]>([
    ["naem", ["name", "lib", "wit"], "name"],
    ["libs", ["name", "lib", "wit"], "lib"],
    ["thread-safe", ["threadsafe", "free"], "threadsafe"],
    ["search-paths", ["search_paths", "hosts"], "search_paths"],
    ["HOST", ["host"], "host"],
    ["--host-bundel", ["--host-bundle", "--host-config"], "--host-bundle"],
    ["zzz", ["name", "lib", "wit"], undefined],
    ["a", ["b", "c"], undefined],
    ["name", ["name"], undefined],
    ["", ["a", "name"], undefined],
    ["x".repeat(100_000), ["x".repeat(100_001)], undefined],
    ["abcd", ["abcx", "abcy"], "abcx"],
    ["list-key", ["list-kexs", "list-keys"], "list-keys"],
  ])("%.20s of %j is %s", (word, candidates, expected) => {
    expect(nearest(word, candidates)).toBe(expected);
  });
});
