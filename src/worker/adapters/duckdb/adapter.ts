/** The static adapter of DuckDB: `wit/duckdb.wit` over the C API of libduckdb. */
import { Appender } from "./appender.ts";
import type { Imports, SqlError } from "./bindings.ts";
import { openCApi } from "./capi.ts";
import { Connection, Database } from "./connection.ts";
import { Databases } from "./databases.ts";
import { Census } from "./handles.ts";
import { Native } from "./native.ts";
import { ok } from "../result.ts";
import { ResultSet } from "./result-set.ts";
import { CurrentDatabase } from "./runtime.ts";
import type { Run } from "./session.ts";
import { filesOf, readSettings, type Settings } from "./settings.ts";
import { Pending, Statement } from "./statement.ts";
import type { Adapter, OpenAdapter, Result, Serving } from "../types.ts";

const adapter: Adapter<Imports> = {
  files: (context) => filesOf(readSettings(context)),
  open(context): OpenAdapter<Imports> {
    const settings = readSettings(context);
    const native = new Native(openCApi(context.openLibrary(), context.bundle));
    return new OpenDuckDb(native, settings);
  },
};
export default adapter;

export class OpenDuckDb implements OpenAdapter<Imports> {
  /** Databases of files, which runs of this thread share. */
  readonly files = new Census();
  readonly #native: Native;
  readonly #settings: Settings;
  readonly #databases: Databases;

  constructor(native: Native, settings: Settings) {
    this.#native = native;
    this.#settings = settings;
    this.#databases = new Databases(native, settings, this.files);
  }

  serve(): Serving<Imports> & { readonly census: Census } {
    const census = new Census();
    const run: Run = { native: this.#native, settings: this.#settings, census };
    const databases = this.#databases;
    const current = new CurrentDatabase(run, databases);
    class RunDatabase extends Database {
      static open(name: string): Result<Database, SqlError> {
        const opened = databases.open(name, census);
        return opened.tag === "err" ? opened : ok(new RunDatabase(run, opened.val));
      }
    }
    return {
      census,
      imports: {
        // The functions of an interface are called without it.
        "duckdb:host/runtime@0.1.0": {
          open: (path) => current.open(path),
          close: () => current.close(),
          query: (sql) => current.query(sql),
        },
        "duckdb:host/sql@0.1.0": {
          Database: RunDatabase,
          Connection,
          Statement,
          Pending,
          ResultSet,
          Appender,
        },
      },
      end: () => census.closeAll(),
    };
  }

  close(): void {
    this.files.closeAll();
  }
}
