/** Vectors of DuckDB as columns of the WIT interface: copies in bulk, nothing of what NULL rows hold by chance. */
import type { SqlCells, SqlHugeint, SqlUhugeint } from "./bindings.ts";
import { Unfit } from "./errors.ts";
import type { ColumnType } from "./logical-type.ts";
import { copyOf, type Native } from "./native.ts";
import { bitsOf, blobsOf, gather, type IsNull, textsOf } from "./strings.ts";

/** What decoding needs to know of where it happens. */
export interface Decoding {
  readonly native: Native;
  /** Text and blob bytes of one column of one chunk. */
  readonly limitBytes: number;
}

const never: IsNull = () => false;

/** Which rows are valid; nothing where all are. */
export function validityOf({ api }: Native, vector: number, rows: number): Uint8Array | undefined {
  const at = api.vector_get_validity(vector);
  if (at === 0 || rows === 0) return undefined;
  const bits = copyOf(at, Math.ceil(rows / 64) * 8).subarray(0, Math.ceil(rows / 8));
  const last = bits.length - 1;
  const rest = rows % 8 === 0 ? 0xff : (1 << (rows % 8)) - 1;
  bits[last] = (bits[last] ?? 0) & rest;
  const areAll = bits.every((byte, index) => byte === (index === last ? rest : 0xff));
  return areAll ? undefined : bits.slice();
}

export function nullsOf(validity: Uint8Array | undefined): IsNull {
  if (validity === undefined) return never;
  return (row) => ((validity[row >>> 3] ?? 0) & (1 << (row & 7))) === 0;
}

/** Part of a vector, to be read. */
export interface Reading {
  readonly vector: number;
  readonly type: ColumnType;
  readonly rows: number;
  readonly isNull: IsNull;
}

/** A copy of the data of `rows` rows of so many bytes each, with zeros at NULL rows. */
export function rowBytes(
  { native }: Decoding,
  { vector, rows, isNull }: Reading,
  bytes: number,
): ArrayBuffer {
  const copy = copyOf(native.api.vector_get_data(vector), rows * bytes);
  if (isNull !== never) {
    for (let row = 0; row < rows; row += 1) {
      if (isNull(row)) copy.fill(0, row * bytes, (row + 1) * bytes);
    }
  }
  return copy.buffer;
}

/** Values that are not nested. Throws Unfit for what cannot be delivered. */
export function cellsOf(decoding: Decoding, reading: Reading): SqlCells {
  const { type } = reading;
  const { kind } = type;
  switch (kind) {
    case "booleans":
      return {
        tag: kind,
        val: Array.from(new Uint8Array(rowBytes(decoding, reading, 1)), (byte) => byte !== 0),
      };
    case "s8s":
      return { tag: kind, val: new Int8Array(rowBytes(decoding, reading, 1)) };
    case "s16s":
      return { tag: kind, val: new Int16Array(rowBytes(decoding, reading, 2)) };
    case "s32s":
    case "dates":
      return { tag: kind, val: new Int32Array(rowBytes(decoding, reading, 4)) };
    case "u8s":
      return { tag: kind, val: new Uint8Array(rowBytes(decoding, reading, 1)) };
    case "u16s":
      return { tag: kind, val: new Uint16Array(rowBytes(decoding, reading, 2)) };
    case "u32s":
      return { tag: kind, val: new Uint32Array(rowBytes(decoding, reading, 4)) };
    case "u64s":
      return { tag: kind, val: new BigUint64Array(rowBytes(decoding, reading, 8)) };
    case "f32s":
      return { tag: kind, val: new Float32Array(rowBytes(decoding, reading, 4)) };
    case "f64s":
      return { tag: kind, val: new Float64Array(rowBytes(decoding, reading, 8)) };
    case "s64s":
    case "times":
    case "times-ns":
    case "timestamps":
    case "timestamps-s":
    case "timestamps-ms":
    case "timestamps-ns":
    case "timestamps-tz":
      return { tag: kind, val: new BigInt64Array(rowBytes(decoding, reading, 8)) };
    case "hugeints":
      return { tag: kind, val: hugeints(decoding, reading) };
    case "uhugeints":
      return { tag: kind, val: uhugeints(decoding, reading) };
    case "decimals":
      return { tag: kind, val: { ...digits(type), unscaled: unscaled(decoding, reading) } };
    case "wide-decimals":
      return { tag: kind, val: { ...digits(type), unscaled: hugeints(decoding, reading) } };
    case "times-tz":
      return { tag: kind, val: Array.from(new BigUint64Array(rowBytes(decoding, reading, 8)), timeTz) };
    case "intervals":
      return { tag: kind, val: intervals(decoding, reading) };
    case "uuids":
      return { tag: kind, val: uhugeints(decoding, reading).map(uuid).map(emptyWhere(reading.isNull)) };
    case "enums":
      return { tag: kind, val: indices(decoding, reading) };
    case "texts":
      return { tag: kind, val: textsOf(strings(decoding, reading)) };
    case "blobs":
      return { tag: kind, val: blobsOf(strings(decoding, reading)) };
    case "bits":
      return { tag: kind, val: bitsOf(strings(decoding, reading)) };
    case "json":
    case "other":
      throw new Unfit(`values of type ${type.sqlType} are not delivered: cast them in SQL, as by ::VARCHAR`);
  }
}

