/**
 * What a locked configuration (`lock-configuration`) leaves open in DuckDB, refused by looking at the SQL.
 *
 * Some table functions change how DuckDB works in spite of the lock: `enable_logging` writes to the standard output of
 * the process, and with a path that is not allowed makes DuckDB end the process; `enable_profiling` writes there as
 * well; others choose the parser. No setting turns them off, and the catalog's own functions can be neither dropped
 * nor replaced. So their names must not come up in SQL: as they stand, or put together by one of the functions that
 * run a text as SQL, which are refused for that reason. DuckDB knows no other spelling of an identifier: letters have
 * no escapes, and case does not matter. `arrow_scan` takes addresses; SQL has no way to write one, as far as we know.
 */
import type { SqlError } from "./bindings.ts";

const NAMES = [
  "enable_logging",
  "enable_profiling",
  "peg_parser",
  "arrow_scan",
  "json_execute_serialized_sql",
];

/**
 * `query(…)`. Between the name and its bracket may be spaces of all kinds, comments, and the quote that ends a quoted
 * name: whatever is no visible ASCII counts as a space, and the begin of a comment is refused like the bracket.
 */
const RUNS_TEXT = /(?<![a-z0-9_$])query"?[^\x21-\x7e]*(?:\(|--|\/\*)/iu;

/** `DUCKDB_STATEMENT_TYPE_PRAGMA`: those that remain PRAGMA after parsing change how DuckDB works; the others are SELECT. */
const PRAGMA = 17;

/** Why a text is not run. */
export function refusedText(sql: string): SqlError | undefined {
  if (sql.includes("\0")) return { kind: "misuse", message: "SQL has no NUL" };
  const lower = sql.toLowerCase();
  const name = NAMES.find((each) => lower.includes(each));
  if (name !== undefined) return denied(`SQL that names ${name}`);
  return RUNS_TEXT.test(sql) ? denied("the table function query") : undefined;
}

/** Why a statement is not run. */
export function refusedStatement(type: number): SqlError | undefined {
  return type === PRAGMA ? denied("this PRAGMA") : undefined;
}

function denied(what: string): SqlError {
  const reason = "it works around the locked configuration (lock-configuration of the bundle)";
  return { kind: "denied", message: `${what} is not allowed: ${reason}` };
}
