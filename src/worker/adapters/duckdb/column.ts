/** Data chunks of DuckDB as chunks of the WIT interface, or as rows of JSON text. */
import type { SqlCells, SqlChunk, SqlColumn } from "./bindings.ts";
import { cellsOf, type Decoding, emptyWhere, nullsOf, type Reading, validityOf } from "./decode.ts";
import { jsonOf, jsonOfVector } from "./json.ts";
import type { ColumnType } from "./logical-type.ts";

/** Throws Unfit for what cannot be delivered. */
export function decodeChunk(decoding: Decoding, chunk: number, types: readonly ColumnType[]): SqlChunk {
  const { api } = decoding.native;
  const rows = Number(api.data_chunk_get_size(chunk));
  const columns = types.map((type, index) =>
    decodeColumn(decoding, api.data_chunk_get_vector(chunk, index), type, rows),
  );
  return { rows, columns };
}

function decodeColumn(decoding: Decoding, vector: number, type: ColumnType, rows: number): SqlColumn {
  const validity = validityOf(decoding.native, vector, rows);
  return { cells: anyCells(decoding, { vector, type, rows, isNull: nullsOf(validity) }), validity };
}

function anyCells(decoding: Decoding, reading: Reading): SqlCells {
  if (reading.type.kind !== "json") return cellsOf(decoding, reading);
  return { tag: "json", val: jsonOf(decoding, reading).map(emptyWhere(reading.isNull)) };
}

/** A JSON array for each row. Throws Unfit. */
export function decodeRows(decoding: Decoding, chunk: number, types: readonly ColumnType[]): string[] {
  const { api } = decoding.native;
  const rows = Number(api.data_chunk_get_size(chunk));
  const columns = types.map((type, index) =>
    jsonOfVector(decoding, api.data_chunk_get_vector(chunk, index), type, rows),
  );
  return Array.from({ length: rows }, (_, row) => `[${columns.map((texts) => texts[row]).join(",")}]`);
}
