/**
 * A component file → an image in the cache that workers instantiate: the module that jco prints, the core
 * modules, and the decoded world. The second run of a component transpiles nothing and loads neither jco nor
 * the decoder.
 */
import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { deserialize, serialize } from "node:v8";
import type { ComponentImage } from "../../shared/protocol.ts";
import type { WorldType } from "../../shared/wit/types.ts";
import { defaultCacheFolder, discardEntry, findEntry, storeAtomically } from "../cache.ts";
import { readComponent } from "./read.ts";

const META_FILE = "meta.bin";

/** What `meta.bin` holds, by `v8.serialize`: it keeps the sharing of types that JSON would expand. */
interface ImageMeta {
  readonly world: WorldType;
  readonly entry: string;
  /** Every other file of the entry and its length, so that a damaged entry is noticed. */
  readonly files: readonly (readonly [name: string, lengthBytes: number])[];
}

/**
 * Reads, checks and transpiles a component, or finds it in the cache.
 * Throws COMPONENT_INVALID: unreadable, too large, not a component, or one that jco refuses.
 */
export async function loadImage(
  path: string,
  options: { readonly cacheFolder?: string } = {},
): Promise<ComponentImage> {
  const cacheFolder = options.cacheFolder ?? defaultCacheFolder();
  const bytes = readComponent(path);
  const digest = createHash("sha256").update(bytes).digest("hex");
  const found = findEntry(cacheFolder, "image", digest);
  const stored = found === undefined ? undefined : readEntry(found);
  if (found !== undefined && stored === undefined) discardEntry(found);
  const entry = stored ?? (await createEntry(bytes, path, cacheFolder, digest));
  const coreModules = entry.meta.files.map(([name]) => name).filter((name) => name.endsWith(".wasm"));
  return {
    digest,
    path: resolve(path),
    world: entry.meta.world,
    folder: entry.folder,
    entry: entry.meta.entry,
    coreModules,
  };
}

interface Entry {
  readonly folder: string;
  readonly meta: ImageMeta;
}

/** The entry if it is whole. */
function readEntry(folder: string): Entry | undefined {
  try {
    const meta = deserialize(readFileSync(join(folder, META_FILE)));
    if (!isMeta(meta)) return undefined;
    const whole = meta.files.every(([name, length]) => statSync(join(folder, name)).size === length);
    return whole ? { folder, meta } : undefined;
  } catch {
    // A file is missing, cut off or not ours: whatever is wrong with the entry, it is made again.
    return undefined;
  }
}

function isMeta(meta: unknown): meta is ImageMeta {
  return typeof meta === "object" && meta !== null && "world" in meta && "entry" in meta && "files" in meta;
}

async function createEntry(
  bytes: Uint8Array,
  path: string,
  cacheFolder: string,
  digest: string,
): Promise<Entry> {
  const { decodeComponent } = await import("./decode.ts");
  const world = decodeComponent(bytes, path);
  const { transpile } = await import("./transpile.ts");
  const { entry, files } = await transpile(bytes, path, world);
  const meta: ImageMeta = {
    world,
    entry,
    files: Object.entries(files).map(([name, content]) => [name, content.length]),
  };
  const folder = storeAtomically(cacheFolder, "image", digest, { ...files, [META_FILE]: serialize(meta) });
  return { folder, meta };
}
