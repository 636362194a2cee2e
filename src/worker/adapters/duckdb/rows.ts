/** Rows to append, collected as columns until they fill a chunk: no call of DuckDB's for each cell. */
import type { SqlCells, SqlColumn, SqlColumnKind, SqlHugeint, SqlValue } from "./bindings.ts";
import { Unfit } from "./errors.ts";
import type { ColumnType } from "./logical-type.ts";
import { checkValue } from "./values.ts";

/** The kind of column whose values a value is one of. */
const KINDS: Readonly<Record<Exclude<SqlValue["tag"], "null" | "decimal">, SqlColumnKind>> = {
  boolean: "booleans",
  s8: "s8s",
  s16: "s16s",
  s32: "s32s",
  s64: "s64s",
  u8: "u8s",
  u16: "u16s",
  u32: "u32s",
  u64: "u64s",
  f32: "f32s",
  f64: "f64s",
  hugeint: "hugeints",
  uhugeint: "uhugeints",
  text: "texts",
  blob: "blobs",
  date: "dates",
  time: "times",
  "time-ns": "times-ns",
  "time-tz": "times-tz",
  timestamp: "timestamps",
  "timestamp-s": "timestamps-s",
  "timestamp-ms": "timestamps-ms",
  "timestamp-ns": "timestamps-ns",
  "timestamp-tz": "timestamps-tz",
  interval: "intervals",
  uuid: "uuids",
};

export class RowBuffer {
  readonly #types: readonly ColumnType[];
  readonly #capacity: number;
  #columns: SqlValue[][];
  #length = 0;

  constructor(types: readonly ColumnType[], capacity: number) {
    this.#types = types;
    this.#capacity = capacity;
    this.#columns = types.map(() => []);
  }

  get isEmpty(): boolean {
    return this.#length === 0;
  }

  get isFull(): boolean {
    return this.#length >= this.#capacity;
  }

  /** False, and nothing is taken, where a value is of another kind than its column. Throws Unfit for one out of range. */
  push(values: readonly SqlValue[]): boolean {
    for (const [index, value] of values.entries()) {
      const type = this.#types[index];
      if (type === undefined || !fits(value, type)) return false;
      checkValue(value);
    }
    for (const [index, value] of values.entries()) this.#columns[index]?.push(value);
    this.#length += 1;
    return true;
  }

  /** What was collected; the buffer is empty then. */
  take(): readonly SqlColumn[] {
    const columns = this.#columns;
    this.#columns = this.#types.map(() => []);
    this.#length = 0;
    return columns.map((values, index) => {
      const type = this.#types[index];
      return { cells: cellsOf(type?.kind ?? "other", values, type), validity: validityOf(values) };
    });
  }

  /** A column of one value, of the value's own kind. */
  static single(value: SqlValue): SqlColumn {
    const kind = value.tag === "null" ? "texts" : kindOf(value);
    return { cells: cellsOf(kind, [value]), validity: validityOf([value]) };
  }
}

function fits(value: SqlValue, type: ColumnType): boolean {
  if (value.tag === "null") return type.kind !== "other" && type.kind !== "enums" && type.kind !== "json";
  if (value.tag !== "decimal") return KINDS[value.tag] === type.kind && type.shape === "scalar";
  return type.shape === "decimal" && type.width === value.val.width && type.scale === value.val.scale;
}

function kindOf(value: Exclude<SqlValue, { readonly tag: "null" }>): SqlColumnKind {
  if (value.tag !== "decimal") return KINDS[value.tag];
  return value.val.width > 18 ? "wide-decimals" : "decimals";
}

function validityOf(values: readonly SqlValue[]): Uint8Array | undefined {
  if (values.every(({ tag }) => tag !== "null")) return undefined;
  const bits = new Uint8Array(Math.ceil(values.length / 8));
  for (const [row, { tag }] of values.entries()) {
    if (tag !== "null") bits[row >>> 3] = (bits[row >>> 3] ?? 0) | (1 << (row & 7));
  }
  return bits;
}

