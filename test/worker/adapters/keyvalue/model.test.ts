/** Both kinds of store against a Map with the rules written down anew. */
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type {
  Buckets,
  BucketsBucket,
  BucketsChange,
  Store,
} from "../../../../src/worker/adapters/keyvalue/bindings.ts";
import { temporaryFolder } from "../../../support/temporary.ts";
import { bucket, bytes, open, run, type Run } from "./open.ts";

const folder = temporaryFolder();
const LIMITS = { "max-keys": 6, "max-key-bytes": 6, "max-value-bytes": 12, "max-total-bytes": 48 };

/** Texts that sort otherwise as UTF-16, and those that touch how entries are told apart. */
const KEY = fc.constantFrom(
  "",
  "a",
  "aa",
  "ab",
  "b",
  "\0",
  "a\0",
  "a\0b",
  "é",
  "\u{ffff}",
  "\u{1f600}",
  "toolongkey",
);
const VALUE = fc.constantFrom("", "1", "-7", "9223372036854775807", "x", "twelve bytes", "thirteen byte");
const NAME = fc.constantFrom("one", "two", "one.two");

type Op =
  | readonly ["store-set", string, string]
  | readonly ["store-get" | "store-delete" | "store-exists", string]
  | readonly ["store-list" | "store-clear" | "list-buckets"]
  | readonly ["get" | "exists" | "delete", string, string]
  | readonly ["set", string, string, string]
  | readonly ["increment", string, string, bigint]
  | readonly ["keys", string, string, string | undefined, number]
  | readonly ["get-many", string, readonly string[]]
  | readonly ["apply", string, readonly ModelChange[]]
  | readonly ["clear", string];

interface ModelChange {
  readonly key: string;
  readonly expected: string | undefined | null;
  readonly value: string | undefined;
}

const CHANGE: fc.Arbitrary<ModelChange> = fc.record({
  key: KEY,
  // `undefined`: anything; `null`: absent.
  expected: fc.option(fc.option(VALUE), { nil: undefined, freq: 2 }),
  value: fc.option(VALUE, { nil: undefined }),
});

const OP: fc.Arbitrary<Op> = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(fc.constant("store-set" as const), KEY, VALUE) },
  fc.tuple(fc.constantFrom("store-get" as const, "store-delete" as const, "store-exists" as const), KEY),
  fc.tuple(fc.constantFrom("store-list" as const, "store-clear" as const, "list-buckets" as const)),
  fc.tuple(fc.constantFrom("get" as const, "exists" as const, "delete" as const), NAME, KEY),
  { weight: 4, arbitrary: fc.tuple(fc.constant("set" as const), NAME, KEY, VALUE) },
  fc.tuple(
    fc.constant("increment" as const),
    NAME,
    KEY,
    fc.constantFrom(1n, -1n, 2n ** 63n - 1n, -(2n ** 63n)),
  ),
  fc.tuple(
    fc.constant("keys" as const),
    NAME,
    fc.constantFrom("", "a", "\u{d7ff}", "toolongkey"),
    fc.option(KEY, { nil: undefined }),
    fc.integer({ min: 0, max: 3 }),
  ),
  fc.tuple(fc.constant("get-many" as const), NAME, fc.array(KEY, { maxLength: 3 })),
  { weight: 2, arbitrary: fc.tuple(fc.constant("apply" as const), NAME, fc.array(CHANGE, { maxLength: 3 })) },
  fc.tuple(fc.constant("clear" as const), NAME),
);

/** The bucket of the interface `store`. */
const STORE = "\0store";

class Model {
  #entries = new Map<string, Map<string, string>>();
  /** Whether the store keeps the order in which keys were set. */
  readonly #isOrdered: boolean;

  constructor(isOrdered: boolean) {
    this.#isOrdered = isOrdered;
  }

