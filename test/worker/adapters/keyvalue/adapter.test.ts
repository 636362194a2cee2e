import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../../support/temporary.ts";
import { bucket, bytes, okOf, open, run, textOf } from "./open.ts";

const folder = temporaryFolder();
let count = 0;
const at = (name: string): string => join(folder, name);

describe("in memory", () => {
  test("nothing is left for the next run, nor seen by another", () => {
    const opened = open();
    const first = run(opened);
    const second = run(opened);
    okOf(first.store.set("key", "value"));
    okOf(bucket(first).set("key", bytes("value")));
    expect(second.store.get("key")).toBeUndefined();
    expect(okOf(bucket(second).get("key"))).toBeUndefined();
    expect(okOf(run(opened).buckets.listBuckets())).toEqual([]);
    expect(first.store.get("key")).toBe("value");
  });

  test("the keys of the store are in the order in which they were set", () => {
    const { store } = run(open());
    for (const key of ["b", "a", "c"]) okOf(store.set(key, ""));
    okOf(store.delete("b"));
    okOf(store.set("b", ""));
    expect(store.listKeys()).toEqual(["a", "c", "b"]);
  });

  test("a bucket's class makes no bucket of another run", () => {
    const opened = open();
    const [one, other] = [run(opened), run(opened)];
    expect(bucket(one)).toBeInstanceOf(one.buckets.Bucket);
    expect(bucket(one)).not.toBeInstanceOf(other.buckets.Bucket);
  });
});

describe.each([
  ["in memory", () => ({})],
  ["in a file", () => ({ path: at(`both-${(count += 1)}.lmdb`) })],
])("%s", (_title, where) => {
  test("names of buckets", () => {
    const { buckets } = run(open(where()));
    const wrong = ["", "a b", "a/b", "ä", "a\0", "a\n", "x".repeat(65)];
    expect(wrong.filter((name) => buckets.Bucket.open(name).tag === "ok")).toEqual([]);
    expect(buckets.Bucket.open("")).toEqual({ tag: "err", val: { tag: "invalid-name" } });
    for (const name of ["a", "A.b_c-1", "..", "x".repeat(64)]) okOf(buckets.Bucket.open(name));
  });

  test("a page has at most 1,000 keys, and says where the next one begins", () => {
    const on = bucket(run(open(where())));
    const names = Array.from({ length: 2500 }, (_, index) => `k${String(index).padStart(4, "0")}`);
    okOf(
      on.apply(
        names.toReversed().map((key) => ({ key, expected: { tag: "absent" }, value: new Uint8Array() })),
      ),
    );
    const seen: string[] = [];
    const sizes: number[] = [];
    let after: string | undefined;
    do {
      const page = okOf(on.keys("k", after, 4_294_967_295));
      seen.push(...page.keys);
      sizes.push(page.keys.length);
      after = page.next;
    } while (after !== undefined);
    expect(sizes).toEqual([1000, 1000, 500]);
    expect(seen).toEqual(names);
    // As many as there are: none follow.
    expect(okOf(on.keys("k1", undefined, 1000)).next).toBeUndefined();
  });

  test("texts come back as they were, byte order marks too", () => {
    const { store } = run(open(where()));
    for (const text of ["\u{feff}", "\u{feff}a\0", "\u{10ffff}", ""]) {
      okOf(store.set(text, text));
      expect(store.get(text)).toBe(text);
    }
    expect(store.listKeys().toSorted()).toEqual(["", "\u{10ffff}", "\u{feff}", "\u{feff}a\0"].toSorted());
  });

  test("a batch with a conflict changes nothing", () => {
    const on = bucket(run(open(where())));
    okOf(on.set("kept", bytes("1")));
    const result = on.apply([
      { key: "new", expected: { tag: "absent" }, value: bytes("x") },
      { key: "kept", expected: { tag: "value", val: bytes("1") } },
      { key: "new", expected: { tag: "absent" }, value: bytes("y") },
    ]);
    expect(result).toEqual({ tag: "err", val: { tag: "conflict", val: 2 } });
    expect([okOf(on.exists("new")), textOf(okOf(on.get("kept")))]).toEqual([false, "1"]);
  });

  test("what was read stays as it was", () => {
    const on = bucket(run(open(where())));
    for (const size of [10, 5_000, 3_000_000]) {
      okOf(on.set("key", new Uint8Array(size).fill(1)));
      const [read = new Uint8Array()] = okOf(on.getMany(["key"]));
      okOf(on.set("key", new Uint8Array(size).fill(2)));
      expect([read.length, read.every((byte) => byte === 1)]).toEqual([size, true]);
      expect(okOf(on.get("key"))?.every((byte) => byte === 2)).toBe(true);
    }
  });

  test("many values at once are bounded, the same one again is not another", () => {
    const on = bucket(run(open({ ...where(), "max-total-bytes": "128MiB" })));
    const names = ["a", "b", "c", "d", "e"];
    for (const name of names) okOf(on.set(name, new Uint8Array(14 * 1024 ** 2)));
    expect(on.getMany(names)).toEqual({
      tag: "err",
      val: { tag: "value-too-large", val: 64n * 1024n ** 2n },
    });
    expect(okOf(on.getMany(Array.from({ length: 100 }, () => "a")))).toHaveLength(100);
  });

  test("keys and prefixes longer than any are never there", () => {
    const on = bucket(run(open(where())));
    okOf(on.set("k", bytes("v")));
    const long = "k".repeat(100_000);
    expect(okOf(on.get(long))).toBeUndefined();
    expect([okOf(on.exists(long)), okOf(on.delete(long))]).toEqual([false, false]);
    expect(okOf(on.keys(long, undefined, 5)).keys).toEqual([]);
    expect(okOf(on.keys("", long, 5)).keys).toEqual([]);
    expect(okOf(on.keys("", "a".repeat(100_000), 5)).keys).toEqual(["k"]);
    expect(on.set(long, bytes(""))).toEqual({ tag: "err", val: { tag: "key-too-long", val: 1024 } });
  });
});

