/** Values as JSON text, column by column: for nested types, and for the rows of the small interface. */
import type { SqlUhugeint } from "./bindings.ts";
import { dateText, intervalText, timeNsText, timestampText, timeText, timeTzText } from "./calendar.ts";
import {
  cellsOf,
  type Decoding,
  intervals,
  nullsOf,
  rowBytes,
  type Reading,
  strings,
  timeTz,
  uhugeints,
  uuid,
  validityOf,
} from "./decode.ts";
import { Unfit } from "./errors.ts";
import type { ColumnType } from "./logical-type.ts";
import { blobsOf } from "./strings.ts";

/** One text for each row. How values are written is said in the WIT, at `cells.json`. */
export function jsonOf(decoding: Decoding, reading: Reading): string[] {
  const texts = valuesOf(decoding, reading);
  return texts.map((text, row) => (reading.isNull(row) ? "null" : text));
}

/** The same, for a vector of its own: a child of another one. */
export function jsonOfVector(decoding: Decoding, vector: number, type: ColumnType, rows: number): string[] {
  const isNull = nullsOf(validityOf(decoding.native, vector, rows));
  return jsonOf(decoding, { vector, type, rows, isNull });
}

/** What NULL rows have is arbitrary. */
function valuesOf(decoding: Decoding, reading: Reading): string[] {
  const { type } = reading;
  switch (type.shape) {
    case "scalar":
    case "enum":
    case "decimal":
      return scalars(decoding, reading);
    case "list": {
      const child = decoding.native.api.list_vector_get_child(reading.vector);
      return listed(decoding, reading, (count) => jsonOfVector(decoding, child, type.element, count));
    }
    case "map": {
      const { api } = decoding.native;
      const entries = api.list_vector_get_child(reading.vector);
      return listed(decoding, reading, (count) => {
        const keys = jsonOfVector(decoding, api.struct_vector_get_child(entries, 0), type.key, count);
        const values = jsonOfVector(decoding, api.struct_vector_get_child(entries, 1), type.value, count);
        return keys.map((key, index) => `{"key":${key},"value":${values[index] ?? "null"}}`);
      });
    }
    case "array": {
      const child = decoding.native.api.array_vector_get_child(reading.vector);
      const elements = jsonOfVector(decoding, child, type.element, reading.rows * type.length);
      return rowsOf(reading, (row) => bracketed(elements, row * type.length, type.length));
    }
    case "struct":
      return structs(decoding, reading, type.members);
    case "union":
      return unions(decoding, reading, type.members);
  }
}

function rowsOf({ rows, isNull }: Reading, text: (row: number) => string): string[] {
  return Array.from({ length: rows }, (_, row) => (isNull(row) ? "null" : text(row)));
}

function bracketed(elements: readonly string[], from: number, count: number): string {
  return `[${elements.slice(from, from + count).join(",")}]`;
}

/** Lists: an offset and a length into the child, both u64. */
function listed(
  decoding: Decoding,
  reading: Reading,
  elementsOf: (count: number) => readonly string[],
): string[] {
  const count = Number(decoding.native.api.list_vector_get_size(reading.vector));
  // Every element has a byte at least.
  if (count > decoding.limitBytes) {
    throw new Unfit("the lists of this chunk have more elements than max-chunk-bytes allows", "limit");
  }
  const elements = elementsOf(count);
  const entries = new BigUint64Array(rowBytes(decoding, reading, 16));
  return rowsOf(reading, (row) =>
    bracketed(elements, Number(entries[row * 2]), Number(entries[row * 2 + 1])),
  );
}

type Members = readonly { readonly name: string; readonly type: ColumnType }[];

function structs(decoding: Decoding, reading: Reading, members: Members): string[] {
  const { vector, rows } = reading;
  const { api } = decoding.native;
  const columns = members.map(({ name, type }, index) => ({
    key: JSON.stringify(name),
    texts: jsonOfVector(decoding, api.struct_vector_get_child(vector, index), type, rows),
  }));
  // Members without names are those of a row value.
  if (members.every(({ name }) => name === "")) {
    return rowsOf(reading, (row) => `[${columns.map(({ texts }) => texts[row] ?? "null").join(",")}]`);
  }
  return rowsOf(
    reading,
    (row) => `{${columns.map(({ key, texts }) => `${key}:${texts[row] ?? "null"}`).join(",")}}`,
  );
}

