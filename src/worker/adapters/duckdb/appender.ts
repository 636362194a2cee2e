/** Resource `appender`. */
import type { SqlAppender, SqlColumn, SqlColumnInfo, SqlError, SqlValue } from "./bindings.ts";
import { closed, duckdbError, failure, fitting, Unfit } from "./errors.ts";
import { encodeCells, type Encoded } from "./encode.ts";
import { Handle } from "./handles.ts";
import { type ColumnType, takeType } from "./logical-type.ts";
import { copyTo, cText, withAddress } from "./native.ts";
import { err, ok } from "../result.ts";
import { RowBuffer } from "./rows.ts";
import type { Session } from "./session.ts";
import type { Result } from "../types.ts";

export class Appender implements SqlAppender {
  readonly #session: Session;
  readonly #handle: Handle;
  readonly #types: readonly ColumnType[];
  readonly #names: readonly string[];
  readonly #rows: RowBuffer;

  static open(session: Session, schema: string | undefined, table: string): Result<Appender, SqlError> {
    const { native, connection, census } = session;
    const { api } = native;
    const { address } = connection;
    if (address === undefined) return closed("connection");
    if (table.includes("\0") || schema?.includes("\0") === true) {
      return failure("misuse", "the name of a table has no NUL");
    }
    const made = withSchema(schema, (at) =>
      native.make((out) => api.appender_create(address, at, table, out)),
    );
    // To destroy it would write what it still holds.
    const destroy = (pointer: number): void => {
      api.appender_clear(made.address);
      api.appender_destroy(pointer);
    };
    const handle = new Handle(native, made.address, destroy, { census, parent: connection });
    if (!made.isOk) {
      const error = errorOf(session, made.address);
      handle.release();
      return err(error);
    }
    return ok(new Appender(session, handle, namesOf(session, schema, table)));
  }

