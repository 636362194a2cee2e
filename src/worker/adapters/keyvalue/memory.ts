/** Buckets in memory. */
import type { Space } from "./space.ts";

const NONE: ReadonlyMap<string, Uint8Array> = new Map();

export class MemorySpace implements Space {
  readonly #buckets = new Map<string, Map<string, Uint8Array>>();
  /** By bucket: its keys in order, for `page`. */
  readonly #sorted = new Map<string, readonly string[]>();
  #keys = 0;
  #bytes = 0;
  /** What undoes the steps of the write that runs, in their order. */
  #undo: (() => void)[] | undefined;

  get usage(): { readonly keys: number; readonly bytes: number } {
    return { keys: this.#keys, bytes: this.#bytes };
  }

  has(bucket: string, key: string): boolean {
    return this.#bucket(bucket).has(key);
  }

  get(bucket: string, key: string): Uint8Array | undefined {
    return this.#bucket(bucket).get(key);
  }

  put(bucket: string, key: string, value: Uint8Array): void {
    const old = this.get(bucket, key);
    this.#undo?.push(() => (old === undefined ? this.#remove(bucket, key) : this.#put(bucket, key, old)));
    this.#put(bucket, key, value);
  }

  remove(bucket: string, key: string): boolean {
    const old = this.get(bucket, key);
    if (old === undefined) return false;
    this.#undo?.push(() => this.#put(bucket, key, old));
    this.#remove(bucket, key);
    return true;
  }

  /** In the order in which they were set. */
  list(bucket: string): readonly string[] {
    return [...this.#bucket(bucket).keys()];
  }

  page(bucket: string, prefix: string, after: string | undefined, limit: number): readonly string[] {
    const sorted = this.#sortedKeys(bucket);
    const isPast = after !== undefined && byUtf8(after, prefix) >= 0;
    const start = isPast
      ? firstIndex(sorted, (key) => byUtf8(key, after) > 0)
      : firstIndex(sorted, (key) => byUtf8(key, prefix) >= 0);
    const page: string[] = [];
    for (let index = start; index < sorted.length && page.length < limit; index += 1) {
      const key = sorted[index] ?? "";
      if (!key.startsWith(prefix)) break;
      page.push(key);
    }
    return page;
  }

  buckets(): readonly string[] {
    return [...this.#buckets.keys()].filter((name) => name !== "").toSorted(byUtf8);
  }

  read<T>(action: () => T): T {
    return action();
  }

  write<T>(action: () => T): T {
    const undo: (() => void)[] = [];
    this.#undo = undo;
    try {
      return action();
    } catch (error) {
      for (const step of undo.toReversed()) step();
      throw error;
    } finally {
      this.#undo = undefined;
    }
  }

  #bucket(bucket: string): ReadonlyMap<string, Uint8Array> {
    return this.#buckets.get(bucket) ?? NONE;
  }

  #put(bucket: string, key: string, value: Uint8Array): void {
    let entries = this.#buckets.get(bucket);
    if (entries === undefined) this.#buckets.set(bucket, (entries = new Map()));
    const old = entries.get(key);
    entries.set(key, value);
    this.#bytes += value.byteLength - (old?.byteLength ?? 0);
    if (old !== undefined) return;
    this.#keys += 1;
    this.#bytes += Buffer.byteLength(key);
    this.#sorted.delete(bucket);
  }

  #remove(bucket: string, key: string): void {
    const entries = this.#buckets.get(bucket);
    const old = entries?.get(key);
    if (entries === undefined || old === undefined) return;
    entries.delete(key);
    if (entries.size === 0) this.#buckets.delete(bucket);
    this.#keys -= 1;
    this.#bytes -= Buffer.byteLength(key) + old.byteLength;
    this.#sorted.delete(bucket);
  }

  #sortedKeys(bucket: string): readonly string[] {
    const known = this.#sorted.get(bucket);
    if (known !== undefined) return known;
    const sorted = this.list(bucket).toSorted(byUtf8);
    this.#sorted.set(bucket, sorted);
    return sorted;
  }
}

/** Where the order of UTF-16 units differs from that of UTF-8 bytes: surrogates come after everything else there. */
function byUtf8(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index += 1) {
    const one = left.charCodeAt(index);
    const other = right.charCodeAt(index);
    if (one !== other) return rank(one) - rank(other);
  }
  return left.length - right.length;
}

function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x1_0000 : unit;
}

/** The first position of a sorted list from which on `holds`. */
function firstIndex(sorted: readonly string[], holds: (key: string) => boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(sorted[middle] ?? "")) high = middle;
    else low = middle + 1;
  }
  return low;
}
