/** Statements on one connection: from SQL text to a result. */
import type { SqlError } from "./bindings.ts";
import { duckdbError, failure } from "./errors.ts";
import { refusedStatement, refusedText } from "./guard.ts";
import { type Census, Handle } from "./handles.ts";
import type { Native } from "./native.ts";
import { QueryResult } from "./query-result.ts";
import { err, ok } from "../result.ts";
import type { Settings } from "./settings.ts";
import type { Result } from "../types.ts";

/** What everything of one run shares. */
export interface Run {
  readonly native: Native;
  readonly settings: Settings;
  readonly census: Census;
}

/** A connection, and who it belongs to. */
export interface Session extends Run {
  readonly connection: Handle;
}

/** A connection of its own, which the caller releases. */
export function connect(run: Run, database: Handle): Result<Session, SqlError> {
  const { native, census } = run;
  const { api } = native;
  const { address } = database;
  if (address === undefined) return failure("misuse", "this database is closed");
  const made = native.make((out) => api.connect(address, out));
  if (!made.isOk) return failure("connection", "DuckDB opens no connection");
  const connection = new Handle(native, made.address, api.disconnect, { census, parent: database });
  return ok({ ...run, connection });
}

/** `duckdb_pending_state` */
const READY = 0;
const NOT_READY = 1;
const FAILED = 2;

/** How long to wait where other threads do the work. */
const POLL_MS = 1;
const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** Prepares the statements of a text one after the other and hands each to `use`, until one gives an error. */
export function eachStatement<T>(
  session: Session,
  sql: string,
  use: (statement: Handle, isLast: boolean) => Result<T, SqlError>,
): Result<T, SqlError> {
  const { native, settings, connection, census } = session;
  const { api } = native;
  const refused = refusedText(sql);
  if (refused !== undefined && (settings.isLocked || refused.kind === "misuse")) return err(refused);
  const { address } = connection;
  if (address === undefined) return failure("misuse", "this connection is closed");
  let count = 0;
  const out = native.written((at) => {
    count = Number(api.extract_statements(address, sql, at));
  });
  const extracted = new Handle(native, out, api.destroy_extracted, { census, parent: connection });
  try {
    if (count === 0) return noStatement(api.extract_statements_error(out));
    for (let index = 0; index + 1 < count; index += 1) {
      const done = prepared(session, extracted, index, (statement) => use(statement, false));
      if (done.tag === "err") return done;
    }
    return prepared(session, extracted, count - 1, (statement) => use(statement, true));
  } finally {
    extracted.release();
  }
}

function noStatement(complaint: string | null): Result<never, SqlError> {
  if (complaint !== null && complaint !== "") return err(duckdbError(complaint));
  return failure("misuse", "there is no statement in this SQL");
}

/** `use` retains the statement where it keeps it. */
function prepared<T>(
  session: Session,
  extracted: Handle,
  index: number,
  use: (statement: Handle) => Result<T, SqlError>,
): Result<T, SqlError> {
  const { native, settings, connection, census } = session;
  const { api } = native;
  const { isOk, address } = native.make((out) =>
    api.prepare_extracted_statement(connection.address ?? 0, extracted.address ?? 0, index, out),
  );
  const statement = new Handle(native, address, api.destroy_prepare, { census, parent: connection });
  try {
    if (!isOk) return err(duckdbError(api.prepare_error(address)));
    const refused = settings.isLocked ? refusedStatement(api.prepared_statement_type(address)) : undefined;
    return refused === undefined ? use(statement) : err(refused);
  } finally {
    statement.release();
  }
}

/** The query of a statement, begun. `isStreamed`: rows are computed when they are fetched. */
export function begin(session: Session, statement: Handle, isStreamed: boolean): Result<Handle, SqlError> {
  const { native, connection, census } = session;
  const { api } = native;
  const prepare = isStreamed ? api.pending_prepared_streaming : api.pending_prepared;
  const { isOk, address } = native.make((out) => prepare(statement.address ?? 0, out));
  const pending = new Handle(native, address, api.destroy_pending, { census, parent: connection });
  if (isOk) return ok(pending);
  const error = duckdbError(api.pending_error(address));
  pending.release();
  return err(error);
}

/** One task of a query. True when its result is ready. */
export function step({ native }: Session, pending: Handle): Result<boolean, SqlError> {
  const { address } = pending;
  if (address === undefined) return failure("misuse", "this query is closed");
  const state = native.api.pending_execute_task(address);
  if (state === FAILED) return err(duckdbError(native.api.pending_error(address)));
  // Other threads have taken all tasks.
  if (state !== READY && state !== NOT_READY) Atomics.wait(sleeper, 0, 0, POLL_MS);
  return ok(state === READY);
}

/** Works until the result is ready, within the configured time, and closes `pending`. */
export function finish(session: Session, pending: Handle): Result<QueryResult, SqlError> {
  try {
    const { queryTimeoutMs } = session.settings;
    if (queryTimeoutMs !== undefined) {
      const until = performance.now() + queryTimeoutMs;
      for (;;) {
        const stepped = step(session, pending);
        if (stepped.tag === "err") return stepped;
        if (stepped.val) break;
        if (performance.now() > until)
          return failure("timeout", `the query takes longer than ${queryTimeoutMs} ms`);
      }
    }
    return QueryResult.take(session, pending);
  } finally {
    pending.release();
  }
}

/** Runs a prepared statement. */
export function run(session: Session, statement: Handle, isStreamed: boolean): Result<QueryResult, SqlError> {
  const begun = begin(session, statement, isStreamed);
  return begun.tag === "err" ? begun : finish(session, begun.val);
}

/** Runs all statements of a text; gives the result of the last one, streamed or not. */
export function runText(session: Session, sql: string, isStreamed: boolean): Result<QueryResult, SqlError> {
  return eachStatement(session, sql, (statement, isLast) => {
    const done = run(session, statement, isStreamed && isLast);
    if (done.tag === "ok" && !isLast) done.val.close();
    return done;
  });
}
