/**
 * DuckDB's C API, as far as it is used here: one table, and the functions made from it. Addresses are numbers. What is
 * declared here is `duckdb.h` of DuckDB 1.5; structs of one number are declared as that number, which is the same in
 * the calling conventions of all platforms that we have code for.
 */
import koffi, { type LibraryHandle } from "koffi";
import { HostbundleError } from "../../../shared/errors.ts";

/** `duckdb_result` goes by value to some functions: six words, of which only DuckDB knows the meaning. */
export const RESULT_WORDS = 6;
const RESULT = koffi.struct({
  w0: "uint64_t",
  w1: "uint64_t",
  w2: "uint64_t",
  w3: "uint64_t",
  w4: "uint64_t",
  w5: "uint64_t",
});
const HUGEINT = koffi.struct({ lower: "uint64_t", upper: "int64_t" });
const UHUGEINT = koffi.struct({ lower: "uint64_t", upper: "uint64_t" });
const DECIMAL = koffi.struct({ width: "uint8_t", scale: "uint8_t", value: HUGEINT });
const INTERVAL = koffi.struct({ months: "int32_t", days: "int32_t", micros: "int64_t" });

export interface ResultWords {
  readonly w0: bigint;
  readonly w1: bigint;
  readonly w2: bigint;
  readonly w3: bigint;
  readonly w4: bigint;
  readonly w5: bigint;
}

interface Wide {
  readonly lower: bigint;
  readonly upper: bigint;
}

/** What the names of C types below are in JavaScript. */
interface Types {
  void: void;
  /** An address: of a thing of DuckDB's, or of memory. 0 is NULL. */
  address: number;
  bool: boolean;
  /** 8 to 32 bits. */
  int8: number;
  uint8: number;
  int16: number;
  uint16: number;
  int32: number;
  uint32: number;
  float: number;
  double: number;
  /** A number where it is safe, else a bigint. */
  int64: number | bigint;
  uint64: number | bigint;
  /** Text without NUL. */
  text: string;
  /** Text that stays DuckDB's, copied. */
  textOrNull: string | null;
  result: ResultWords;
  hugeint: Wide;
  uhugeint: Wide;
  decimal: { readonly width: number; readonly scale: number; readonly value: Wide };
  interval: { readonly months: number; readonly days: number; readonly micros: bigint };
}
type TypeName = keyof Types;

const C_TYPES: Readonly<Record<TypeName, string | ReturnType<typeof koffi.struct>>> = {
  void: "void",
  address: "uintptr_t",
  bool: "bool",
  int8: "int8_t",
  uint8: "uint8_t",
  int16: "int16_t",
  uint16: "uint16_t",
  int32: "int32_t",
  uint32: "uint32_t",
  float: "float",
  double: "double",
  int64: "int64_t",
  uint64: "uint64_t",
  text: "str",
  textOrNull: "str",
  result: RESULT,
  hugeint: HUGEINT,
  uhugeint: UHUGEINT,
  decimal: DECIMAL,
  interval: INTERVAL,
};