function junk(name: string, text: string): { readonly path: string } {
  writeFileSync(at(name), text);
  return { path: at(name) };
}

describe("in a file", () => {
  test("what one run wrote the next one reads, also after it was closed", () => {
    const path = at("kept.lmdb");
    const opened = open({ path });
    okOf(run(opened).store.set("key", "wörld"));
    okOf(bucket(run(opened)).set("key", bytes("other")));
    expect(run(opened).store.get("key")).toBe("wörld");
    opened.close?.();
    const again = open({ path, "read-only": true });
    expect(run(again).store.listKeys()).toEqual(["key"]);
    expect(okOf(run(again).buckets.listBuckets())).toEqual(["b"]);
    expect(textOf(okOf(bucket(run(again)).get("key")))).toBe("other");
    again.close?.();
  });

  test("two that have it open see at once what the other writes, and count together", () => {
    const path = at("shared.lmdb");
    const [one, other] = [open({ path, "max-keys": 2 }), open({ path, "max-keys": 2 })];
    const [left, right] = [bucket(run(one)), bucket(run(other))];
    expect(okOf(right.get("n"))).toBeUndefined();
    for (const on of [left, right, left, right]) okOf(on.increment("n", 1n));
    expect([textOf(okOf(left.get("n"))), textOf(okOf(right.get("n")))]).toEqual(["4", "4"]);
    okOf(left.set("second", bytes("")));
    expect(right.set("third", bytes(""))).toEqual({ tag: "err", val: { tag: "full" } });
    one.close?.();
    other.close?.();
  });

  test("a store that may hold less than it does can still shrink", () => {
    const path = at("shrink.lmdb");
    const before = open({ path });
    const all = bucket(run(before));
    for (const key of ["a", "b", "c"]) okOf(all.set(key, bytes("12345")));
    before.close?.();
    const on = bucket(run(open({ path, "max-keys": 1, "max-total-bytes": 5 })));
    okOf(on.set("a", bytes("1")));
    expect(on.set("a", bytes("123"))).toEqual({ tag: "err", val: { tag: "full" } });
    expect(okOf(on.delete("b"))).toBe(true);
    expect(on.set("d", bytes(""))).toEqual({ tag: "err", val: { tag: "full" } });
  });

  test("read-only: buckets say so, the small store has no word for it", () => {
    const path = at("fixed.lmdb");
    open({ path }).close?.();
    const serving = run(open({ path, "read-only": true }));
    const on = bucket(serving);
    const refused = { tag: "err", val: { tag: "read-only" } };
    expect([on.set("a", bytes("")), on.delete("a"), on.clear(), on.apply([])]).toEqual(
      Array.from({ length: 4 }, () => refused),
    );
    expect(on.increment("a", 1n)).toEqual(refused);
    for (const write of [() => serving.store.set("a", ""), () => serving.store.clear()]) {
      expect(write).toThrow(
        expect.objectContaining({ code: "HOST_FAULT", message: expect.stringContaining("only be read") }),
      );
    }
  });

  test.each<[string, () => object, string]>([
    ["a file of something else", () => junk("junk.txt", "no database".repeat(1000)), "not a file of LMDB"],
    ["a file cut short", () => junk("short", "x"), "not a file of LMDB"],
    ["a folder", () => ({ path: folder }), "it is not a file"],
    ["a folder that is not there", () => ({ path: at("no/such/kv.lmdb") }), "there is no folder"],
    [
      "nothing, to be read only",
      () => ({ path: at("none.lmdb"), "read-only": true }),
      "there is no such file",
    ],
  ])("%s is refused", (_title, config, message) => {
    const opening = { ...config() };
    expect(() => open(opening)).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID", message: expect.stringContaining(message) }),
    );
  });

  test("an empty file is a new store", () => {
    const opened = open(junk("empty", ""));
    okOf(run(opened).store.set("a", "b"));
    expect(run(opened).store.get("a")).toBe("b");
    opened.close?.();
  });
});

