/** The adapter of DuckDB opened by hand, as a run would; and short forms for tests. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import koffi from "koffi";
import { afterAll } from "vitest";
import type { SqlConnection, SqlError, SqlValue } from "../../../../src/worker/adapters/duckdb/bindings.ts";
import { openCApi } from "../../../../src/worker/adapters/duckdb/capi.ts";
import { OpenDuckDb } from "../../../../src/worker/adapters/duckdb/adapter.ts";
import { Native } from "../../../../src/worker/adapters/duckdb/native.ts";
import { readSettings } from "../../../../src/worker/adapters/duckdb/settings.ts";
import type { AdapterContext, Result } from "../../../../src/worker/adapters/types.ts";
import { libc } from "../../../../src/worker/native/libc.ts";

const FILES: Readonly<Record<string, string>> = { linux: "libduckdb.so", darwin: "libduckdb.dylib" };

/** Nothing where the package has no library for this machine. */
export const library = findLibrary();

function findLibrary(): string | undefined {
  const file = FILES[process.platform];
  if (file === undefined) return undefined;
  try {
    const name = `@duckdb/node-bindings-${process.platform}-${process.arch}`;
    const path = createRequire(import.meta.url).resolve(`${name}/${file}`);
    return existsSync(path) ? path : undefined;
  } catch {
    // Not installed.
    return undefined;
  }
}

export function contextOf(config: Readonly<Record<string, unknown>>, folder = "."): AdapterContext {
  return {
    bundle: "db",
    config,
    library,
    resolvePath: (_key, path) => resolve(folder, path),
    openLibrary: () => {
      if (library === undefined) throw new Error("there is no library");
      libc().pin(library);
      return koffi.load(library, { deep: true });
    },
  };
}

let native: Native | undefined;

/** A run with that config. `end` and `close` of it tell what is still open. */
export function serve(config: Readonly<Record<string, unknown>> = {}, folder?: string) {
  const context = contextOf(config, folder);
  native ??= new Native(openCApi(context.openLibrary(), "db"));
  const open = new OpenDuckDb(native, readSettings(context));
  const serving = open.serve();
  return {
    open,
    census: serving.census,
    runtime: serving.imports["duckdb:host/runtime@0.1.0"],
    sql: serving.imports["duckdb:host/sql@0.1.0"],
    end: () => serving.end?.(),
  };
}

export type Served = ReturnType<typeof serve>;

const served: Served[] = [];
afterAll(() => {
  for (const each of served) each.end();
});

/** A connection to a database in memory, closed with the tests of the file. */
export function connect(
  config: Readonly<Record<string, unknown>> = {},
): SqlConnection & { readonly run: Served } {
  const run = serve(config);
  served.push(run);
  const connection = ok(ok(run.sql.Database.open("")).connect());
  return Object.assign(connection, { run });
}

/** The value of a result that must be one. */
export function ok<T>(result: Result<T, SqlError | string>): T {
  if (result.tag === "ok") return result.val;
  throw new Error(typeof result.val === "string" ? result.val : `${result.val.kind}: ${result.val.message}`);
}

/** The error of a result that must be one. */
export function error<E>(result: Result<unknown, E>): E {
  if (result.tag === "err") return result.val;
  throw new Error(`expected an error, got ${String(result.val)}`);
}

/** All rows of a query, column by column, as the cells of its chunks. */
export function columns(connection: SqlConnection, sql: string, ...values: readonly SqlValue[]) {
  const statement = ok(connection.prepare(sql));
  ok(statement.bindAll(values));
  const result = ok(statement.query());
  const all = result.columns().map(({ name, kind, sqlType }) => ({
    name,
    kind,
    sqlType,
    values: new Array<unknown>(),
  }));
  for (;;) {
    const chunk = ok(result.next());
    if (chunk === undefined) break;
    for (const [index, { cells, validity }] of chunk.columns.entries()) {
      const list = "unscaled" in cells.val ? cells.val.unscaled : cells.val;
      for (const [row, value] of Array.from<unknown>(list).entries()) {
        const isNull = validity !== undefined && ((validity[row >>> 3] ?? 0) & (1 << (row & 7))) === 0;
        all[index]?.values.push(isNull ? null : value);
      }
    }
  }
  statement[Symbol.dispose]?.();
  result[Symbol.dispose]?.();
  return all;
}
