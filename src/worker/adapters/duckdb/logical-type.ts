/** Types of columns, read from DuckDB once for each result. */
import type { SqlColumnKind } from "./bindings.ts";
import type { Native } from "./native.ts";

/** A type nested deeper is `other`. */
const MAX_DEPTH = 32;
/** More members, or labels, are not read: such a type is `other`. */
const MAX_MEMBERS = 1 << 20;

/** `DUCKDB_TYPE_*` of duckdb.h; those of the same representation share a kind. */
const SCALARS: Readonly<Record<number, readonly [SqlColumnKind, string]>> = {
  1: ["booleans", "BOOLEAN"],
  2: ["s8s", "TINYINT"],
  3: ["s16s", "SMALLINT"],
  4: ["s32s", "INTEGER"],
  5: ["s64s", "BIGINT"],
  6: ["u8s", "UTINYINT"],
  7: ["u16s", "USMALLINT"],
  8: ["u32s", "UINTEGER"],
  9: ["u64s", "UBIGINT"],
  10: ["f32s", "FLOAT"],
  11: ["f64s", "DOUBLE"],
  12: ["timestamps", "TIMESTAMP"],
  13: ["dates", "DATE"],
  14: ["times", "TIME"],
  15: ["intervals", "INTERVAL"],
  16: ["hugeints", "HUGEINT"],
  17: ["texts", "VARCHAR"],
  18: ["blobs", "BLOB"],
  20: ["timestamps-s", "TIMESTAMP_S"],
  21: ["timestamps-ms", "TIMESTAMP_MS"],
  22: ["timestamps-ns", "TIMESTAMP_NS"],
  27: ["uuids", "UUID"],
  29: ["bits", "BIT"],
  30: ["times-tz", "TIME WITH TIME ZONE"],
  31: ["timestamps-tz", "TIMESTAMP WITH TIME ZONE"],
  32: ["uhugeints", "UHUGEINT"],
  39: ["times-ns", "TIME_NS"],
};
/** Of a column or parameter that a statement leaves open. */
export const UNKNOWN = "UNKNOWN";

const OTHERS: Readonly<Record<number, string>> = {
  0: UNKNOWN,
  34: "ANY",
  35: "BIGNUM",
  36: "NULL",
  40: "GEOMETRY",
  41: "VARIANT",
};
const DECIMAL = 19;
const ENUM = 23;
const LIST = 24;
const STRUCT = 25;
const MAP = 26;
const UNION = 28;
const ARRAY = 33;

export interface Member {
  readonly name: string;
  readonly type: ColumnType;
}

/** What the values of a type are made of, beyond its kind. */
type Shape =
  | { readonly shape: "scalar" }
  /** `bytes` of an unscaled value in a vector. */
  | { readonly shape: "decimal"; readonly width: number; readonly scale: number; readonly bytes: number }
  /** `bytes` of an index in a vector. */
  | { readonly shape: "enum"; readonly bytes: number; readonly labels: readonly string[] }
  | { readonly shape: "list"; readonly element: ColumnType }
  | { readonly shape: "array"; readonly element: ColumnType; readonly length: number }
  | { readonly shape: "map"; readonly key: ColumnType; readonly value: ColumnType }
  | { readonly shape: "struct" | "union"; readonly members: readonly Member[] };

export type ColumnType = Shape & { readonly kind: SqlColumnKind; readonly sqlType: string };

/** Takes the logical type at `address` and destroys it. */
export function takeType(native: Native, address: number, depth = 0): ColumnType {
  if (address === 0) return other(UNKNOWN);
  return native.withType(address, (type) => {
    const read = readType(native, type, depth);
    const alias = native.takeText(native.api.logical_type_get_alias(type));
    // A type with a name of its own, such as JSON, shows that name.
    return alias === "" ? read : { ...read, sqlType: alias };
  });
}

function other(sqlType: string): ColumnType {
  return { kind: "other", shape: "scalar", sqlType };
}