  apply(op: Op): unknown {
    switch (op[0]) {
      case "store-set":
        if (this.#bucket(STORE).has(op[1])) return err("key-exists");
        return this.#write(
          () => this.#put(STORE, op[1], op[2]),
          (count) => err("full", count),
        );
      case "store-get":
        return this.#bucket(STORE).get(op[1]);
      case "store-delete":
        return this.#bucket(STORE).delete(op[1]) ? ok() : err("no-such-key");
      case "store-exists":
        return this.#bucket(STORE).has(op[1]);
      case "store-list":
        return this.#isOrdered ? [...this.#bucket(STORE).keys()] : this.#sorted(STORE);
      case "store-clear":
        this.#bucket(STORE).clear();
        return undefined;
      case "list-buckets":
        return ok(["one", "one.two", "two"].filter((name) => this.#bucket(name).size > 0));
      case "get":
        return ok(this.#bucket(op[1]).get(op[2]));
      case "exists":
        return ok(this.#bucket(op[1]).has(op[2]));
      case "delete":
        return ok(this.#bucket(op[1]).delete(op[2]));
      case "set":
        return this.#write(() => this.#put(op[1], op[2], op[3]));
      case "increment":
        return this.#increment(op[1], op[2], op[3]);
      case "keys": {
        const [, name, prefix, after, limit] = op;
        const all = this.#sorted(name).filter(
          (key) => key.startsWith(prefix) && (after === undefined || utf8(key, after) > 0),
        );
        const keys = all.slice(0, limit);
        return ok(all.length > limit && limit > 0 ? { keys, next: keys.at(-1) } : { keys });
      }
      case "get-many":
        return ok(op[2].map((key) => this.#bucket(op[1]).get(key)));
      case "apply":
        return this.#write(() => {
          for (const [index, { key, expected, value }] of op[2].entries()) {
            const old = this.#bucket(op[1]).get(key);
            if (expected !== undefined && (expected ?? undefined) !== old)
              throw new Refused(err("conflict", index));
            if (value === undefined) this.#bucket(op[1]).delete(key);
            else this.#put(op[1], key, value);
          }
        });
      case "clear":
        this.#bucket(op[1]).clear();
        return ok();
    }
  }

  #increment(name: string, key: string, delta: bigint): unknown {
    const old = this.#bucket(name).get(key) ?? "0";
    if (!/^-?\d+$/.test(old)) return err("not-a-number");
    const sum = BigInt(old) + delta;
    if (sum < -(2n ** 63n) || sum >= 2n ** 63n) return err("not-a-number");
    const result = this.#write(() => this.#put(name, key, String(sum)));
    return isOk(result) ? ok(sum) : result;
  }

  #put(name: string, key: string, value: string): void {
    if (size(key) > LIMITS["max-key-bytes"]) throw new Refused(err("key-too-long", 6));
    if (size(value) > LIMITS["max-value-bytes"]) throw new Refused(err("value-too-large", 12n));
    this.#bucket(name).set(key, value);
    const all = [...this.#entries.values()].flatMap((entries) => Array.from(entries));
    const total = all.reduce((sum, [each, held]) => sum + size(each) + size(held), 0);
    if (all.length > LIMITS["max-keys"] || total > LIMITS["max-total-bytes"]) throw new Refused(err("full"));
  }

  #write(action: () => void, refused?: (count: number) => unknown): unknown {
    const before = new Map([...this.#entries].map(([name, entries]) => [name, new Map(entries)]));
    try {
      action();
      return ok();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#entries = before;
      return refused?.([...before.values()].reduce((sum, entries) => sum + entries.size, 0)) ?? error.result;
    }
  }

  #bucket(name: string): Map<string, string> {
    const entries = this.#entries.get(name) ?? new Map<string, string>();
    this.#entries.set(name, entries);
    return entries;
  }

  #sorted(name: string): string[] {
    return [...this.#bucket(name).keys()].toSorted(utf8);
  }
}

class Refused extends Error {
  readonly result: unknown;

  constructor(result: unknown) {
    super("refused");
    this.result = result;
  }
}

const ok = (val?: unknown): object => ({ tag: "ok", val });
const err = (tag: string, val?: unknown): object => ({
  tag: "err",
  val: val === undefined ? { tag } : { tag, val },
});
const isOk = (result: unknown): boolean =>
  typeof result === "object" && result !== null && "tag" in result && result.tag === "ok";
const size = (text: string): number => bytes(text).length;
const utf8 = (left: string, right: string): number => Buffer.compare(bytes(left), bytes(right));

/** The same on the adapter, values as text. */
function perform({ store, buckets }: Run, op: Op): unknown {
  if (op[0].startsWith("store-") || op[0] === "list-buckets") return performStore(store, buckets, op);
  return performBucket(bucket({ store, buckets }, op[1]), op);
}

function performStore(store: Store, buckets: Buckets, op: Op): unknown {
  switch (op[0]) {
    case "store-set":
      return store.set(op[1], op[2]);
    case "store-get":
      return store.get(op[1]);
    case "store-delete":
      return store.delete(op[1]);
    case "store-exists":
      return store.exists(op[1]);
    case "store-list":
      return store.listKeys();
    case "store-clear":
      return store.clear();
    default:
      return buckets.listBuckets();
  }
}

function performBucket(on: BucketsBucket, op: Op): unknown {
  switch (op[0]) {
    case "get":
      return on.get(op[2]);
    case "exists":
      return on.exists(op[2]);
    case "delete":
      return on.delete(op[2]);
    case "set":
      return on.set(op[2], bytes(op[3]));
    case "increment":
      return on.increment(op[2], op[3]);
    case "keys":
      return on.keys(op[2], op[3], op[4]);
    case "get-many":
      return on.getMany(op[2]);
    case "apply":
      return on.apply(op[2].map(toChange));
    case "clear":
      return on.clear();
    default:
      throw new TypeError(op[0]);
  }
}

function toChange({ key, expected, value }: ModelChange): BucketsChange {
  return {
    key,
    expected:
      expected === undefined
        ? { tag: "anything" }
        : expected === null
          ? { tag: "absent" }
          : { tag: "value", val: bytes(expected) },
    value: value === undefined ? undefined : bytes(value),
  };
}

/** Bytes as the text that they are: one way for both sides to be compared. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString();
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
}

describe.each([
  ["in memory", {}, 300],
  ["in a file", { path: join(folder, "model.lmdb") }, 25],
])("%s", (_title, where, numRuns) => {
  test("behaves as the model does", () => {
    const opened = open({ ...LIMITS, ...where });
    fc.assert(
      fc.property(fc.array(OP, { minLength: 10, maxLength: 40 }), (ops) => {
        const serving = run(opened);
        // A file remembers the sequence before.
        serving.store.clear();
        for (const name of ["one", "two", "one.two"]) bucket(serving, name).clear();
        const model = new Model(!("path" in where));
        for (const op of ops) expect([op[0], plain(perform(serving, op))]).toEqual([op[0], model.apply(op)]);
      }),
      { seed: 42, numRuns },
    );
    opened.close?.();
  });
});
