/** Resources `database` and `connection`. */
import { Appender } from "./appender.ts";
import type {
  SqlAppender,
  SqlConnection,
  SqlDatabase,
  SqlError,
  SqlResultSet,
  SqlStatement,
} from "./bindings.ts";
import { failure } from "./errors.ts";
import type { Handle } from "./handles.ts";
import { err, ok } from "../result.ts";
import { ResultSet } from "./result-set.ts";
import { connect, eachStatement, type Run, runText, type Session } from "./session.ts";
import { Statement } from "./statement.ts";
import type { Result } from "../types.ts";

export class Database implements SqlDatabase {
  readonly #run: Run;
  readonly #handle: Handle;

  constructor(run: Run, handle: Handle) {
    this.#run = run;
    this.#handle = handle;
  }

  connect(): Result<Connection, SqlError> {
    const session = connect(this.#run, this.#handle);
    return session.tag === "err" ? session : ok(new Connection(session.val));
  }

  [Symbol.dispose](): void {
    this.#handle.release();
  }
}

export class Connection implements SqlConnection {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  execute(sql: string): Result<bigint, SqlError> {
    const done = runText(this.#session, sql, false);
    if (done.tag === "err") return done;
    done.val.close();
    return ok(done.val.rowsChanged);
  }

  query(sql: string): Result<SqlResultSet, SqlError> {
    const done = runText(this.#session, sql, true);
    return done.tag === "err" ? done : ok(new ResultSet(done.val));
  }

  prepare(sql: string): Result<SqlStatement, SqlError> {
    return eachStatement(this.#session, sql, (statement, isLast) =>
      isLast
        ? ok(new Statement(this.#session, statement.retain()))
        : failure("misuse", "more than one statement cannot be prepared at once"),
    );
  }

  append(schema: string | undefined, table: string): Result<SqlAppender, SqlError> {
    return Appender.open(this.#session, schema, table);
  }

  begin(): Result<undefined, SqlError> {
    return this.#plainly("BEGIN TRANSACTION");
  }

  commit(): Result<undefined, SqlError> {
    return this.#plainly("COMMIT");
  }

  rollback(): Result<undefined, SqlError> {
    return this.#plainly("ROLLBACK");
  }

  interrupt(): void {
    const { native, connection } = this.#session;
    if (connection.address !== undefined) native.api.interrupt(connection.address);
  }

  #plainly(sql: string): Result<undefined, SqlError> {
    const done = this.execute(sql);
    return done.tag === "err" ? err(done.val) : ok();
  }

  [Symbol.dispose](): void {
    this.#session.connection.release();
  }
}
