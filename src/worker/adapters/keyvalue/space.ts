/** What the rules of the store need of whatever keeps its bytes. */
import type { BucketsError } from "./bindings.ts";

/** How much all buckets hold together. */
export interface Usage {
  readonly keys: number;
  /** Of keys (in UTF-8) and values. */
  readonly bytes: number;
}

/** Keys are held within the limits by the caller; a bucket is there while it has keys. */
export interface Space {
  readonly usage: Usage;
  has(bucket: string, key: string): boolean;
  /** What is given stays as it is, whatever is written later. */
  get(bucket: string, key: string): Uint8Array | undefined;
  put(bucket: string, key: string, value: Uint8Array): void;
  /** Whether the key was there. */
  remove(bucket: string, key: string): boolean;
  /** All keys, in the space's own order. */
  list(bucket: string): readonly string[];
  /** Keys that begin with `prefix` and come after `after`, by their UTF-8 bytes; at most `limit`. */
  page(bucket: string, prefix: string, after: string | undefined, limit: number): readonly string[];
  /** Names, sorted; without the nameless bucket, which belongs to the interface `store`. */
  buckets(): readonly string[];
  /** Runs an action that reads one state. */
  read<T>(action: () => T): T;
  /** Runs an action that may write: all of it, or nothing when it throws. */
  write<T>(action: () => T): T;
}

/** What a guest is told instead of a result; thrown inside `Space.write`, it undoes what was written. */
export class Refusal extends Error {
  readonly reason: BucketsError;

  constructor(reason: BucketsError) {
    super(reason.tag);
    this.reason = reason;
  }
}
