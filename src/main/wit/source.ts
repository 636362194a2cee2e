/** WIT files of one path: the main package's and those of `deps/`, read with bounds. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { extname, join } from "node:path";
import { type Finding, HostbundleError } from "../../shared/errors.ts";
import { reasonOf } from "../system-error.ts";

export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

export interface WitSources {
  /** The files of the package that `path` is, in order of their names. */
  readonly main: readonly SourceFile[];
  /** The files of each package in `deps/`. */
  readonly dependencies: readonly (readonly SourceFile[])[];
}

/** The WIT of all of WASI 0.2 is 150 KB in 40 files. */
const MAX_TOTAL_BYTES = 2 * 1024 * 1024;
const MAX_FILES = 2000;

/**
 * Reads a WIT file, or a folder of them with their dependencies in `deps/` (a file or a folder each).
 * @throws {HostbundleError} WIT_INVALID
 */
export function readSources(path: string): WitSources {
  const reader = new SourceReader();
  const stats = reader.stat(path);
  if (!stats.isDirectory()) return { main: [reader.file(path)], dependencies: [] };
  const main = reader.folder(path);
  if (main.length === 0) {
    throw invalid({
      message: "the folder has no .wit file",
      where: { file: path },
      help: "put the package's .wit files into it, and those of its dependencies into deps/",
    });
  }
  return { main, dependencies: reader.dependencies(join(path, "deps")) };
}

class SourceReader {
  #bytesLeft = MAX_TOTAL_BYTES;
  #filesLeft = MAX_FILES;

  /** Follows symlinks; a loop of them is an error of the system. */
  stat(path: string): ReturnType<typeof statSync> & object {
    try {
      return statSync(path);
    } catch (error) {
      throw unreadable(path, error);
    }
  }

  folder(path: string): SourceFile[] {
    return this.#entries(path)
      .filter((name) => extname(name) === ".wit")
      .map((name) => this.file(join(path, name)));
  }

  dependencies(path: string): SourceFile[][] {
    try {
      if (!statSync(path).isDirectory()) return [];
    } catch {
      // No deps/ is the ordinary case; a broken one shows as a missing package.
      return [];
    }
    const packages: SourceFile[][] = [];
    for (const name of this.#entries(path)) {
      const entry = join(path, name);
      if (this.stat(entry).isDirectory()) {
        const files = this.folder(entry);
        if (files.length > 0) packages.push(files);
      } else if (extname(name) === ".wit") packages.push([this.file(entry)]);
      else if (extname(name) === ".wasm" || extname(name) === ".wat") throw encodedPackage(entry);
    }
    return packages;
  }

  file(path: string): SourceFile {
    if (extname(path) === ".wasm") throw encodedPackage(path);
    const stats = this.stat(path);
    if (!stats.isFile()) throw invalid({ message: "not a file", where: { file: path } });
    this.#filesLeft--;
    if (this.#filesLeft < 0)
      throw invalid({ message: `more than ${MAX_FILES} WIT files`, where: { file: path } });
    if (Number(stats.size) > this.#bytesLeft) throw tooLarge(path);
    let bytes: Uint8Array;
    try {
      bytes = readFileSync(path);
    } catch (error) {
      throw unreadable(path, error);
    }
    this.#bytesLeft -= bytes.length;
    if (this.#bytesLeft < 0) throw tooLarge(path);
    return { path, text: decodeUtf8(bytes, path) };
  }

  #entries(path: string): string[] {
    try {
      return readdirSync(path).toSorted();
    } catch (error) {
      throw unreadable(path, error);
    }
  }
}

function decodeUtf8(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw invalid({
      message: "the file is not UTF-8 text",
      where: { file: path },
      help: "save it as UTF-8",
    });
  }
}

function unreadable(path: string, error: unknown): HostbundleError {
  return invalid({ message: reasonOf(error), where: { file: path } }, error);
}

function tooLarge(path: string): HostbundleError {
  return invalid({
    message: `the WIT text is over the bound of ${MAX_TOTAL_BYTES} bytes`,
    where: { file: path },
  });
}

function encodedPackage(path: string): HostbundleError {
  return invalid({
    message: "a WIT package in binary form cannot be read",
    where: { file: path },
    help: `turn it into text: wasm-tools component wit ${path} -o package.wit`,
  });
}

function invalid(finding: Finding, cause?: unknown): HostbundleError {
  return new HostbundleError("WIT_INVALID", "the WIT cannot be read", { findings: [finding], cause });
}