  private constructor(session: Session, handle: Handle, names: readonly string[]) {
    const { native } = session;
    const { api } = native;
    this.#session = session;
    this.#handle = handle;
    const address = handle.address ?? 0;
    const count = Number(api.appender_column_count(address));
    this.#types = Array.from({ length: count }, (_, index) =>
      takeType(native, api.appender_column_type(address, index)),
    );
    // Generated columns are described, but not appended: then nothing tells which name is whose.
    this.#names = names.length === count ? names : [];
    this.#rows = new RowBuffer(this.#types, Number(api.vector_size()));
  }

  columns(): readonly SqlColumnInfo[] {
    return this.#types.map(({ kind, sqlType }, index) => ({ name: this.#names[index] ?? "", kind, sqlType }));
  }

  appendRow(values: readonly SqlValue[]): Result<undefined, SqlError> {
    if (this.#handle.address === undefined) return closed("appender");
    if (values.length !== this.#types.length) {
      return failure("misuse", `${values.length} values for ${this.#types.length} columns`);
    }
    return fitting(() => {
      if (this.#rows.push(values)) return this.#rows.isFull ? this.#writeRows() : ok();
      // Of another kind than the column: DuckDB converts it, in its place among the rows.
      const written = this.#writeRows();
      return written.tag === "err" ? written : this.#write(values.map((value) => RowBuffer.single(value)));
    });
  }

  appendColumns(columns: readonly SqlColumn[]): Result<undefined, SqlError> {
    if (this.#handle.address === undefined) return closed("appender");
    if (columns.length !== this.#types.length) {
      return failure("misuse", `${columns.length} columns for the ${this.#types.length} of the table`);
    }
    return fitting(() => {
      const written = this.#writeRows();
      return written.tag === "err" ? written : this.#write(columns);
    });
  }

  flush(): Result<undefined, SqlError> {
    return this.#end((address) => this.#session.native.api.appender_flush(address));
  }

  close(): Result<undefined, SqlError> {
    const done = this.#end((address) => this.#session.native.api.appender_close(address));
    this.#handle.close();
    return done;
  }

  [Symbol.dispose](): void {
    this.#handle.close();
  }

  #end(call: (address: number) => number): Result<undefined, SqlError> {
    const { address } = this.#handle;
    if (address === undefined) return closed("appender");
    const written = fitting(() => this.#writeRows());
    if (written.tag === "err") return written;
    if (call(address) === 0) return ok();
    const error = errorOf(this.#session, address);
    // Rows that the table refuses would be refused again.
    this.#session.native.api.appender_clear(address);
    return err(error);
  }

  #writeRows(): Result<undefined, SqlError> {
    return this.#rows.isEmpty ? ok() : this.#write(this.#rows.take());
  }

  /** Throws Unfit. */
  #write(columns: readonly SqlColumn[]): Result<undefined, SqlError> {
    const encoded = columns.map(({ cells }) => encodeCells(cells));
    const [{ length } = { length: 0 }] = encoded;
    for (const [index, column] of encoded.entries()) {
      if (column.length !== length) {
        throw new Unfit(`column ${index} has ${column.length} rows, column 0 has ${length}`);
      }
      const validity = columns[index]?.validity;
      if (validity !== undefined && validity.length < Math.ceil(length / 8)) {
        throw new Unfit(`the validity of column ${index} has ${validity.length} bytes for ${length} rows`);
      }
    }
    return this.#withChunk(encoded, (chunk, perChunk) => {
      for (let from = 0; from < length; from += perChunk) {
        const rows = Math.min(perChunk, length - from);
        this.#fill(chunk, encoded, columns, from, rows);
        const { api } = this.#session.native;
        const address = this.#handle.address ?? 0;
        if (api.append_data_chunk(address, chunk) !== 0) return err(errorOf(this.#session, address));
      }
      return ok();
    });
  }

  #withChunk<T>(encoded: readonly Encoded[], use: (chunk: number, perChunk: number) => T): T {
    const { native } = this.#session;
    const { api } = native;
    const types = BigUint64Array.from(encoded, ({ type, decimal }) =>
      BigInt(
        decimal === undefined
          ? api.create_logical_type(type)
          : api.create_decimal_type(decimal.width, decimal.scale),
      ),
    );
    const chunk = withAddress(types, (at) => api.create_data_chunk(at, types.length));
    for (const type of types) native.destroy(api.destroy_logical_type, Number(type));
    try {
      return use(chunk, Number(api.vector_size()));
    } finally {
      native.destroy(api.destroy_data_chunk, chunk);
    }
  }

  #fill(
    chunk: number,
    encoded: readonly Encoded[],
    columns: readonly SqlColumn[],
    from: number,
    rows: number,
  ): void {
    const { api } = this.#session.native;
    api.data_chunk_reset(chunk);
    for (const [index, column] of encoded.entries()) {
      const vector = api.data_chunk_get_vector(chunk, index);
      column.write(api.vector_get_data(vector), from, rows);
      const validity = columns[index]?.validity;
      if (validity === undefined) continue;
      const bits = new Uint8Array(new ArrayBuffer(Math.ceil(rows / 64) * 8));
      // Chunks begin at multiples of 8 rows.
      bits.set(validity.subarray(from / 8, from / 8 + Math.ceil(rows / 8)));
      api.vector_ensure_validity_writable(vector);
      copyTo(api.vector_get_validity(vector), bits);
    }
    api.data_chunk_set_size(chunk, rows);
  }
}

function errorOf({ native }: Session, appender: number): SqlError {
  const { api } = native;
  const data = api.appender_error_data(appender);
  const error =
    data === 0
      ? duckdbError(null)
      : duckdbError(api.error_data_message(data), api.error_data_error_type(data));
  native.destroy(api.destroy_error_data, data);
  return error;
}

/** `use` with the address of a name, or NULL for the schema that is searched first. */
function withSchema<T>(schema: string | undefined, use: (address: number) => T): T {
  return schema === undefined ? use(0) : withAddress(cText(schema), use);
}

/** Names of a table's columns; none where they cannot be had. */
function namesOf(
  { native, connection }: Session,
  schema: string | undefined,
  table: string,
): readonly string[] {
  const { api } = native;
  const { isOk, address } = withSchema(schema, (at) =>
    native.make((out) => api.table_description_create(connection.address ?? 0, at, table, out)),
  );
  const count = isOk ? Number(api.table_description_get_column_count(address)) : 0;
  const names = Array.from({ length: count }, (_, index) =>
    native.takeText(api.table_description_get_column_name(address, index)),
  );
  native.destroy(api.table_description_destroy, address);
  return names;
}
