import { closeSync, openSync, readSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import type * as Lmdb from "lmdb";
import { HostbundleError } from "../../../shared/errors.ts";
import { type Database, LmdbSpace } from "./lmdb.ts";

/** Loaded by the first store that is kept: it is an optional dependency with native code. */
const load = createRequire(import.meta.url);

export interface LmdbFile {
  readonly bundle: string;
  /** Absolute; the file is made where it is not there. */
  readonly path: string;
  readonly isReadOnly: boolean;
}

/** Throws CONFIG_INVALID for a path that is no such file, HOST_FAULT without the package. */
export function openLmdb(file: LmdbFile): LmdbSpace {
  const { bundle, path, isReadOnly } = file;
  checkFile(file);
  const lmdb = loadPackage(bundle);
  try {
    const database: Database = lmdb.open({
      path,
      noSubdir: true,
      readOnly: isReadOnly,
      encoding: "binary",
      keyEncoding: "binary",
      cache: false,
    });
    return new LmdbSpace(database);
  } catch (error) {
    throw refused(file, error instanceof Error ? error.message : String(error), error);
  }
}

function loadPackage(bundle: string): typeof Lmdb {
  try {
    const lmdb: typeof Lmdb = load("lmdb");
    return lmdb;
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "MODULE_NOT_FOUND";
    const reason = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
    throw new HostbundleError(
      "HOST_FAULT",
      `host bundle "${bundle}" keeps its store in a file, and the package lmdb ${
        isMissing ? "is not installed" : `does not load: ${reason}`
      }`,
      { bundle, help: "npm install lmdb, or remove `path` from the bundle's config", cause: error },
    );
  }
}

/** An LMDB file begins with a page of 16 bytes of header, then this number. */
const MAGIC = 0xbe_ef_c0_de;
const MAGIC_OFFSETS = [16, 24];

/** LMDB crashes over a file that is not its own. */
function checkFile(file: LmdbFile): void {
  const { path, isReadOnly } = file;
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) {
    if (isReadOnly) throw refused(file, "there is no such file, and it may only be read");
    if (statSync(dirname(path), { throwIfNoEntry: false })?.isDirectory() !== true)
      throw refused(file, `there is no folder ${dirname(path)}`);
    return;
  }
  if (!stats.isFile()) throw refused(file, "it is not a file");
  if (stats.size > 0 && !hasMagic(path)) throw refused(file, "it is not a file of LMDB");
}

function hasMagic(path: string): boolean {
  const head = Buffer.alloc(32);
  const descriptor = openSync(path, "r");
  try {
    readSync(descriptor, head, 0, head.length, 0);
  } finally {
    closeSync(descriptor);
  }
  return MAGIC_OFFSETS.some((offset) => head.readUInt32LE(offset) === MAGIC);
}

function refused({ bundle, path }: LmdbFile, reason: string, cause?: unknown): HostbundleError {
  return new HostbundleError(
    "CONFIG_INVALID",
    `host bundle "${bundle}" cannot keep its store in ${path}: ${reason}`,
    {
      bundle,
      help: "`path` in the bundle's config names a file, which is made where there is none",
      ...(cause === undefined ? {} : { cause }),
    },
  );
}
