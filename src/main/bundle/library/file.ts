import { closeSync, fstatSync, openSync, readSync } from "node:fs";

/** Why a file is not a library that can be used; `offset` is where in the file. */
export class LibraryProblem extends Error {
  readonly offset: number | undefined;

  constructor(message: string, offset?: number) {
    super(message);
    this.offset = offset;
  }
}

/** No table of a library that we read is larger, in bytes: a bound against lying headers. */
const MAX_TABLE_BYTES = 256 * 1024 * 1024;

/** A library file read in pieces: real ones have hundreds of megabytes, of which the headers matter. */
export class LibraryFile {
  readonly size: number;
  readonly #descriptor: number;

  constructor(path: string) {
    this.#descriptor = openSync(path, "r");
    this.size = fstatSync(this.#descriptor).size;
  }

  /** The bytes `offset … offset + length`; a header that points outside the file is a `LibraryProblem`. */
  read(offset: number, length: number, what: string): Buffer {
    if (length > MAX_TABLE_BYTES) throw new LibraryProblem(`${what} claims ${length} bytes`, offset);
    if (offset < 0 || length < 0 || offset + length > this.size) {
      throw new LibraryProblem(
        `${what} lies outside the file (${this.size} bytes)`,
        Math.min(offset, this.size),
      );
    }
    const buffer = Buffer.allocUnsafe(length);
    let filled = 0;
    while (filled < length) {
      const count = readSync(this.#descriptor, buffer, filled, length - filled, offset + filled);
      if (count === 0)
        throw new LibraryProblem(`${what} ends early: the file is being changed`, offset + filled);
      filled += count;
    }
    return buffer;
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

/** An unsigned 64-bit field that is an offset or size: beyond 2^53 it is a lie anyway, and stays out of range. */
export function readSize64(bytes: Buffer, at: number): number {
  return Number(bytes.readBigUInt64LE(at));
}

/** Longer names are not read: many symbols may claim one endless name. */
export const MAX_NAME_BYTES = 4096;

/** The NUL-terminated name at `at` of a string table, or nothing where it is not one. */
export function nameAt(strings: Buffer, at: number): string | undefined {
  if (at >= strings.length) return undefined;
  const name = strings.subarray(at, at + MAX_NAME_BYTES);
  const end = name.indexOf(0);
  return end <= 0 ? undefined : name.toString("latin1", 0, end);
}
