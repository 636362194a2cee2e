/**
 * A cache on disk of what can be computed again: transpiled components, decoded WIT.
 *
 * An entry is a folder of files named after a key. It appears by one rename, so it is there completely or
 * not at all, and any number of processes may store the same key at once: the first wins, the others use
 * its files. Nothing is locked. The cache never makes a run fail: where it cannot be written, entries go to
 * a private temporary folder that lives as long as the process (or its last host).
 */
import { createHash, randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ownVersion, packageVersion } from "./package-version.ts";
import { isSystemError } from "./system-error.ts";

export { defaultCacheFolder } from "./cache-folder.ts";

/** Raised when the layout of an entry changes, so that older entries are never read. */
const FORMAT_VERSION = 4;

/** What a crashed process left half-written is removed after this time. */
const STALE_TEMPORARY_MS = 24 * 60 * 60 * 1000;

const TEMPORARY_PREFIX = ".tmp-";

let versionKey: string | undefined;

/** Identifies all tools whose output is cached; part of every entry's path. */
export function toolVersionsKey(): string {
  versionKey ??= createHash("sha256")
    .update(
      [
        `format ${FORMAT_VERSION}`,
        `hostbundle ${ownVersion()}`,
        `jco-transpile ${dependencyVersion("@bytecodealliance/jco-transpile/component")}`,
        `preview2-shim ${dependencyVersion("@bytecodealliance/preview2-shim")}`,
      ].join("\n"),
    )
    .digest("hex")
    .slice(0, 16);
  return versionKey;
}

/** The path of an entry, whether it exists or not. `kind` groups entries ("image", "wit"); `key` is a hex digest. */
export function entryPath(cacheFolder: string, kind: string, key: string): string {
  return join(cacheFolder, toolVersionsKey(), kind, key);
}

/** The folder of a stored entry, or `undefined`. Entries that went to the private folder are found too. */
export function findEntry(cacheFolder: string, kind: string, key: string): string | undefined {
  const path = entryPath(cacheFolder, kind, key);
  if (existsSync(path)) return path;
  if (privateFolder === undefined) return undefined;
  const fallback = entryPath(privateFolder, kind, key);
  return existsSync(fallback) ? fallback : undefined;
}

/**
 * Stores an entry and gives its folder; the winner's folder where another process was faster.
 * `files` maps plain file names to contents.
 */
export function storeAtomically(
  cacheFolder: string,
  kind: string,
  key: string,
  files: Readonly<Record<string, Uint8Array | string>>,
): string {
  try {
    return storeIn(cacheFolder, kind, key, files);
  } catch (error) {
    // Read-only, full, not ours, not a folder: any reason not to be able to write there is the same to us.
    if (!isSystemError(error)) throw error;
    privateFolder ??= createPrivateFolder();
    return storeIn(privateFolder, kind, key, files);
  }
}

/** Removes an entry that turned out to be unreadable, so that it can be stored again. */
export function discardEntry(folder: string): void {
  const doomed = join(dirname(folder), temporaryName());
  try {
    renameSync(folder, doomed);
    rmSync(doomed, { recursive: true, force: true });
  } catch (error) {
    if (!isSystemError(error)) throw error;
  }
}

function storeIn(
  cacheFolder: string,
  kind: string,
  key: string,
  files: Readonly<Record<string, Uint8Array | string>>,
): string {
  const target = entryPath(cacheFolder, kind, key);
  const parent = dirname(target);
  // Code is loaded from here: nobody else may write to it.
  mkdirSync(parent, { recursive: true, mode: 0o700 });
  removeStale(parent);
  const temporary = join(parent, temporaryName());
  mkdirSync(temporary, { mode: 0o700 });
  try {
    for (const [name, content] of Object.entries(files)) writeDurably(join(temporary, name), content);
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    if (isSystemError(error) && existsSync(target)) return target;
    throw error;
  }
  return target;
}

function writeDurably(path: string, content: Uint8Array | string): void {
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  const descriptor = openSync(path, "wx", 0o600);
  try {
    for (let offset = 0; offset < bytes.length;) offset += writeSync(descriptor, bytes, offset);
    // Without it a power cut can leave a renamed entry with empty files.
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function removeStale(parent: string): void {
  for (const name of readdirSync(parent)) {
    if (!name.startsWith(TEMPORARY_PREFIX)) continue;
    const path = join(parent, name);
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats !== undefined && Date.now() - stats.mtimeMs > STALE_TEMPORARY_MS) {
      rmSync(path, { recursive: true, force: true });
    }
  }
}

function temporaryName(): string {
  return `${TEMPORARY_PREFIX}${process.pid}-${randomBytes(6).toString("hex")}`;
}

/** Where entries go that the cache folder refused; one per process. */
let privateFolder: string | undefined;
let users = 0;

/** Counts a user of the private folder; the returned function gives it up, the last one removes the folder. */
export function usePrivateFolder(): () => void {
  users++;
  let released = false;
  return () => {
    if (released) return;
    released = true;
    users--;
    if (users === 0) removePrivateFolder();
  };
}

function createPrivateFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "hostbundle-"));
  process.once("exit", removePrivateFolder);
  return folder;
}

function removePrivateFolder(): void {
  if (privateFolder === undefined) return;
  process.removeListener("exit", removePrivateFolder);
  rmSync(privateFolder, { recursive: true, force: true });
  privateFolder = undefined;
}

function dependencyVersion(specifier: string): string {
  const require = createRequire(import.meta.url);
  // The packages do not export their package.json: walk up from the file that they do export.
  let folder = dirname(require.resolve(specifier));
  while (!existsSync(join(folder, "package.json"))) folder = dirname(folder);
  return packageVersion(join(folder, "package.json"));
}
