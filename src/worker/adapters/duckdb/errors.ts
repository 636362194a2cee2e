/** Errors as values of the WIT interface. */
import type { SqlError, SqlErrorKind } from "./bindings.ts";
import { err } from "../result.ts";
import type { Failure } from "../types.ts";

/** What the first words of DuckDB's error texts say, before " Error: ". */
const KINDS: ReadonlyMap<string, SqlErrorKind> = new Map<string, SqlErrorKind>([
  ["Out of Range", "out-of-range"],
  ["Conversion", "conversion"],
  ["Unknown Type", "unknown-type"],
  ["Decimal", "decimal"],
  ["Mismatch Type", "mismatch-type"],
  ["Divide by Zero", "divide-by-zero"],
  ["Object Size", "object-size"],
  ["Invalid type", "invalid-type"],
  ["Serialization", "serialization"],
  ["TransactionContext", "transaction"],
  ["Not implemented", "not-implemented"],
  ["Expression", "expression"],
  ["Catalog", "catalog"],
  ["Parser", "parser"],
  ["Planner", "planner"],
  ["Scheduler", "scheduler"],
  ["Executor", "executor"],
  ["Constraint", "constraint"],
  ["Index", "index"],
  ["Stat", "stat"],
  ["Connection", "connection"],
  ["Syntax", "syntax"],
  ["Settings", "settings"],
  ["Binder", "binder"],
  ["Network", "network"],
  ["Optimizer", "optimizer"],
  ["NullPointer", "null-pointer"],
  ["IO", "io"],
  ["INTERRUPT", "interrupt"],
  ["FATAL", "fatal"],
  ["INTERNAL", "internal"],
  ["Invalid Input", "invalid-input"],
  ["Out of Memory", "out-of-memory"],
  ["Permission", "permission"],
  ["Parameter Not Resolved", "parameter-not-resolved"],
  ["Parameter Not Allowed", "parameter-not-allowed"],
  ["Dependency", "dependency"],
  ["HTTP", "http"],
  ["Missing Extension", "missing-extension"],
  ["Extension Autoloading", "autoload"],
  ["Sequence", "sequence"],
  ["Invalid Configuration", "invalid-configuration"],
  ["Data Corruption", "data-corruption"],
]);

const FIRST_WORDS = /^([A-Za-z ]{1,32}?) Error: /u;
/** An internal error shows where in the process it was: addresses and paths that are no business of the guest. */
const STACK_TRACE = /\n+Stack Trace:[^]*$/u;

/** An error of DuckDB's, by its text: the C API tells the kind of some errors only, the text of all. */
export function duckdbError(text: string | null): SqlError {
  const message = (text ?? "").replace(STACK_TRACE, "");
  if (message === "") return { kind: "unknown", message: "DuckDB does not say why" };
  const [, words = ""] = FIRST_WORDS.exec(message) ?? [];
  return { kind: KINDS.get(words) ?? "unknown", message };
}

export function failure(kind: SqlErrorKind, message: string): Failure<SqlError> {
  return err({ kind, message });
}

/** What a resource says whose native object is gone: the run has ended, or it was finished. */
export function closed(what: string): Failure<SqlError> {
  return failure("misuse", `this ${what} is closed`);
}

/** A value that does not fit: thrown while values are converted, and made an error value where the call began. */
export class Unfit extends Error {
  readonly error: SqlError;

  constructor(message: string, kind: SqlErrorKind = "misuse") {
    super(message);
    this.name = "Unfit";
    this.error = { kind, message };
  }
}

/** The result of `convert`, or what it found unfit. */
export function fitting<T>(convert: () => T): T | Failure<SqlError> {
  try {
    return convert();
  } catch (error) {
    if (error instanceof Unfit) return err(error.error);
    throw error;
  }
}
