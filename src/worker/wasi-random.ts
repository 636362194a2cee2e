/** `wasi:random`; `insecure` is as good as `random`. */
import { randomFillSync } from "node:crypto";
import { HostbundleError } from "../shared/errors.ts";
import type { Functions } from "./shim.ts";

const POOL_BYTES = 4096;

/** A call to the generator costs as much as a hundred numbers: it fills this, and what is given is wiped at once. */
const pool = new Uint8Array(POOL_BYTES);
const words = new BigUint64Array(pool.buffer);
/** What is before this has been given away. A multiple of 8. */
let offset = POOL_BYTES;

/** The longest list there is in the Canonical ABI, in bytes. */
const MAX_RANDOM_BYTES = 2n ** 28n - 1n;

function getRandomBytes(length: bigint): Uint8Array {
  if (length > MAX_RANDOM_BYTES) {
    throw new HostbundleError(
      "TRAP",
      `the guest trapped: it asked for ${length} random bytes, a list has at most ${MAX_RANDOM_BYTES}`,
    );
  }
  const count = Number(length);
  if (count > POOL_BYTES / 4) return randomFillSync(new Uint8Array(count));
  if (offset + count > POOL_BYTES) refill();
  const end = offset + count;
  const bytes = pool.slice(offset, end);
  pool.fill(0, offset, end);
  offset = (end + 7) & ~7;
  return bytes;
}

function getRandomU64(): bigint {
  if (offset === POOL_BYTES) refill();
  const index = offset >>> 3;
  const word = words[index] ?? 0n;
  words[index] = 0n;
  offset += 8;
  return word;
}

function refill(): void {
  randomFillSync(pool);
  offset = 0;
}

/** Imports by interface name. */
export const RANDOM = {
  random: { getRandomBytes, getRandomU64 },
  insecure: { getInsecureRandomBytes: getRandomBytes, getInsecureRandomU64: getRandomU64 },
  "insecure-seed": { insecureSeed: (): readonly bigint[] => [getRandomU64(), getRandomU64()] },
} satisfies Readonly<Record<string, Functions>>;
