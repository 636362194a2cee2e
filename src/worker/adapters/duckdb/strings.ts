/**
 * `duckdb_string_t`, 16 bytes: a u32 length, then up to 12 bytes in place; longer ones have 4 bytes of prefix and the
 * address of their bytes.
 */
import { libc } from "../../native/libc.ts";
import { Unfit } from "./errors.ts";
import { addressOf, copyOf, withAddress } from "./native.ts";

const STRING_BYTES = 16;
const MAX_INLINE = 12;

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();

/** The bytes of all strings of a vector, one behind the other. */
interface Gathered {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where each ends. */
  readonly ends: Uint32Array;
}

/** Rows that `isNull` says are skipped: what a vector has there is not initialised. */
export type IsNull = (row: number) => boolean;

/** Throws Unfit where the bytes are more than `limitBytes`. */
export function gather(data: number, rows: number, isNull: IsNull, limitBytes: number): Gathered {
  const cells = copyOf(data, rows * STRING_BYTES);
  const words = new Uint32Array(cells.buffer);
  const pointers = new BigUint64Array(cells.buffer);
  const ends = new Uint32Array(rows);
  let total = 0;
  for (let row = 0; row < rows; row += 1) {
    if (!isNull(row)) total += words[row * 4] ?? 0;
    if (total > limitBytes) throw tooBig(limitBytes);
    ends[row] = total;
  }
  const bytes = new Uint8Array(new ArrayBuffer(total));
  withAddress(bytes, (to) => {
    const { memcpy } = libc().memory;
    // Strings that lie one behind the other, as they do in a heap, are copied together.
    let run = { from: 0, to: 0, bytes: 0 };
    let start = 0;
    for (let row = 0; row < rows; row += 1) {
      const end = ends[row] ?? 0;
      const length = end - start;
      if (length > MAX_INLINE) {
        const from = Number(pointers[row * 2 + 1]);
        if (from === run.from + run.bytes && start === run.to + run.bytes) run.bytes += length;
        else {
          if (run.bytes > 0) memcpy(to + run.to, run.from, run.bytes);
          run = { from, to: start, bytes: length };
        }
      } else {
        const at = row * STRING_BYTES + 4;
        for (let index = 0; index < length; index += 1) bytes[start + index] = cells[at + index] ?? 0;
      }
      start = end;
    }
    if (run.bytes > 0) memcpy(to + run.to, run.from, run.bytes);
  });
  return { bytes, ends };
}

function tooBig(limitBytes: number): Unfit {
  return new Unfit(
    `a column of this chunk holds more than ${limitBytes} bytes, the bundle's max-chunk-bytes`,
    "limit",
  );
}

export function textsOf({ bytes, ends }: Gathered): string[] {
  // Bytes and UTF-16 units agree where all is ASCII: then one text can be cut, instead of decoding each.
  const all = utf8.decode(bytes);
  const isAscii = all.length === bytes.length;
  const texts: string[] = [];
  let start = 0;
  for (const end of ends) {
    texts.push(isAscii ? all.slice(start, end) : utf8.decode(bytes.subarray(start, end)));
    start = end;
  }
  return texts;
}

export function blobsOf({ bytes, ends }: Gathered): Uint8Array[] {
  const blobs: Uint8Array[] = [];
  let start = 0;
  for (const end of ends) {
    blobs.push(bytes.slice(start, end));
    start = end;
  }
  return blobs;
}

/** BIT: a byte with the number of bits to skip, then the bits, the highest first. */
export function bitsOf(gathered: Gathered): string[] {
  return blobsOf(gathered).map((bytes) =>
    [...bytes.subarray(1)]
      .map((byte) => byte.toString(2).padStart(8, "0"))
      .join("")
      .slice(bytes[0] ?? 0),
  );
}

/** Strings as a vector has them. `bytes` holds the longer ones: keep it until DuckDB has copied them. */
interface Laid {
  readonly cells: Uint8Array<ArrayBuffer>;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Texts or byte lists, laid out for a vector. */
export function layOut(values: readonly string[] | readonly Uint8Array[]): Laid {
  const { bytes, lengths } = concatenate(values);
  const base = bytes.length === 0 ? 0n : BigInt(addressOf(bytes));
  const cells = new Uint8Array(new ArrayBuffer(lengths.length * STRING_BYTES));
  const words = new Uint32Array(cells.buffer);
  const pointers = new BigUint64Array(cells.buffer);
  let start = 0;
  for (let row = 0; row < lengths.length; row += 1) {
    const length = lengths[row] ?? 0;
    words[row * 4] = length;
    const at = row * STRING_BYTES + 4;
    const inPlace = length > MAX_INLINE ? 4 : length;
    for (let index = 0; index < inPlace; index += 1) cells[at + index] = bytes[start + index] ?? 0;
    if (length > MAX_INLINE) pointers[row * 2 + 1] = base + BigInt(start);
    start += length;
  }
  return { cells, bytes };
}

interface Concatenated {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly lengths: Uint32Array;
}

function concatenate(values: readonly string[] | readonly Uint8Array[]): Concatenated {
  const lengths = new Uint32Array(values.length);
  let units = 0;
  for (const [row, value] of values.entries()) {
    lengths[row] = value.length;
    units += value.length;
  }
  if (areTexts(values)) return encode(values, units, lengths);
  const bytes = new Uint8Array(new ArrayBuffer(units));
  let at = 0;
  for (const value of values) {
    bytes.set(value, at);
    at += value.length;
  }
  return { bytes, lengths };
}

function areTexts(values: readonly string[] | readonly Uint8Array[]): values is readonly string[] {
  return typeof values[0] === "string";
}

function encode(values: readonly string[], units: number, lengths: Uint32Array): Concatenated {
  const whole = values.join("");
  const exact = new Uint8Array(new ArrayBuffer(units));
  // All in one go where all is ASCII: then there is a byte for each UTF-16 unit.
  const { read } = encoder.encodeInto(whole, exact);
  if (read === units) return { bytes: exact, lengths };
  const bytes = new Uint8Array(new ArrayBuffer(units * 3));
  let at = 0;
  for (const [row, value] of values.entries()) {
    const { written } = encoder.encodeInto(value, bytes.subarray(at));
    lengths[row] = written;
    at += written;
  }
  return { bytes, lengths };
}
