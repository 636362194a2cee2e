/** A result of DuckDB's, read chunk by chunk; each chunk is given back at once. */
import type { SqlChunk, SqlColumnInfo, SqlError } from "./bindings.ts";
import { RESULT_WORDS, type ResultWords } from "./capi.ts";
import { decodeChunk, decodeRows } from "./column.ts";
import type { Decoding } from "./decode.ts";
import { closed, duckdbError, fitting } from "./errors.ts";
import { Handle } from "./handles.ts";
import { type ColumnType, takeType } from "./logical-type.ts";
import { addressOf } from "./native.ts";
import { err, ok } from "../result.ts";
import type { Session } from "./session.ts";
import type { Result } from "../types.ts";

export class QueryResult {
  readonly columns: readonly SqlColumnInfo[];
  readonly types: readonly ColumnType[];
  readonly rowsChanged: bigint;
  readonly #decoding: Decoding;
  readonly #handle: Handle;
  /** The `duckdb_result` itself: its address must stay. */
  readonly #words: BigUint64Array<ArrayBuffer>;
  /** What every fetch gives from now on. */
  #end: Result<undefined, SqlError> | undefined;

  /** The result of a pending query, which must be done or else is done here. */
  static take(session: Session, pending: Handle): Result<QueryResult, SqlError> {
    const { native, connection, census } = session;
    const { api } = native;
    const words = new BigUint64Array(new ArrayBuffer(RESULT_WORDS * 8));
    const at = addressOf(words);
    if (pending.address === undefined) return closed("query");
    const state = api.execute_pending(pending.address, at);
    // It is destroyed where it lies, also when it holds an error only; whoever can destroy it holds those bytes.
    const destroy = (): void => api.destroy_result(addressOf(words));
    const handle = new Handle(native, at, destroy, { census, parent: connection });
    if (state === 0) return ok(new QueryResult(session, handle, words));
    const error = duckdbError(api.result_error(at));
    handle.release();
    return err(error);
  }

  private constructor(session: Session, handle: Handle, words: BigUint64Array<ArrayBuffer>) {
    const { native, settings } = session;
    const { api } = native;
    this.#handle = handle;
    this.#words = words;
    this.#decoding = { native, limitBytes: settings.maxChunkBytes };
    const at = addressOf(words);
    const count = Number(api.column_count(at));
    this.types = Array.from({ length: count }, (_, index) =>
      takeType(native, api.column_logical_type(at, index)),
    );
    this.columns = this.types.map(({ kind, sqlType }, index) => ({
      name: api.column_name(at, index) ?? "",
      kind,
      sqlType,
    }));
    this.rowsChanged = BigInt(api.rows_changed(at));
  }

  /** Nothing at the end. */
  nextChunk(): Result<SqlChunk | undefined, SqlError> {
    return this.#next((chunk) => decodeChunk(this.#decoding, chunk, this.types));
  }

  /** The next rows as JSON arrays; nothing at the end. */
  nextRows(): Result<readonly string[] | undefined, SqlError> {
    return this.#next((chunk) => decodeRows(this.#decoding, chunk, this.types));
  }

  /** Gives it back; what was read of columns stays. */
  close(): void {
    this.#handle.close();
  }

  #next<T>(decode: (chunk: number) => T): Result<T | undefined, SqlError> {
    if (this.#end !== undefined) return this.#end;
    if (this.#handle.address === undefined) return closed("result");
    const { native } = this.#decoding;
    const { api } = native;
    const chunk = api.fetch_chunk(this.#asStruct());
    if (chunk === 0) {
      const complaint = api.result_error(addressOf(this.#words));
      return this.#finish(complaint === null || complaint === "" ? ok() : err(duckdbError(complaint)));
    }
    try {
      if (Number(api.data_chunk_get_size(chunk)) === 0) return this.#finish(ok());
      const decoded = fitting(() => ok(decode(chunk)));
      return decoded.tag === "ok" ? decoded : this.#finish(decoded);
    } finally {
      native.destroy(api.destroy_data_chunk, chunk);
    }
  }

  #finish(end: Result<undefined, SqlError>): Result<undefined, SqlError> {
    this.#end = end;
    this.close();
    return end;
  }

  #asStruct(): ResultWords {
    const [w0 = 0n, w1 = 0n, w2 = 0n, w3 = 0n, w4 = 0n, w5 = 0n] = this.#words;
    return { w0, w1, w2, w3, w4, w5 };
  }
}
