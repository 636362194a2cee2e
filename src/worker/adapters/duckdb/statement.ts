/** Resources `statement` and `pending`. */
import type {
  SqlColumnInfo,
  SqlError,
  SqlParameter,
  SqlPending,
  SqlProgress,
  SqlResultSet,
  SqlStatement,
  SqlValue,
} from "./bindings.ts";
import { closed, duckdbError, failure, fitting } from "./errors.ts";
import type { Handle } from "./handles.ts";
import { takeType, UNKNOWN } from "./logical-type.ts";
import { err, ok } from "../result.ts";
import { ResultSet } from "./result-set.ts";
import { begin, finish, run, type Session, step } from "./session.ts";
import type { Result } from "../types.ts";
import { withValue } from "./values.ts";

export class Statement implements SqlStatement {
  readonly #session: Session;
  readonly #handle: Handle;

  /** Takes over one use of `handle`. */
  constructor(session: Session, handle: Handle) {
    this.#session = session;
    this.#handle = handle;
  }

  parameters(): readonly SqlParameter[] {
    const { native } = this.#session;
    const { api } = native;
    const { address } = this.#handle;
    if (address === undefined) return [];
    return Array.from({ length: Number(api.nparams(address)) }, (_, index) => ({
      name: native.takeText(api.parameter_name(address, index + 1)),
      sqlType: takeType(native, api.param_logical_type(address, index + 1)).sqlType,
    }));
  }

  columns(): readonly SqlColumnInfo[] {
    const { native } = this.#session;
    const { api } = native;
    const { address } = this.#handle;
    if (address === undefined) return [];
    const count = Number(api.prepared_statement_column_count(address));
    const columns = Array.from({ length: count }, (_, index) => {
      const type = takeType(native, api.prepared_statement_column_logical_type(address, index));
      const name = native.takeText(api.prepared_statement_column_name(address, index));
      return { name, kind: type.kind, sqlType: type.sqlType };
    });
    return columns.some(({ sqlType }) => sqlType === UNKNOWN) ? [] : columns;
  }

  bind(index: number, value: SqlValue): Result<undefined, SqlError> {
    const { native } = this.#session;
    const { api } = native;
    const { address } = this.#handle;
    if (address === undefined) return closed("statement");
    const count = Number(api.nparams(address));
    if (index < 1 || index > count) {
      return failure("misuse", `there is no parameter ${index}: the statement has ${count}, counted from 1`);
    }
    return fitting(() =>
      withValue(native, value, (given) =>
        api.bind_value(address, index, given) === 0 ? ok() : err(duckdbError(api.prepare_error(address))),
      ),
    );
  }

  bindNamed(name: string, value: SqlValue): Result<undefined, SqlError> {
    const { native } = this.#session;
    const { address } = this.#handle;
    if (address === undefined) return closed("statement");
    if (name.includes("\0")) return failure("misuse", "the name of a parameter has no NUL");
    const { isOk, address: index } = native.make((out) =>
      native.api.bind_parameter_index(address, out, name),
    );
    return isOk
      ? this.bind(index, value)
      : failure("misuse", `there is no parameter ${JSON.stringify(name)}`);
  }

  bindAll(values: readonly SqlValue[]): Result<undefined, SqlError> {
    const { address } = this.#handle;
    if (address === undefined) return closed("statement");
    const count = Number(this.#session.native.api.nparams(address));
    if (values.length !== count) {
      return failure("misuse", `${values.length} values for ${count} parameters`);
    }
    for (const [index, value] of values.entries()) {
      const bound = this.bind(index + 1, value);
      if (bound.tag === "err") return bound;
    }
    return ok();
  }

  clearBindings(): void {
    const { address } = this.#handle;
    if (address !== undefined) this.#session.native.api.clear_bindings(address);
  }

  query(): Result<SqlResultSet, SqlError> {
    if (this.#handle.address === undefined) return closed("statement");
    const done = run(this.#session, this.#handle, true);
    return done.tag === "err" ? done : ok(new ResultSet(done.val));
  }

  execute(): Result<bigint, SqlError> {
    if (this.#handle.address === undefined) return closed("statement");
    const done = run(this.#session, this.#handle, false);
    if (done.tag === "err") return done;
    done.val.close();
    return ok(done.val.rowsChanged);
  }

  start(): Result<SqlPending, SqlError> {
    if (this.#handle.address === undefined) return closed("statement");
    const begun = begin(this.#session, this.#handle, true);
    return begun.tag === "err" ? begun : ok(new Pending(this.#session, begun.val));
  }

  [Symbol.dispose](): void {
    this.#handle.release();
  }
}

export class Pending implements SqlPending {
  readonly #session: Session;
  readonly #handle: Handle;

  constructor(session: Session, handle: Handle) {
    this.#session = session;
    this.#handle = handle;
  }

  step(): Result<SqlProgress, SqlError> {
    const stepped = step(this.#session, this.#handle);
    return stepped.tag === "err" ? stepped : ok(stepped.val ? "ready" : "running");
  }

  finish(): Result<SqlResultSet, SqlError> {
    if (this.#handle.address === undefined) return closed("query");
    const done = finish(this.#session, this.#handle);
    return done.tag === "err" ? done : ok(new ResultSet(done.val));
  }

  [Symbol.dispose](): void {
    this.#handle.close();
  }
}
