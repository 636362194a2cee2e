/** Decoded worlds on disk, by what they were decoded from. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { deserialize, serialize } from "node:v8";
import type { WorldType } from "../../shared/wit/types.ts";
import { discardEntry, findEntry, storeAtomically } from "../cache.ts";

/** Raised when `WorldType`, or what the decoder puts into it, changes. */
const FORMAT_VERSION = 1;

const KIND = "wit";
const FILE = "world.bin";
const DIGEST_BYTES = 32;

/** The key of a text and the world chosen in it; tool versions are part of the cache's own paths. */
export function worldKey(text: string, world: string): string {
  const inputs = [`world ${FORMAT_VERSION}`, `v8 ${process.versions.v8}`, world, text];
  return createHash("sha256").update(JSON.stringify(inputs)).digest("hex");
}

/** A stored world; an entry that cannot be read is removed and counts as none. */
export function readCachedWorld(cacheFolder: string, key: string): WorldType | undefined {
  const folder = findEntry(cacheFolder, KIND, key);
  if (folder === undefined) return undefined;
  const world = readWorld(join(folder, FILE));
  if (world === undefined) discardEntry(folder);
  return world;
}

export function storeCachedWorld(cacheFolder: string, key: string, world: WorldType): void {
  // V8's format keeps shared objects shared, which JSON would not.
  const payload = serialize(world);
  storeAtomically(cacheFolder, KIND, key, { [FILE]: Buffer.concat([digest(payload), payload]) });
}

function readWorld(path: string): WorldType | undefined {
  let stored: Buffer;
  try {
    stored = readFileSync(path);
  } catch {
    return undefined;
  }
  const payload = stored.subarray(DIGEST_BYTES);
  if (!digest(payload).equals(stored.subarray(0, DIGEST_BYTES))) return undefined;
  try {
    // The digest says that these bytes are what `storeCachedWorld` wrote.
    const world: WorldType = deserialize(payload);
    return world;
  } catch {
    return undefined;
  }
}

function digest(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}