export function strings(decoding: Decoding, { vector, rows, isNull }: Reading): ReturnType<typeof gather> {
  return gather(decoding.native.api.vector_get_data(vector), rows, isNull, decoding.limitBytes);
}

export function emptyWhere(isNull: IsNull): (text: string, row: number) => string {
  return (text, row) => (isNull(row) ? "" : text);
}

function digits(type: ColumnType): { readonly width: number; readonly scale: number } {
  return type.shape === "decimal" ? { width: type.width, scale: type.scale } : { width: 0, scale: 0 };
}

function hugeints(decoding: Decoding, reading: Reading): SqlHugeint[] {
  return uhugeints(decoding, reading).map(({ lower, upper }) => ({ lower, upper: BigInt.asIntN(64, upper) }));
}

export function uhugeints(decoding: Decoding, reading: Reading): SqlUhugeint[] {
  const words = new BigUint64Array(rowBytes(decoding, reading, 16));
  const values: SqlUhugeint[] = [];
  for (let at = 0; at < words.length; at += 2) {
    values.push({ lower: words[at] ?? 0n, upper: words[at + 1] ?? 0n });
  }
  return values;
}

/** Decimals of up to 8 bytes. */
function unscaled(decoding: Decoding, reading: Reading): BigInt64Array {
  const { type } = reading;
  if (type.shape !== "decimal" || type.bytes === 8) return new BigInt64Array(rowBytes(decoding, reading, 8));
  const narrow = rowBytes(decoding, reading, type.bytes);
  return BigInt64Array.from(type.bytes === 2 ? new Int16Array(narrow) : new Int32Array(narrow), BigInt);
}

function indices(decoding: Decoding, reading: Reading): Uint32Array {
  const { type } = reading;
  if (type.shape !== "enum" || type.bytes === 4) return new Uint32Array(rowBytes(decoding, reading, 4));
  const narrow = rowBytes(decoding, reading, type.bytes);
  return Uint32Array.from(type.bytes === 1 ? new Uint8Array(narrow) : new Uint16Array(narrow));
}

/** Offsets are stored so that times sort by the instant: from this one down. */
export const MAX_TIME_OFFSET = 16 * 60 * 60 - 1;

export function timeTz(bits: bigint): { readonly micros: bigint; readonly offset: number } {
  return { micros: bits >> 24n, offset: MAX_TIME_OFFSET - Number(bits & 0xff_ffffn) };
}

export function intervals(
  decoding: Decoding,
  reading: Reading,
): { readonly months: number; readonly days: number; readonly micros: bigint }[] {
  const words = new BigInt64Array(rowBytes(decoding, reading, 16));
  const halves = new Int32Array(words.buffer);
  return Array.from({ length: reading.rows }, (_, row) => ({
    months: halves[row * 4] ?? 0,
    days: halves[row * 4 + 1] ?? 0,
    micros: words[row * 2 + 1] ?? 0n,
  }));
}

const hex = (word: bigint): string => word.toString(16).padStart(16, "0");

/** The highest bit is stored inverted, so that UUIDs sort as signed numbers. */
export function uuid({ lower, upper }: SqlUhugeint): string {
  const all = hex(upper ^ (1n << 63n)) + hex(lower);
  return [all.slice(0, 8), all.slice(8, 12), all.slice(12, 16), all.slice(16, 20), all.slice(20)].join("-");
}