/** By name without `duckdb_`: the result, then the parameters. `address` is a handle, or where to write one. */
const FUNCTIONS = {
  create_config: ["int32", "address"],
  set_config: ["int32", "address", "text", "text"],
  destroy_config: ["void", "address"],
  open_ext: ["int32", "text", "address", "address", "address"],
  close: ["void", "address"],
  connect: ["int32", "address", "address"],
  disconnect: ["void", "address"],
  interrupt: ["void", "address"],
  free: ["void", "address"],

  extract_statements: ["uint64", "address", "text", "address"],
  extract_statements_error: ["textOrNull", "address"],
  prepare_extracted_statement: ["int32", "address", "address", "uint64", "address"],
  destroy_extracted: ["void", "address"],
  prepare_error: ["textOrNull", "address"],
  destroy_prepare: ["void", "address"],
  prepared_statement_type: ["int32", "address"],
  nparams: ["uint64", "address"],
  parameter_name: ["address", "address", "uint64"],
  param_logical_type: ["address", "address", "uint64"],
  prepared_statement_column_count: ["uint64", "address"],
  prepared_statement_column_name: ["address", "address", "uint64"],
  prepared_statement_column_logical_type: ["address", "address", "uint64"],
  bind_value: ["int32", "address", "uint64", "address"],
  bind_parameter_index: ["int32", "address", "address", "text"],
  clear_bindings: ["int32", "address"],

  pending_prepared: ["int32", "address", "address"],
  pending_prepared_streaming: ["int32", "address", "address"],
  pending_error: ["textOrNull", "address"],
  pending_execute_task: ["int32", "address"],
  execute_pending: ["int32", "address", "address"],
  destroy_pending: ["void", "address"],

  result_error: ["textOrNull", "address"],
  destroy_result: ["void", "address"],
  rows_changed: ["uint64", "address"],
  column_count: ["uint64", "address"],
  column_name: ["textOrNull", "address", "uint64"],
  column_logical_type: ["address", "address", "uint64"],
  fetch_chunk: ["address", "result"],

  create_data_chunk: ["address", "address", "uint64"],
  destroy_data_chunk: ["void", "address"],
  data_chunk_reset: ["void", "address"],
  data_chunk_get_size: ["uint64", "address"],
  data_chunk_set_size: ["void", "address", "uint64"],
  data_chunk_get_column_count: ["uint64", "address"],
  data_chunk_get_vector: ["address", "address", "uint64"],
  vector_size: ["uint64"],
  vector_get_data: ["address", "address"],
  vector_get_validity: ["address", "address"],
  vector_ensure_validity_writable: ["void", "address"],
  list_vector_get_child: ["address", "address"],
  list_vector_get_size: ["uint64", "address"],
  array_vector_get_child: ["address", "address"],
  struct_vector_get_child: ["address", "address", "uint64"],

  create_logical_type: ["address", "int32"],
  create_decimal_type: ["address", "uint8", "uint8"],
  destroy_logical_type: ["void", "address"],
  get_type_id: ["int32", "address"],
  logical_type_get_alias: ["address", "address"],
  decimal_width: ["uint8", "address"],
  decimal_scale: ["uint8", "address"],
  decimal_internal_type: ["int32", "address"],
  enum_internal_type: ["int32", "address"],
  enum_dictionary_size: ["uint32", "address"],
  enum_dictionary_value: ["address", "address", "uint64"],
  list_type_child_type: ["address", "address"],
  array_type_child_type: ["address", "address"],
  array_type_array_size: ["uint64", "address"],
  map_type_key_type: ["address", "address"],
  map_type_value_type: ["address", "address"],
  struct_type_child_count: ["uint64", "address"],
  struct_type_child_name: ["address", "address", "uint64"],
  struct_type_child_type: ["address", "address", "uint64"],
  union_type_member_count: ["uint64", "address"],
  union_type_member_name: ["address", "address", "uint64"],
  union_type_member_type: ["address", "address", "uint64"],

  destroy_value: ["void", "address"],
  create_null_value: ["address"],
  create_bool: ["address", "bool"],
  create_int8: ["address", "int8"],
  create_int16: ["address", "int16"],
  create_int32: ["address", "int32"],
  create_int64: ["address", "int64"],
  create_uint8: ["address", "uint8"],
  create_uint16: ["address", "uint16"],
  create_uint32: ["address", "uint32"],
  create_uint64: ["address", "uint64"],
  create_float: ["address", "float"],
  create_double: ["address", "double"],
  create_hugeint: ["address", "hugeint"],
  create_uhugeint: ["address", "uhugeint"],
  create_decimal: ["address", "decimal"],
  create_varchar_length: ["address", "address", "uint64"],
  create_blob: ["address", "address", "uint64"],
  create_date: ["address", "int32"],
  create_time: ["address", "int64"],
  create_time_ns: ["address", "int64"],
  create_time_tz_value: ["address", "uint64"],
  create_timestamp: ["address", "int64"],
  create_timestamp_s: ["address", "int64"],
  create_timestamp_ms: ["address", "int64"],
  create_timestamp_ns: ["address", "int64"],
  create_timestamp_tz: ["address", "int64"],
  create_interval: ["address", "interval"],
  create_uuid: ["address", "uhugeint"],

  appender_create: ["int32", "address", "address", "text", "address"],
  appender_column_count: ["uint64", "address"],
  appender_column_type: ["address", "address", "uint64"],
  appender_error_data: ["address", "address"],
  appender_begin_row: ["int32", "address"],
  appender_end_row: ["int32", "address"],
  append_value: ["int32", "address", "address"],
  append_data_chunk: ["int32", "address", "address"],
  appender_flush: ["int32", "address"],
  appender_clear: ["int32", "address"],
  appender_close: ["int32", "address"],
  appender_destroy: ["int32", "address"],
  error_data_message: ["textOrNull", "address"],
  error_data_error_type: ["int32", "address"],
  destroy_error_data: ["void", "address"],
  table_description_create: ["int32", "address", "address", "text", "address"],
  table_description_get_column_count: ["uint64", "address"],
  table_description_get_column_name: ["address", "address", "uint64"],
  table_description_destroy: ["void", "address"],
} as const satisfies Record<string, readonly [TypeName, ...TypeName[]]>;

type Arguments<Names extends readonly TypeName[]> = { readonly [I in keyof Names]: Types[Names[I]] };
type Native<Signature> = Signature extends readonly [
  infer Returned extends TypeName,
  ...infer Taken extends readonly TypeName[],
]
  ? (...args: Arguments<Taken>) => Types[Returned]
  : never;

/** The C API by name without `duckdb_`. */
export type CApi = { readonly [Name in keyof typeof FUNCTIONS]: Native<(typeof FUNCTIONS)[Name]> };

/** Throws HOST_FAULT where the library lacks a function. */
export function openCApi(library: LibraryHandle, bundle: string): CApi {
  const functions: Record<string, unknown> = {};
  const missing: string[] = [];
  for (const [name, signature] of Object.entries(FUNCTIONS)) {
    const [result, ...params] = signature.map((type: TypeName) => C_TYPES[type]);
    try {
      functions[name] = library.func(`duckdb_${name}`, result ?? "void", params);
    } catch {
      // The FFI says just that.
      missing.push(`duckdb_${name}`);
    }
  }
  if (!isWhole(functions, missing)) {
    throw new HostbundleError("HOST_FAULT", `the library of host bundle "${bundle}" is no DuckDB of today`, {
      bundle,
      findings: missing.map((symbol) => ({ message: `it lacks the symbol ${symbol}` })),
      help: "use libduckdb 1.5, for example that of the npm package @duckdb/node-bindings",
    });
  }
  return functions;
}

/** Then every function of the table is there, with the types that the table gives it; the FFI's own are untyped. */
function isWhole(functions: Record<string, unknown>, missing: readonly string[]): functions is CApi {
  return missing.length === 0 && Object.keys(FUNCTIONS).every((name) => functions[name] !== undefined);
}
