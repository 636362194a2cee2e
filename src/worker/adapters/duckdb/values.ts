/** Single values: parameters of statements, cells of rows to append. */
import type { CApi } from "./capi.ts";
import type { SqlTimeTz, SqlValue } from "./bindings.ts";
import { MAX_TIME_OFFSET } from "./decode.ts";
import { type Native, withAddress } from "./native.ts";
import {
  checkDate,
  checkedDecimal,
  checkInterval,
  checkTime,
  checkTimeNs,
  checkTimestamp,
  checkTimestampIn,
  checkTimestampNs,
  checkTimeTz,
  parseUuid,
} from "./ranges.ts";

const checkSeconds = checkTimestampIn("seconds");
const checkMillis = checkTimestampIn("milliseconds");

/** A `duckdb_value` of DuckDB's, for as long as `use` runs. Throws Unfit for a value out of its type's range. */
export function withValue<T>(native: Native, value: SqlValue, use: (address: number) => T): T {
  checkValue(value);
  const address = createValue(native.api, value);
  try {
    return use(address);
  } finally {
    native.destroy(native.api.destroy_value, address);
  }
}

/** Throws Unfit for a value out of its type's range. */
export function checkValue(value: SqlValue): void {
  switch (value.tag) {
    case "uuid":
      parseUuid(value.val);
      break;
    case "decimal":
      checkedDecimal(value.val);
      break;
    case "interval":
      checkInterval(value.val);
      break;
    case "date":
      checkDate(value.val);
      break;
    case "time":
      checkTime(value.val);
      break;
    case "time-ns":
      checkTimeNs(value.val);
      break;
    case "time-tz":
      checkTimeTz(value.val);
      break;
    case "timestamp":
    case "timestamp-tz":
      checkTimestamp(value.val);
      break;
    case "timestamp-s":
      checkSeconds(value.val);
      break;
    case "timestamp-ms":
      checkMillis(value.val);
      break;
    case "timestamp-ns":
      checkTimestampNs(value.val);
      break;
    default:
  }
}

function createValue(api: CApi, value: SqlValue): number {
  switch (value.tag) {
    case "null":
      return api.create_null_value();
    case "boolean":
      return api.create_bool(value.val);
    case "s8":
      return api.create_int8(value.val);
    case "s16":
      return api.create_int16(value.val);
    case "s32":
      return api.create_int32(value.val);
    case "s64":
      return api.create_int64(value.val);
    case "u8":
      return api.create_uint8(value.val);
    case "u16":
      return api.create_uint16(value.val);
    case "u32":
      return api.create_uint32(value.val);
    case "u64":
      return api.create_uint64(value.val);
    case "f32":
      return api.create_float(value.val);
    case "f64":
      return api.create_double(value.val);
    case "hugeint":
      return api.create_hugeint(value.val);
    case "uhugeint":
      return api.create_uhugeint(value.val);
    case "text":
      return withBytes(new TextEncoder().encode(value.val), api.create_varchar_length);
    case "blob":
      return withBytes(value.val, api.create_blob);
    case "uuid":
      return api.create_uuid(parseUuid(value.val));
    case "decimal": {
      const { width, scale, unscaled } = value.val;
      return api.create_decimal({ width, scale, value: unscaled });
    }
    case "interval":
      return api.create_interval(value.val);
    case "date":
      return api.create_date(value.val);
    case "time":
      return api.create_time(value.val);
    case "time-ns":
      return api.create_time_ns(value.val);
    case "time-tz":
      return api.create_time_tz_value(timeTzBits(value.val));
    case "timestamp":
      return api.create_timestamp(value.val);
    case "timestamp-s":
      return api.create_timestamp_s(value.val);
    case "timestamp-ms":
      return api.create_timestamp_ms(value.val);
    case "timestamp-ns":
      return api.create_timestamp_ns(value.val);
    case "timestamp-tz":
      return api.create_timestamp_tz(value.val);
  }
}

/** How DuckDB packs a time of day with its offset. */
export function timeTzBits({ micros, offset }: SqlTimeTz): bigint {
  return (micros << 24n) | BigInt(MAX_TIME_OFFSET - offset);
}

function withBytes(bytes: Uint8Array, create: (address: number, length: number) => number): number {
  // An empty buffer has no address; the one byte is not read.
  const own = new Uint8Array(new ArrayBuffer(Math.max(bytes.length, 1)));
  own.set(bytes);
  return withAddress(own, (address) => create(address, bytes.length));
}
