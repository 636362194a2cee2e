/** Columns of the WIT interface as vectors of DuckDB: copies in bulk. */
import type { SqlCells, SqlHugeint, SqlUhugeint } from "./bindings.ts";
import { Unfit } from "./errors.ts";
import { copyTo } from "./native.ts";
import {
  checkDate,
  checkDecimal,
  checkDecimalType,
  checkInterval,
  checkTime,
  checkTimeNs,
  checkTimestamp,
  checkTimestampIn,
  checkTimestampNs,
  checkTimeTz,
  parseUuid,
  wide,
} from "./ranges.ts";
import { layOut } from "./strings.ts";
import { timeTzBits } from "./values.ts";

/** A column of any length, ready to be copied into vectors slice by slice. */
export interface Encoded {
  readonly length: number;
  /** `DUCKDB_TYPE_*` of duckdb.h, and the digits of a DECIMAL. */
  readonly type: number;
  readonly decimal?: { readonly width: number; readonly scale: number };
  /** Writes the given rows to a vector's data. What it points at lives as long as this. */
  write(to: number, from: number, rows: number): void;
}

/** Throws Unfit for values out of their type's range. */
export function encodeCells(cells: SqlCells): Encoded {
  const { tag, val } = cells;
  switch (tag) {
    case "booleans":
      return plain(1, bytesOf(val));
    case "s8s":
      return plain(2, val);
    case "s16s":
      return plain(3, val);
    case "s32s":
      return plain(4, val);
    case "s64s":
      return plain(5, val);
    case "u8s":
      return plain(6, val);
    case "u16s":
      return plain(7, val);
    case "u32s":
      return plain(8, val);
    case "u64s":
      return plain(9, val);
    case "f32s":
      return plain(10, val);
    case "f64s":
      return plain(11, val);
    case "dates":
      return plain(13, checked(val, checkDate));
    case "times":
      return plain(14, checked(val, checkTime));
    case "times-ns":
      return plain(39, checked(val, checkTimeNs));
    case "timestamps":
      return plain(12, checked(val, checkTimestamp));
    case "timestamps-s":
      return plain(20, checked(val, checkTimestampIn("seconds")));
    case "timestamps-ms":
      return plain(21, checked(val, checkTimestampIn("milliseconds")));
    case "timestamps-ns":
      return plain(22, checked(val, checkTimestampNs));
    case "timestamps-tz":
      return plain(31, checked(val, checkTimestamp));
    case "times-tz":
      return plain(30, BigUint64Array.from(checked(val, checkTimeTz), timeTzBits));
    case "hugeints":
      return words(16, val.map(pair));
    case "uhugeints":
      return words(32, val.map(pair));
    case "uuids":
      return words(27, val.map(uuidPair));
    case "intervals":
      return words(
        15,
        checked(val, checkInterval).map(({ months, days, micros }) => [
          BigInt.asUintN(64, (BigInt(days) << 32n) | BigInt(months >>> 0)),
          BigInt.asUintN(64, micros),
        ]),
      );
    case "decimals":
      return decimals(val.width, val.scale, val.unscaled);
    case "wide-decimals":
      return decimals(val.width, val.scale, val.unscaled.map(wide));
    case "texts":
    // A nested type is converted from its text, a BIT as well.
    case "json":
    case "bits":
      return strings(17, val);
    case "blobs":
      return strings(18, val);
    case "enums":
      throw new Unfit("give the labels of an ENUM column as texts: positions are known to a result only");
  }
}

type Numbers =
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

/** Numbers as they are in a vector; `perRow` of them make a row. */
function plain(type: number, given: Numbers, perRow = 1): Encoded {
  const { buffer, byteOffset, byteLength, BYTES_PER_ELEMENT } = given;
  // What is shared with other threads has no address that stays.
  const bytes =
    buffer instanceof ArrayBuffer
      ? new Uint8Array(buffer, byteOffset, byteLength)
      : new Uint8Array(buffer, byteOffset, byteLength).slice();
  const rowBytes = BYTES_PER_ELEMENT * perRow;
  return {
    length: given.length / perRow,
    type,
    write: (to, from, rows) => copyTo(to, bytes.subarray(from * rowBytes, (from + rows) * rowBytes)),
  };
}

function bytesOf(flags: readonly boolean[]): Uint8Array {
  const bytes = new Uint8Array(flags.length);
  for (const [row, flag] of flags.entries()) if (flag) bytes[row] = 1;
  return bytes;
}

function words(type: number, pairs: readonly (readonly [bigint, bigint])[]): Encoded {
  return plain(type, BigUint64Array.from(pairs.flat()), 2);
}

function pair({ lower, upper }: SqlHugeint | SqlUhugeint): readonly [bigint, bigint] {
  return [lower, BigInt.asUintN(64, upper)];
}

/** The highest bit is stored inverted. */
function uuidPair(text: string): readonly [bigint, bigint] {
  const { lower, upper } = parseUuid(text);
  return [lower, upper ^ (1n << 63n)];
}

function checked<T, C extends Iterable<T>>(values: C & Iterable<T>, check: (value: T) => void): C {
  for (const value of values) check(value);
  return values;
}

/** The width decides how many bytes a value has. */
function decimals(width: number, scale: number, unscaled: Iterable<bigint>): Encoded {
  checkDecimalType(width, scale);
  const values = [...unscaled];
  for (const value of values) checkDecimal(value, width);
  const decimal = { width, scale };
  if (width <= 4) return { ...plain(19, Int16Array.from(values, Number)), decimal };
  if (width <= 9) return { ...plain(19, Int32Array.from(values, Number)), decimal };
  if (width <= 18) return { ...plain(19, BigInt64Array.from(values)), decimal };
  const pairs = values.map((value) => [BigInt.asUintN(64, value), BigInt.asUintN(64, value >> 64n)] as const);
  return { ...words(19, pairs), decimal };
}

function strings(type: number, values: readonly string[] | readonly Uint8Array[]): Encoded {
  let laid: ReturnType<typeof layOut> | undefined;
  return {
    length: values.length,
    type,
    write: (to, from, rows) => {
      laid = layOut(values.slice(from, from + rows));
      copyTo(to, laid.cells);
    },
  };
}
