/**
 * Buckets in an LMDB file, which several threads and processes may have open. An entry's key is the bucket's name, a
 * zero byte and the key; names have no zero byte. One more entry counts keys and bytes.
 */
import type { RootDatabase } from "lmdb";
import { Refusal, type Space, type Usage } from "./space.ts";

/** No text in UTF-8 begins with this byte. */
const USAGE_KEY = Buffer.from([0xff]);

/** Of a name, a zero byte and a key; no longer one is ever written, and LMDB takes no longer one. */
const MAX_ENTRY_KEY_BYTES = 1536;

export type Database = RootDatabase<Uint8Array, Buffer>;

export class LmdbSpace implements Space {
  readonly #database: Database;
  /** Of the write that runs, as it will be. */
  #usage: { keys: number; bytes: number } | undefined;

  constructor(database: Database) {
    this.#database = database;
  }

  get usage(): Usage {
    return this.#usage === undefined ? this.#storedUsage() : { ...this.#usage };
  }

  has(bucket: string, key: string): boolean {
    const at = entryKey(bucket, key);
    return at.length <= MAX_ENTRY_KEY_BYTES && this.#database.doesExist(at);
  }

  get(bucket: string, key: string): Uint8Array | undefined {
    const at = entryKey(bucket, key);
    return at.length <= MAX_ENTRY_KEY_BYTES ? this.#database.get(at) : undefined;
  }

  put(bucket: string, key: string, value: Uint8Array): void {
    const at = entryKey(bucket, key);
    const old = this.#database.get(at);
    this.#database.putSync(at, value);
    if (old === undefined) this.#count(1, Buffer.byteLength(key) + value.byteLength);
    else this.#count(0, value.byteLength - old.byteLength);
  }

  remove(bucket: string, key: string): boolean {
    const at = entryKey(bucket, key);
    const old = this.get(bucket, key);
    if (old === undefined) return false;
    this.#database.removeSync(at);
    this.#count(-1, -Buffer.byteLength(key) - old.byteLength);
    return true;
  }

  /** By their UTF-8 bytes. */
  list(bucket: string): readonly string[] {
    return this.page(bucket, "", undefined, Infinity);
  }

  page(bucket: string, prefix: string, after: string | undefined, limit: number): readonly string[] {
    const begin = entryKey(bucket, prefix);
    const end = Buffer.from(begin);
    // The last byte is of UTF-8, or the zero after the name: never the highest.
    end[end.length - 1] = (end.at(-1) ?? 0) + 1;
    // The next key there can be has one more byte, a zero.
    const next = after === undefined ? begin : Buffer.concat([entryKey(bucket, after), Buffer.of(0)]);
    // Where a longer key than any is cut, no other key lies between.
    const start = (Buffer.compare(next, begin) > 0 ? next : begin).subarray(0, MAX_ENTRY_KEY_BYTES);
    if (limit === 0 || begin.length > MAX_ENTRY_KEY_BYTES || Buffer.compare(start, end) >= 0) return [];
    const range = limit === Infinity ? { start, end } : { start, end, limit };
    const skipped = bucket.length + 1;
    return Array.from(this.#database.getKeys(range), (key) => key.toString("utf8", skipped));
  }

  buckets(): readonly string[] {
    const names: string[] = [];
    // The entries of the nameless bucket, which is another interface's, come first.
    let start = Buffer.of(1);
    for (;;) {
      const [key] = this.#database.getKeys({ start, end: USAGE_KEY, limit: 1 });
      if (key === undefined) return names;
      const name = key.toString("utf8", 0, key.indexOf(0));
      names.push(name);
      start = Buffer.from(`${name}\u0001`);
    }
  }

  read<T>(action: () => T): T {
    // Else it would be the state that this thread saw first, for as long as the guest runs.
    this.#database.resetReadTxn();
    return asRefusal(action);
  }

  write<T>(action: () => T): T {
    return asRefusal(() =>
      this.#database.transactionSync(() => {
        const before = this.#storedUsage();
        const usage = { ...before };
        this.#usage = usage;
        try {
          const result = action();
          if (usage.keys !== before.keys || usage.bytes !== before.bytes)
            this.#database.putSync(USAGE_KEY, packed(usage));
          return result;
        } finally {
          this.#usage = undefined;
        }
      }),
    );
  }

  close(): void {
    // Nothing waits to be written, so it is closed before this returns.
    void this.#database.close();
  }

  #storedUsage(): Usage {
    const stored = this.#database.get(USAGE_KEY);
    if (stored === undefined) return { keys: 0, bytes: 0 };
    const view = new DataView(stored.buffer, stored.byteOffset, stored.byteLength);
    return { keys: view.getFloat64(0), bytes: view.getFloat64(8) };
  }

  #count(keys: number, bytes: number): void {
    if (this.#usage === undefined) return;
    this.#usage.keys += keys;
    this.#usage.bytes += bytes;
  }
}

function packed({ keys, bytes }: Usage): Buffer {
  const out = Buffer.alloc(16);
  out.writeDoubleBE(keys, 0);
  out.writeDoubleBE(bytes, 8);
  return out;
}

function entryKey(bucket: string, key: string): Buffer {
  return Buffer.from(`${bucket}\0${key}`);
}

/** What LMDB reports, by a number of its own or the system's, is for the guest to know: a full disk, say. */
function asRefusal<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof Error && "code" in error && typeof error.code === "number")
      throw new Refusal({ tag: "storage", val: error.message });
    throw error;
  }
}