function readType(native: Native, type: number, depth: number): ColumnType {
  const { api } = native;
  const id = api.get_type_id(type);
  const scalar = SCALARS[id];
  if (scalar !== undefined) return { kind: scalar[0], shape: "scalar", sqlType: scalar[1] };
  if (depth >= MAX_DEPTH) return other(`type ${id}`);
  const nested = (address: number): ColumnType => takeType(native, address, depth + 1);
  switch (id) {
    case DECIMAL:
      return decimal(native, type);
    case ENUM:
      return enumeration(native, type);
    case LIST: {
      const element = nested(api.list_type_child_type(type));
      return { kind: jsonOf([element]), shape: "list", element, sqlType: `${element.sqlType}[]` };
    }
    case ARRAY: {
      const element = nested(api.array_type_child_type(type));
      const length = Number(api.array_type_array_size(type));
      const sqlType = `${element.sqlType}[${length}]`;
      return { kind: jsonOf([element]), shape: "array", element, length, sqlType };
    }
    case MAP: {
      const key = nested(api.map_type_key_type(type));
      const value = nested(api.map_type_value_type(type));
      const sqlType = `MAP(${key.sqlType}, ${value.sqlType})`;
      return { kind: jsonOf([key, value]), shape: "map", key, value, sqlType };
    }
    case STRUCT:
      return composite("struct", Number(api.struct_type_child_count(type)), (index) => ({
        name: native.takeText(api.struct_type_child_name(type, index)),
        type: nested(api.struct_type_child_type(type, index)),
      }));
    case UNION:
      return composite("union", Number(api.union_type_member_count(type)), (index) => ({
        name: native.takeText(api.union_type_member_name(type, index)),
        type: nested(api.union_type_member_type(type, index)),
      }));
    default:
      return other(OTHERS[id] ?? `type ${id}`);
  }
}

/** Physical types of DECIMAL and ENUM: `DUCKDB_TYPE_*` again. */
function bytesOf(id: number): number {
  switch (id) {
    case 6:
      return 1;
    case 3:
    case 7:
      return 2;
    case 4:
    case 8:
      return 4;
    case 5:
      return 8;
    default:
      return 16;
  }
}

function decimal({ api }: Native, type: number): ColumnType {
  const width = api.decimal_width(type);
  const scale = api.decimal_scale(type);
  return {
    kind: width > 18 ? "wide-decimals" : "decimals",
    shape: "decimal",
    width,
    scale,
    bytes: bytesOf(api.decimal_internal_type(type)),
    sqlType: `DECIMAL(${width},${scale})`,
  };
}

function enumeration(native: Native, type: number): ColumnType {
  const { api } = native;
  const count = Math.min(api.enum_dictionary_size(type), MAX_MEMBERS);
  const labels = Array.from({ length: count }, (_, index) =>
    native.takeText(api.enum_dictionary_value(type, index)),
  );
  const shown = labels.slice(0, 8).map((label) => `'${label.replaceAll("'", "''")}'`);
  const sqlType = `ENUM(${shown.join(", ")}${labels.length > shown.length ? ", …" : ""})`;
  return { kind: "enums", shape: "enum", bytes: bytesOf(api.enum_internal_type(type)), labels, sqlType };
}

function composite(
  shape: "struct" | "union",
  count: number,
  memberAt: (index: number) => Member,
): ColumnType {
  if (count > MAX_MEMBERS) return other(shape.toUpperCase());
  const members = Array.from({ length: count }, (_, index) => memberAt(index));
  const listed = members.map(({ name, type }) => `${quoted(name)} ${type.sqlType}`).join(", ");
  return {
    kind: jsonOf(members.map((member) => member.type)),
    shape,
    members,
    sqlType: `${shape.toUpperCase()}(${listed})`,
  };
}

function quoted(name: string): string {
  return /^[a-z_][a-z0-9_]*$/u.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

/** JSON, if all of it can be written as JSON. */
function jsonOf(parts: readonly ColumnType[]): SqlColumnKind {
  return parts.some((part) => part.kind === "other") ? "other" : "json";
}
