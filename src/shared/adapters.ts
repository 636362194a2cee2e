/** The static adapters that are part of hostbundle: what the main thread must know of them. */

/** Where the library of an adapter comes from, when the bundle names none. */
export type AdapterLibrary =
  /** The adapter needs none; a bundle that names one is refused. */
  | { readonly kind: "none" }
  /** The bundle must name one. */
  | { readonly kind: "required" }
  /** A file of an npm package, found by Node's resolution; `${platform}-${arch}` is appended to the package's name. */
  | {
      readonly kind: "package";
      readonly package: string;
      readonly file: Readonly<Partial<Record<string, string>>>;
      /** What to install, for messages. */
      readonly install: string;
    };

export interface BuiltInAdapter {
  readonly library: AdapterLibrary;
  /** Its library may be called from several threads at once: they share one image. */
  readonly threadsafe: boolean;
}

export const BUILT_IN_ADAPTERS = {
  keyvalue: { library: { kind: "none" }, threadsafe: true },
  duckdb: {
    library: {
      kind: "package",
      package: "@duckdb/node-bindings",
      file: { linux: "libduckdb.so", darwin: "libduckdb.dylib", win32: "duckdb.dll" },
      install: "npm install @duckdb/node-bindings",
    },
    threadsafe: true,
  },
  pkcs11: { library: { kind: "required" }, threadsafe: false },
} as const satisfies Record<string, BuiltInAdapter>;

export type BuiltInAdapterName = keyof typeof BUILT_IN_ADAPTERS;
