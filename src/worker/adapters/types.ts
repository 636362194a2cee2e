/**
 * What a static adapter is: JavaScript that serves the imports of a component, typed against declarations that are
 * generated from its WIT (`docs/authoring-guide.md`).
 *
 * Values are JavaScript values as jco's users know them (`src/worker/jco-values.ts`: camelCase keys, `{ tag, val }`,
 * `undefined` for none, bigints, typed arrays for lists of numbers), with one difference: a function that has a
 * `result` in WIT *returns* a `Result`, and throws only what is a fault of its own. What it throws ends the run as
 * `HOST_FAULT`, unless it is a HostbundleError.
 *
 * A resource is a class: the constructor, methods on the prototype, static functions on the class. Its objects are
 * the reps; `[Symbol.dispose]` is called exactly once for each object whose owned handle is dropped, also when the
 * instance ends or traps.
 */
import type { LibraryHandle } from "koffi";
import type { FileGrants } from "../../shared/sandbox.ts";

/** A `result` as adapters return it; `val` is `undefined` where there is no payload. */
export type Result<Ok, Err> = Success<Ok> | Failure<Err>;

export interface Success<Ok> {
  readonly tag: "ok";
  readonly val: Ok;
}

export interface Failure<Err> {
  readonly tag: "err";
  readonly val: Err;
}

/** What an adapter knows about the bundle it works for. */
export interface AdapterContext {
  /** The bundle's name, for messages. */
  readonly bundle: string;
  /** `[host.config]` with the manifest's `config` on top, as it was written: unchecked. See `ConfigReader`. */
  readonly config: Readonly<Record<string, unknown>>;
  /** A path from the config, made absolute: it is relative to the folder of the file that set `key`. */
  resolvePath(key: string, path: string): string;
  /** Absolute path of the library that the bundle names, or that the adapter's registration found. */
  readonly library: string | undefined;
  /**
   * Opens `library`, mapped for the life of the process and bound to its own symbols first. Threads share one image
   * where the bundle or the adapter's registration says `threadsafe`, else each has its own.
   * Throws HOST_FAULT where there is none or it does not load.
   */
  openLibrary(): LibraryHandle;
}

/** `Imports`: the generated type, an object by interface name. */
export interface Adapter<Imports extends object = object> {
  /**
   * The files and folders that it and its library work on, by the config: in a process with a sandbox they get no others, besides the
   * bundle. Called before `open`, and throws as it does. Absent: none.
   */
  files?(context: AdapterContext): FileGrants;
  /**
   * Once per thread and bundle, before the first run that uses it. Throws HostbundleError: CONFIG_INVALID for a
   * config that is wrong, HOST_FAULT for a library that is not usable.
   */
  open(context: AdapterContext): OpenAdapter<Imports>;
}

export interface OpenAdapter<Imports extends object = object> {
  /** What one run calls. Nothing that a guest does may be seen by another run, except where the config asks for it. */
  serve(): Serving<Imports>;
  /** When the thread ends. */
  close?(): void;
}

export interface Serving<Imports extends object = object> {
  readonly imports: Imports;
  /** When the run has ended, after all its resources were disposed of. */
  end?(): void;
}
