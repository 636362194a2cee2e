/** `keyvalue:store/buckets`: bytes under strings, in buckets with names. */
import { err, ok } from "../result.ts";
import type { Result } from "../types.ts";
import type { Buckets, BucketsBucket, BucketsChange, BucketsError, BucketsPage } from "./bindings.ts";
import type { Keyspace } from "./keyspace.ts";
import { Refusal } from "./space.ts";
import { decode, encode } from "./text.ts";

const NAME = /^[A-Za-z0-9._-]{1,64}$/;

/** What one call makes of the store at once. */
const MAX_PAGE_KEYS = 1000;
const MAX_MANY_BYTES = 64 * 1024 ** 2;

const NUMBER = /^-?\d{1,19}$/;
/** With the sign. */
const MAX_DIGITS = 20;

/** The interface for one run: its class makes buckets of this keyspace only. */
export function bucketsOf(keyspace: Keyspace): Buckets {
  class RunBucket extends Bucket {
    static open(name: string): Result<Bucket, BucketsError> {
      return NAME.test(name) ? ok(new RunBucket(keyspace, name)) : err({ tag: "invalid-name" });
    }
  }
  return {
    listBuckets: () => attempt(() => keyspace.read((space) => space.buckets())),
    Bucket: RunBucket,
  };
}

/** A name: there is nothing to dispose of. */
class Bucket implements BucketsBucket {
  readonly #keyspace: Keyspace;
  readonly #name: string;

  constructor(keyspace: Keyspace, name: string) {
    this.#keyspace = keyspace;
    this.#name = name;
  }

  get(key: string): Result<Uint8Array | undefined, BucketsError> {
    return attempt(() => this.#keyspace.read((space) => space.get(this.#name, key)));
  }

  getMany(keys: readonly string[]): Result<readonly (Uint8Array | undefined)[], BucketsError> {
    return attempt(() =>
      this.#keyspace.read((space) => {
        // The same key again costs nothing.
        const found = new Map<string, Uint8Array | undefined>();
        let bytes = 0;
        return keys.map((key) => {
          if (found.has(key)) return found.get(key);
          const value = space.get(this.#name, key);
          found.set(key, value);
          bytes += value?.byteLength ?? 0;
          if (bytes > MAX_MANY_BYTES)
            throw new Refusal({ tag: "value-too-large", val: BigInt(MAX_MANY_BYTES) });
          return value;
        });
      }),
    );
  }

  exists(key: string): Result<boolean, BucketsError> {
    return attempt(() => this.#keyspace.read((space) => space.has(this.#name, key)));
  }

  set(key: string, value: Uint8Array): Result<undefined, BucketsError> {
    return perform(() => this.#keyspace.write(() => this.#keyspace.put(this.#name, key, value)));
  }

  delete(key: string): Result<boolean, BucketsError> {
    return attempt(() => this.#keyspace.write((space) => space.remove(this.#name, key)));
  }

  keys(prefix: string, after: string | undefined, limit: number): Result<BucketsPage, BucketsError> {
    const size = Math.min(limit, MAX_PAGE_KEYS);
    if (size === 0) return ok({ keys: [] });
    return attempt(() => {
      // One more, to know whether there are more.
      const found = this.#keyspace.read((space) => space.page(this.#name, prefix, after, size + 1));
      const keys = found.slice(0, size);
      return found.length > size ? { keys, next: keys.at(-1) } : { keys };
    });
  }

  increment(key: string, delta: bigint): Result<bigint, BucketsError> {
    return attempt(() =>
      this.#keyspace.write((space) => {
        const old = space.get(this.#name, key);
        const sum = (old === undefined ? 0n : numberOf(old)) + delta;
        if (BigInt.asIntN(64, sum) !== sum) throw new Refusal({ tag: "not-a-number" });
        this.#keyspace.put(this.#name, key, encode(String(sum)));
        return sum;
      }),
    );
  }

  apply(changes: readonly BucketsChange[]): Result<undefined, BucketsError> {
    return perform(() =>
      this.#keyspace.write((space) => {
        for (const [index, { key, expected, value }] of changes.entries()) {
          if (!isExpected(expected, space.get(this.#name, key)))
            throw new Refusal({ tag: "conflict", val: index });
          if (value === undefined) space.remove(this.#name, key);
          else this.#keyspace.put(this.#name, key, value);
        }
      }),
    );
  }

  clear(): Result<undefined, BucketsError> {
    return perform(() => this.#keyspace.write(() => this.#keyspace.clear(this.#name)));
  }
}

function isExpected(expected: BucketsChange["expected"], value: Uint8Array | undefined): boolean {
  switch (expected.tag) {
    case "anything":
      return true;
    case "absent":
      return value === undefined;
    case "value":
      return value !== undefined && Buffer.compare(value, expected.val) === 0;
  }
}

function numberOf(bytes: Uint8Array): bigint {
  const text = bytes.length <= MAX_DIGITS ? decode(bytes) : "";
  const number = NUMBER.test(text) ? BigInt(text) : undefined;
  if (number === undefined || BigInt.asIntN(64, number) !== number)
    throw new Refusal({ tag: "not-a-number" });
  return number;
}

function attempt<T>(action: () => T): Result<T, BucketsError> {
  try {
    return ok(action());
  } catch (error) {
    if (error instanceof Refusal) return err(error.reason);
    throw error;
  }
}

function perform(action: () => void): Result<undefined, BucketsError> {
  const result = attempt(action);
  return result.tag === "ok" ? ok() : result;
}
