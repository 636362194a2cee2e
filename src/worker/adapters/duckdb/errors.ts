/** Errors as values of the WIT interface. */
import type { SqlError, SqlErrorKind } from "./bindings.ts";
import { err } from "../result.ts";
import type { Failure } from "../types.ts";

/** By DuckDB's own numbers (`duckdb_error_type`), each with what its error texts begin with, before " Error: ". */
const KINDS: readonly (readonly [SqlErrorKind, string])[] = [
  ["unknown", "Invalid"],
  ["out-of-range", "Out of Range"],
  ["conversion", "Conversion"],
  ["unknown-type", "Unknown Type"],
  ["decimal", "Decimal"],
  ["mismatch-type", "Mismatch Type"],
  ["divide-by-zero", "Divide by Zero"],
  ["object-size", "Object Size"],
  ["invalid-type", "Invalid type"],
  ["serialization", "Serialization"],
  ["transaction", "TransactionContext"],
  ["not-implemented", "Not implemented"],
  ["expression", "Expression"],
  ["catalog", "Catalog"],
  ["parser", "Parser"],
  ["planner", "Planner"],
  ["scheduler", "Scheduler"],
  ["executor", "Executor"],
  ["constraint", "Constraint"],
  ["index", "Index"],
  ["stat", "Stat"],
  ["connection", "Connection"],
  ["syntax", "Syntax"],
  ["settings", "Settings"],
  ["binder", "Binder"],
  ["network", "Network"],
  ["optimizer", "Optimizer"],
  ["null-pointer", "NullPointer"],
  ["io", "IO"],
  ["interrupt", "INTERRUPT"],
  ["fatal", "FATAL"],
  ["internal", "INTERNAL"],
  ["invalid-input", "Invalid Input"],
  ["out-of-memory", "Out of Memory"],
  ["permission", "Permission"],
  ["parameter-not-resolved", "Parameter Not Resolved"],
  ["parameter-not-allowed", "Parameter Not Allowed"],
  ["dependency", "Dependency"],
  ["http", "HTTP"],
  ["missing-extension", "Missing Extension"],
  ["autoload", "Extension Autoloading"],
  ["sequence", "Sequence"],
  ["invalid-configuration", "Invalid Configuration"],
  ["data-corruption", "Data Corruption"],
];
const BY_WORDS: ReadonlyMap<string, SqlErrorKind> = new Map(KINDS.map(([kind, words]) => [words, kind]));

const FIRST_WORDS = /^([A-Za-z ]{1,32}?) Error: /u;
/** An internal error shows where in the process it was: addresses and paths that are no business of the guest. */
const STACK_TRACE = /\n+Stack Trace:[^]*$/u;

/** An error of DuckDB's. Its text tells the kind as well, save where there is a number: the C API has one for few errors. */
export function duckdbError(text: string | null, number?: number): SqlError {
  const message = (text ?? "").replace(STACK_TRACE, "");
  if (message === "") return { kind: "unknown", message: "DuckDB does not say why" };
  const [, words = ""] = FIRST_WORDS.exec(message) ?? [];
  const numbered = number === undefined ? undefined : KINDS[number]?.[0];
  return { kind: numbered ?? BY_WORDS.get(words) ?? "unknown", message };
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
