/** Opens databases: only those that the configuration names. */
import { basename } from "node:path";
import type { SqlError } from "./bindings.ts";
import { duckdbError, failure } from "./errors.ts";
import { type Census, Handle } from "./handles.ts";
import type { Native } from "./native.ts";
import { usesOf } from "./open-files.ts";
import { err, ok } from "../result.ts";
import { connect, runText } from "./session.ts";
import type { Settings } from "./settings.ts";
import type { Result } from "../types.ts";

const IN_MEMORY = ":memory:";

export class Databases {
  readonly #native: Native;
  readonly #settings: Settings;
  readonly #census: Census;
  /** DuckDB must open a file once in a process: whoever opens it again in this thread shares it. */
  readonly #files = new Map<string, Handle>();

  /** `census`: that of the thread, for files; databases in memory are of the run that opens them. */
  constructor(native: Native, settings: Settings, census: Census) {
    this.#native = native;
    this.#settings = settings;
    this.#census = census;
  }

  /** A handle of the run that `census` is of. */
  open(name: string, census: Census): Result<Handle, SqlError> {
    const { path, databases } = this.#settings;
    const file = name === "" ? path : databases.get(name);
    if (file !== undefined) return this.#openFile(file, census);
    if (name === "" || name === IN_MEMORY) return this.#openNative(IN_MEMORY, census);
    const known = [IN_MEMORY, ...databases.keys()].map((each) => JSON.stringify(each)).join(", ");
    return failure(
      "denied",
      `this bundle has no database ${JSON.stringify(name)}: it opens ${known}, or "" for its default`,
    );
  }

  #openFile(path: string, census: Census): Result<Handle, SqlError> {
    let shared = this.#files.get(path);
    if (shared === undefined) {
      const opened = this.#openAlone(path);
      if (opened.tag === "err") return opened;
      shared = opened.val;
      this.#files.set(path, shared);
    } else shared.retain();
    const lease = new Handle(this.#native, shared.address ?? 0, () => undefined, { census, parent: shared });
    // The lease holds it from here on.
    shared.release();
    return ok(lease);
  }

  /** For reading there may be several who read. */
  #openAlone(path: string): Result<Handle, SqlError> {
    const { readOnly } = this.#settings;
    const before = usesOf(path);
    const isFree = before.writers === 0 && (readOnly || before.readers === 0);
    if (!isFree) return inUse(path);
    const opened = this.#openNative(path, this.#census, () => this.#files.delete(path));
    if (opened.tag === "err") return opened;
    // Another thread may have looked at the same time.
    const { readers, writers } = usesOf(path);
    if (readOnly ? writers === 0 : readers + writers <= 1) return opened;
    opened.val.release();
    return inUse(path);
  }

  #openNative(path: string, census: Census, onClose?: () => void): Result<Handle, SqlError> {
    const native = this.#native;
    const { api } = native;
    const configured = this.#configure(path);
    if (configured.tag === "err") return configured;
    let complaint = 0;
    try {
      const { isOk, address } = native.make((out) => {
        const [state, error] = native.withWord((errorAt) => api.open_ext(path, out, configured.val, errorAt));
        complaint = error;
        return state;
      });
      if (!isOk) return err(duckdbError(native.takeText(complaint)));
      const destroy = (pointer: number): void => {
        onClose?.();
        api.close(pointer);
      };
      return this.#start(new Handle(native, address, destroy, { census }), census);
    } finally {
      native.destroy(api.destroy_config, configured.val);
    }
  }

  #start(database: Handle, census: Census): Result<Handle, SqlError> {
    const { startSql } = this.#settings;
    if (startSql === "") return ok(database);
    const session = connect({ native: this.#native, settings: this.#settings, census }, database);
    const done = session.tag === "err" ? session : runText(session.val, startSql, false);
    if (session.tag === "ok") session.val.connection.release();
    if (done.tag === "ok") return ok(database);
    database.release();
    return done;
  }

  #configure(path: string): Result<number, SqlError> {
    const native = this.#native;
    const { api } = native;
    const config = native.make((out) => api.create_config(out)).address;
    const { readOnly, options } = this.#settings;
    const all =
      readOnly && path !== IN_MEMORY ? [["access_mode", "READ_ONLY"] as const, ...options] : options;
    for (const [name, value] of all) {
      if (api.set_config(config, name, value) === 0) continue;
      native.destroy(api.destroy_config, config);
      return failure("invalid-configuration", `DuckDB refuses ${name} = ${JSON.stringify(value)}`);
    }
    return ok(config);
  }
}

function inUse(path: string): Result<never, SqlError> {
  const message = `${basename(path)} is open in this process already, by another bundle or another run: only those who all read share a file`;
  return failure("io", message);
}
