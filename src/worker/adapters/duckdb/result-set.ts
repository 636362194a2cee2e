/** Resource `result-set`. */
import type { SqlChunk, SqlColumnInfo, SqlError, SqlResultSet } from "./bindings.ts";
import type { QueryResult } from "./query-result.ts";
import type { Result } from "../types.ts";

export class ResultSet implements SqlResultSet {
  readonly #result: QueryResult;

  constructor(result: QueryResult) {
    this.#result = result;
  }

  columns(): readonly SqlColumnInfo[] {
    return this.#result.columns;
  }

  labels(column: number): readonly string[] {
    const type = this.#result.types[column];
    return type?.shape === "enum" ? type.labels : [];
  }

  rowsChanged(): bigint {
    return this.#result.rowsChanged;
  }

  next(): Result<SqlChunk | undefined, SqlError> {
    return this.#result.nextChunk();
  }

  [Symbol.dispose](): void {
    this.#result.close();
  }
}
