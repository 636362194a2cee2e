import { execFile } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import {
  defaultCacheFolder,
  discardEntry,
  entryPath,
  findEntry,
  storeAtomically,
  toolVersionsKey,
  usePrivateFolder,
} from "../../src/main/cache.ts";
import { temporaryFolder } from "../support/temporary.ts";

test("the default folder follows the environment", () => {
  expect(defaultCacheFolder({ HOSTBUNDLE_CACHE_DIR: "/a/b", XDG_CACHE_HOME: "/x" })).toBe("/a/b");
  expect(defaultCacheFolder({ HOSTBUNDLE_CACHE_DIR: "", XDG_CACHE_HOME: "/x" })).toBe("/x/hostbundle");
  expect(defaultCacheFolder({ XDG_CACHE_HOME: "relative" }).startsWith(homedir())).toBe(true);
});

test("what was stored is found, under a path that names the tool versions", () => {
  const cache = temporaryFolder();
  expect(findEntry(cache, "image", "00")).toBeUndefined();
  const folder = storeAtomically(cache, "image", "00", { "a.js": "text", "b.wasm": Uint8Array.of(1, 2) });
  expect(folder).toBe(entryPath(cache, "image", "00"));
  expect(folder).toContain(toolVersionsKey());
  expect(findEntry(cache, "image", "00")).toBe(folder);
  expect(readFileSync(join(folder, "a.js"), "utf8")).toBe("text");
  expect([...readFileSync(join(folder, "b.wasm"))]).toEqual([1, 2]);
});

test("the second to store a key uses the first one's files and leaves nothing behind", () => {
  const cache = temporaryFolder();
  const first = storeAtomically(cache, "image", "00", { f: "first" });
  const second = storeAtomically(cache, "image", "00", { f: "second" });
  expect(second).toBe(first);
  expect(readFileSync(join(second, "f"), "utf8")).toBe("first");
  expect(readdirSync(dirname(first))).toEqual(["00"]);
});

test("several processes storing one key at once all end with the same complete entry", async () => {
  const cache = temporaryFolder();
  const module = new URL("../../dist/main/cache.js", import.meta.url).href;
  const script = `
    import { storeAtomically } from ${JSON.stringify(module)};
    const files = Object.fromEntries(Array.from({ length: 20 }, (_, i) => ["f" + i, "x".repeat(1000)]));
    console.log(storeAtomically(${JSON.stringify(cache)}, "image", "00", files));`;
  const run = promisify(execFile);
  const outputs = await Promise.all(
    Array.from({ length: 4 }, () => run(process.execPath, ["--input-type=module", "-e", script])),
  );
  const folder = entryPath(cache, "image", "00");
  expect(new Set(outputs.map((output) => output.stdout.trim()))).toEqual(new Set([folder]));
  expect(readdirSync(folder)).toHaveLength(20);
  expect(readdirSync(dirname(folder))).toEqual(["00"]);
});

test("a discarded entry can be stored again", () => {
  const cache = temporaryFolder();
  const folder = storeAtomically(cache, "image", "00", { f: "bad" });
  discardEntry(folder);
  expect(findEntry(cache, "image", "00")).toBeUndefined();
  storeAtomically(cache, "image", "00", { f: "good" });
  expect(readFileSync(join(folder, "f"), "utf8")).toBe("good");
});

test("half-written folders of crashed processes are removed once they are old", () => {
  const cache = temporaryFolder();
  const parent = dirname(entryPath(cache, "image", "00"));
  mkdirSync(join(parent, ".tmp-1-old"), { recursive: true });
  mkdirSync(join(parent, ".tmp-1-new"));
  utimesSync(join(parent, ".tmp-1-old"), 0, 0);
  storeAtomically(cache, "image", "00", {});
  expect(readdirSync(parent).toSorted()).toEqual([".tmp-1-new", "00"]);
});

test("a cache that cannot be written falls back to a private folder, removed with its last user", () => {
  const blocked = join(temporaryFolder(), "file");
  // A file in the way refuses also root, whom permissions do not stop.
  writeFileSync(blocked, "");
  const release = usePrivateFolder();
  const folder = storeAtomically(blocked, "image", "00", { f: "text" });
  expect(readFileSync(join(folder, "f"), "utf8")).toBe("text");
  expect(findEntry(blocked, "image", "00")).toBe(folder);
  const other = usePrivateFolder();
  release();
  release();
  expect(existsSync(folder)).toBe(true);
  other();
  expect(existsSync(folder)).toBe(false);
  expect(findEntry(blocked, "image", "00")).toBeUndefined();
});

test.skipIf(process.getuid?.() === 0)("a read-only cache still serves what it holds", () => {
  const cache = temporaryFolder();
  const folder = storeAtomically(cache, "image", "00", { f: "text" });
  chmodSync(dirname(folder), 0o500);
  const release = usePrivateFolder();
  expect(findEntry(cache, "image", "00")).toBe(folder);
  expect(storeAtomically(cache, "image", "01", { f: "other" })).not.toContain(cache);
  chmodSync(dirname(folder), 0o700);
  release();
});