/** A union is a struct: a u8 that says which member it is, then the members. */
function unions(decoding: Decoding, reading: Reading, members: Members): string[] {
  const { vector } = reading;
  const { api } = decoding.native;
  const tagged = { ...reading, vector: api.struct_vector_get_child(vector, 0) };
  const tags = new Uint8Array(rowBytes(decoding, tagged, 1));
  const columns = members.map(({ name, type }, index) => ({
    key: JSON.stringify(name),
    texts: jsonOfVector(decoding, api.struct_vector_get_child(vector, index + 1), type, reading.rows),
  }));
  return rowsOf(reading, (row) => {
    const column = columns[tags[row] ?? 0];
    return column === undefined ? "null" : `{${column.key}:${column.texts[row] ?? "null"}}`;
  });
}

function scalars(decoding: Decoding, reading: Reading): string[] {
  const { type } = reading;
  switch (type.kind) {
    case "hugeints":
      return uhugeints(decoding, reading).map((value) => String(BigInt.asIntN(128, joined(value))));
    case "uhugeints":
      return uhugeints(decoding, reading).map((value) => String(joined(value)));
    case "wide-decimals":
      return uhugeints(decoding, reading).map((value) => point(BigInt.asIntN(128, joined(value)), type));
    case "uuids":
      return uhugeints(decoding, reading).map((value) => quoted(uuid(value)));
    case "intervals":
      return intervals(decoding, reading).map(({ months, days, micros }) =>
        quoted(intervalText(months, days, micros)),
      );
    case "times-tz":
      return Array.from(new BigUint64Array(rowBytes(decoding, reading, 8)), (bits) => {
        const { micros, offset } = timeTz(bits);
        return quoted(timeTzText(micros, offset));
      });
    case "blobs":
      return blobsOf(strings(decoding, reading)).map((bytes) => quoted(Buffer.from(bytes).toString("hex")));
    default:
      return cells(decoding, reading);
  }
}

function cells(decoding: Decoding, reading: Reading): string[] {
  const { tag, val } = cellsOf(decoding, reading);
  switch (tag) {
    case "f32s":
      return Array.from(val, (value) => floatText(value, shortest32));
    case "f64s":
      return Array.from(val, (value) => floatText(value, String));
    case "dates":
      return Array.from(val, (days) => quoted(dateText(days)));
    case "times":
      return Array.from(val, (micros) => quoted(timeText(micros)));
    case "times-ns":
      return Array.from(val, (nanos) => quoted(timeNsText(nanos)));
    case "timestamps":
      return Array.from(val, (micros) => quoted(timestampText(micros, 6)));
    case "timestamps-s":
      return Array.from(val, (seconds) => quoted(timestampText(seconds, 0)));
    case "timestamps-ms":
      return Array.from(val, (millis) => quoted(timestampText(millis, 3)));
    case "timestamps-ns":
      return Array.from(val, (nanos) => quoted(timestampText(nanos, 9)));
    case "timestamps-tz":
      return Array.from(val, (micros) => quoted(`${timestampText(micros, 6)}+00`));
    case "decimals":
      return Array.from(val.unscaled, (unscaled) => point(unscaled, reading.type));
    case "enums": {
      const labels = reading.type.shape === "enum" ? reading.type.labels : [];
      return Array.from(val, (index) => quoted(labels[index] ?? ""));
    }
    case "texts":
    case "bits":
      return val.map(quoted);
    case "booleans":
    case "s8s":
    case "s16s":
    case "s32s":
    case "s64s":
    case "u8s":
    case "u16s":
    case "u32s":
    case "u64s":
      return Array.from<number | bigint | boolean, string>(val, String);
    default:
      throw new Unfit(`values of type ${reading.type.sqlType} are not written as JSON`);
  }
}

const quoted = (text: string): string => JSON.stringify(text);

function joined({ lower, upper }: SqlUhugeint): bigint {
  return (upper << 64n) | lower;
}

/** JSON has no NaN and no infinity. */
function floatText(value: number, text: (value: number) => string): string {
  if (Object.is(value, -0)) return "-0";
  return Number.isFinite(value) ? text(value) : quoted(String(value));
}

/** The shortest digits that give this f32 again. */
function shortest32(value: number): string {
  for (let precision = 6; precision < 9; precision += 1) {
    const shorter = Number(value.toPrecision(precision));
    if (Math.fround(shorter) === value) return String(shorter);
  }
  return String(Number(value.toPrecision(9)));
}

function point(unscaled: bigint, type: ColumnType): string {
  const scale = type.shape === "decimal" ? type.scale : 0;
  if (scale === 0) return String(unscaled);
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, "0");
  return `${unscaled < 0n ? "-" : ""}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}
