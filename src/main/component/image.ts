/**
 * A component file → an image in the cache that workers instantiate: the plan of its instantiation and its core
 * modules, or where our own linker cannot take it, the module that jco prints. The second run of a component
 * decodes, checks and transpiles nothing.
 */
import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { deserialize, serialize } from "node:v8";
import type { ComponentImage, ImageCode } from "../../shared/protocol.ts";
import type { WorldType } from "../../shared/wit/types.ts";
import { defaultCacheFolder, discardEntry, findEntry, storeAtomically } from "../cache.ts";
import { readComponent } from "./read.ts";

/** Who is to link: our own linker where it can, or always the one or the other. */
export type LinkerChoice = "auto" | "own" | "jco";

const META_FILE = "meta.bin";

/** What `meta.bin` holds, by `v8.serialize`: it keeps the sharing of types that JSON would expand. */
interface ImageMeta {
  readonly world: WorldType;
  readonly code: ImageCode;
  /** Every other file of the entry and its length, so that a damaged entry is noticed. */
  readonly files: readonly (readonly [name: string, lengthBytes: number])[];
}

/**
 * Reads, checks and prepares a component, or finds it in the cache.
 * Throws COMPONENT_INVALID: unreadable, too large, not a component, or one that the linker refuses. `goOn` is called between the steps
 * that take long, and may throw.
 */
export async function loadImage(
  path: string,
  options: {
    readonly cacheFolder?: string;
    readonly linker?: LinkerChoice;
    readonly goOn?: () => void;
  } = {},
): Promise<ComponentImage> {
  const { cacheFolder = defaultCacheFolder(), linker = "auto" } = options;
  const bytes = readComponent(path);
  const digest = createHash("sha256").update(bytes).digest("hex");
  const key = linker === "auto" ? digest : `${digest}-${linker}`;
  const found = findEntry(cacheFolder, "image", key);
  const stored = found === undefined ? undefined : readEntry(found);
  if (found !== undefined && stored === undefined) discardEntry(found);
  const entry = stored ?? (await createEntry(bytes, path, linker, cacheFolder, key, options.goOn));
  const { world, code } = entry.meta;
  return { digest, path: resolve(path), world, folder: entry.folder, code };
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
  return typeof meta === "object" && meta !== null && "world" in meta && "code" in meta && "files" in meta;
}

async function createEntry(
  bytes: Uint8Array,
  path: string,
  linker: LinkerChoice,
  cacheFolder: string,
  key: string,
  goOn?: () => void,
): Promise<Entry> {
  const { prepareImage } = await import("./prepare.ts");
  goOn?.();
  const { world, code, files } = await prepareImage(bytes, path, linker, goOn);
  goOn?.();
  const meta: ImageMeta = {
    world,
    code,
    files: Object.entries(files).map(([name, content]) => [name, content.length]),
  };
  const folder = storeAtomically(cacheFolder, "image", key, { ...files, [META_FILE]: serialize(meta) });
  return { folder, meta };
}