const small = (value: SqlValue): number => ("val" in value && typeof value.val === "number" ? value.val : 0);
const big = (value: SqlValue): bigint => ("val" in value && typeof value.val === "bigint" ? value.val : 0n);
const text = (value: SqlValue): string => ("val" in value && typeof value.val === "string" ? value.val : "");

const ZERO: SqlHugeint = { lower: 0n, upper: 0n };
const NO_BYTES = new Uint8Array();

/** The values as cells of their kind, zeros for NULL. */
function cellsOf(kind: SqlColumnKind, values: readonly SqlValue[], type?: ColumnType): SqlCells {
  switch (kind) {
    case "booleans":
      return { tag: kind, val: values.map((value) => value.tag === "boolean" && value.val) };
    case "s8s":
      return { tag: kind, val: Int8Array.from(values, small) };
    case "s16s":
      return { tag: kind, val: Int16Array.from(values, small) };
    case "s32s":
    case "dates":
      return { tag: kind, val: Int32Array.from(values, small) };
    case "u8s":
      return { tag: kind, val: Uint8Array.from(values, small) };
    case "u16s":
      return { tag: kind, val: Uint16Array.from(values, small) };
    case "u32s":
      return { tag: kind, val: Uint32Array.from(values, small) };
    case "f32s":
      return { tag: kind, val: Float32Array.from(values, small) };
    case "f64s":
      return { tag: kind, val: Float64Array.from(values, small) };
    case "u64s":
      return { tag: kind, val: BigUint64Array.from(values, big) };
    case "s64s":
    case "times":
    case "times-ns":
    case "timestamps":
    case "timestamps-s":
    case "timestamps-ms":
    case "timestamps-ns":
    case "timestamps-tz":
      return { tag: kind, val: BigInt64Array.from(values, big) };
    case "texts":
    case "uuids":
    case "bits":
      return { tag: kind, val: kind === "uuids" ? values.map(uuidText) : values.map(text) };
    case "decimals":
    case "wide-decimals":
      return decimals(kind, values, type);
    default:
      return records(kind, values);
  }
}

const uuidText = (value: SqlValue): string => text(value) || "0".repeat(32);

function records(kind: SqlColumnKind, values: readonly SqlValue[]): SqlCells {
  switch (kind) {
    case "hugeints":
      return { tag: kind, val: values.map((value) => (value.tag === "hugeint" ? value.val : ZERO)) };
    case "uhugeints":
      return { tag: kind, val: values.map((value) => (value.tag === "uhugeint" ? value.val : ZERO)) };
    case "blobs":
      return { tag: kind, val: values.map((value) => (value.tag === "blob" ? value.val : NO_BYTES)) };
    case "times-tz":
      return {
        tag: kind,
        val: values.map((value) => (value.tag === "time-tz" ? value.val : { micros: 0n, offset: 0 })),
      };
    case "intervals":
      return {
        tag: kind,
        val: values.map((value) =>
          value.tag === "interval" ? value.val : { months: 0, days: 0, micros: 0n },
        ),
      };
    default:
      throw new Unfit(`no values are appended to a column of kind ${kind}`);
  }
}

/** All have the digits of the column, or of the one value there is. */
function decimals(
  kind: "decimals" | "wide-decimals",
  values: readonly SqlValue[],
  type: ColumnType | undefined,
): SqlCells {
  const [first] = values;
  const given = first?.tag === "decimal" ? first.val : { width: 1, scale: 0 };
  const { width, scale } = type?.shape === "decimal" ? type : given;
  const unscaled = values.map((value) => (value.tag === "decimal" ? value.val.unscaled : ZERO));
  return kind === "wide-decimals"
    ? { tag: kind, val: { width, scale, unscaled } }
    : { tag: kind, val: { width, scale, unscaled: BigInt64Array.from(unscaled, ({ lower }) => lower) } };
}
