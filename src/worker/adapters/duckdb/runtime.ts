/** The small interface: one current database, rows as text. */
import type { Runtime, SqlError } from "./bindings.ts";
import type { Databases } from "./databases.ts";
import { failure } from "./errors.ts";
import { err, ok } from "../result.ts";
import { connect, type Run, runText, type Session } from "./session.ts";
import type { Result } from "../types.ts";

export class CurrentDatabase implements Runtime {
  readonly #run: Run;
  readonly #databases: Databases;
  #session: Session | undefined;

  constructor(run: Run, databases: Databases) {
    this.#run = run;
    this.#databases = databases;
  }

  open(path: string): Result<undefined, string> {
    this.close();
    const opened = this.#databases.open(path, this.#run.census);
    if (opened.tag === "err") return err(opened.val.message);
    const session = connect(this.#run, opened.val);
    // The connection holds the database.
    opened.val.release();
    if (session.tag === "err") return err(session.val.message);
    this.#session = session.val;
    return ok();
  }

  close(): void {
    this.#session?.connection.release();
    this.#session = undefined;
  }

  query(sql: string): Result<readonly string[], string> {
    const rows = this.#rows(sql);
    return rows.tag === "err" ? err(rows.val.message) : rows;
  }

  #rows(sql: string): Result<readonly string[], SqlError> {
    if (this.#session === undefined) return failure("misuse", "no database is open: call open first");
    const done = runText(this.#session, sql, true);
    if (done.tag === "err") return done;
    const { maxQueryUnits } = this.#run.settings;
    const all: string[] = [];
    let units = 0;
    try {
      for (;;) {
        const rows = done.val.nextRows();
        if (rows.tag === "err") return rows;
        if (rows.val === undefined) return ok(all);
        for (const row of rows.val) {
          units += row.length;
          all.push(row);
        }
        if (units > maxQueryUnits) {
          return failure(
            "limit",
            `the rows have more than ${maxQueryUnits} bytes, the bundle's max-query-bytes`,
          );
        }
      }
    } finally {
      done.val.close();
    }
  }
}