test("what a store in memory keeps holds no more memory than it counts", () => {
  const serving = run(open());
  const on = bucket(serving);
  okOf(serving.store.set("key", "value"));
  okOf(on.increment("n", 1n));
  expect(okOf(on.get("n"))?.buffer.byteLength).toBe(1);
});

describe("limits of the small store", () => {
  test.each([
    ["max-keys", { "max-keys": 1 }, "b", "v"],
    ["max-key-bytes", { "max-key-bytes": 2 }, "ää", "v"],
    ["max-value-bytes", { "max-value-bytes": "1B" }, "b", "vv"],
    ["max-total-bytes", { "max-total-bytes": 3 }, "b", "v"],
  ])("%s: full, with the keys that there are", (_title, config, key, value) => {
    const { store } = run(open(config));
    okOf(store.set("a", "v"));
    expect(store.set(key, value)).toEqual({ tag: "err", val: { tag: "full", val: 1 } });
    expect(store.listKeys()).toEqual(["a"]);
  });
});

describe("config", () => {
  test.each<[string, Record<string, unknown>, readonly string[]]>([
    ["what is no number", { "max-keys": "many" }, ["max-keys"]],
    ["a size that is none", { "max-total-bytes": "64 megs" }, ["max-total-bytes"]],
    ["more keys than full can say", { "max-keys": 2 ** 32 }, ["max-keys must be at most"]],
    ["read-only without a file", { "read-only": true }, ["read-only"]],
    ["keys too long for a file", { path: at("x"), "max-key-bytes": 1025 }, ["at most 1024"]],
    ["a name written otherwise", { max_keys: 1 }, ['unknown key "max_keys"']],
    ["several at once", { "max-keys": -1, "read-only": 1, paht: "x" }, ["max-keys", "read-only", '"paht"']],
  ])("%s", (_title, config, messages) => {
    let thrown: unknown;
    try {
      open(config);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code: "CONFIG_INVALID" });
    const text = JSON.stringify(thrown instanceof Error && "context" in thrown ? thrown.context : "");
    for (const message of messages) expect(text).toContain(JSON.stringify(message).slice(1, -1));
  });
});
