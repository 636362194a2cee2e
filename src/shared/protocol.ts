/**
 * What crosses between the main thread and a worker: plain data only, structured-clone safe, every
 * union discriminated on `kind` or `status`.
 */
import type { BuiltInAdapterName } from "./adapters.ts";
import type { ErrorData } from "./errors.ts";
import type { RunLimits } from "./limits.ts";
import type { Value } from "./value/types.ts";
import type { FuncType, WorldType } from "./wit/types.ts";

/** How a C symbol was written (`NATIVE-ABI.md`): `import` borrows its arguments, `export` owns heap copies of them. */
export type SymbolConvention = "import" | "export";

/** A native library that a run needs, checked and ready to open. */
export interface LibraryPlan {
  /** The bundle's name, for messages. */
  readonly bundle: string;
  /** Absolute, symlinks resolved. */
  readonly path: string;
  /** The bundle's folder, absolute; absent where a manifest names the files one by one. */
  readonly folder?: string;
  /** For messages: the file (and line) that named the library. */
  readonly declaredIn: string;
  readonly threadsafe: boolean;
  /** Symbol that releases what the library allocates; absent: libc `free`. */
  readonly freeSymbol?: string;
  /** Whether the library exports `hostbundle_init` / `hostbundle_deinit`. */
  readonly hasInit: boolean;
  readonly hasDeinit: boolean;
  /** JSON text for `hostbundle_init`. */
  readonly configJson: string;
}

/** One function of the component's imports and the symbol that serves it. */
export interface FunctionPlan {
  /** The WIT function's name as in the binary. */
  readonly name: string;
  readonly type: FuncType;
  /** Index into `LinkPlan.libraries`. */
  readonly library: number;
  readonly symbol: string;
  readonly convention: SymbolConvention;
}

/** A static adapter that a run needs. */
export interface AdapterPlan {
  /** The bundle's name, for messages. */
  readonly bundle: string;
  readonly adapter:
    | { readonly kind: "built-in"; readonly name: BuiltInAdapterName }
    /** The bundle's own module: an absolute path. */
    | { readonly kind: "module"; readonly path: string };
  /** For messages: the file (and line) that asked for the adapter. */
  readonly declaredIn: string;
  /** The bundle's folder, absolute; absent where a manifest names the files one by one. */
  readonly folder?: string;
  /** Absolute, symlinks resolved. */
  readonly library?: string;
  /** Threads share one image of the library. */
  readonly threadsafe: boolean;
  readonly configJson: string;
  /** By key of the config: the folder that its paths are relative to. */
  readonly configFolders: Readonly<Record<string, string>>;
}

/** One import of the component, and who serves it. */
export type ImportPlan =
  | { readonly kind: "wasi"; readonly name: string }
  /** An interface without functions: nothing to serve. */
  | { readonly kind: "types-only"; readonly name: string }
  | { readonly kind: "native-interface"; readonly name: string; readonly functions: readonly FunctionPlan[] }
  | { readonly kind: "native-function"; readonly name: string; readonly function: FunctionPlan }
  | {
      readonly kind: "adapter-interface";
      readonly name: string;
      /** Index into `LinkPlan.adapters`. */
      readonly adapter: number;
      /** The interface's name in the adapter. */
      readonly provided: string;
      /** The functions that the component imports, and its resources. */
      readonly functions: readonly string[];
      readonly resources: readonly string[];
    }
  | { readonly kind: "adapter-function"; readonly name: string; readonly adapter: number };

/** A resource that the component imports from a host bundle's library. */
export interface ResourcePlan {
  /** Extern name of the component's import that declares it. */
  readonly item: string;
  /** Its name there; absent where the import is the type itself. */
  readonly name?: string;
  /** Index into `LinkPlan.libraries`. */
  readonly library: number;
  /** Called with the rep when the last owned handle is dropped; absent where the library has no such function. */
  readonly dropSymbol?: string;
}

export interface LinkPlan {
  readonly libraries: readonly LibraryPlan[];
  readonly adapters: readonly AdapterPlan[];
  /** Those of libraries; an adapter's are classes. */
  readonly resources: readonly ResourcePlan[];
  /** One per import of the component, in its order. */
  readonly imports: readonly ImportPlan[];
}

/** Who links a component: our own linker, or the module that jco printed for it. */
export type ImageCode =
  | {
      readonly kind: "own";
      /** The file in `ComponentImage.folder` that holds the `InstantiationPlan`, by `v8.serialize`. */
      readonly plan: string;
      /** Files of the core modules, in the plan's order. */
      readonly modules: readonly string[];
    }
  | {
      readonly kind: "jco";
      /** The ES module in `ComponentImage.folder`. */
      readonly entry: string;
      readonly modules: readonly string[];
      /** Why not our own. */
      readonly reason: string;
    };

/** A component prepared and stored: everything a worker needs to instantiate it. */
export interface ComponentImage {
  /** SHA-256 of the component, hex. */
  readonly digest: string;
  /** Where the user has it, for messages. */
  readonly path: string;
  readonly world: WorldType;
  /** Absolute path of the cache entry's folder. */
  readonly folder: string;
  readonly code: ImageCode;
}

/** What to call. `command` is the component's `wasi:cli/run`. */
export type Call =
  | { readonly kind: "command"; readonly interface: string }
  | {
      readonly kind: "export";
      /** The exported interface's extern name; absent for a function of the world itself. */
      readonly interface?: string;
      readonly function: string;
      readonly type: FuncType;
      readonly args: readonly Value[];
    };

/** A preopened directory. */
export interface DirectoryGrant {
  /** Absolute host path. */
  readonly host: string;
  /** Absolute path the guest sees. */
  readonly guest: string;
  readonly readOnly: boolean;
}

/** Everything of the outside world that a guest gets; what is not here is denied. */
export interface WasiGrants {
  readonly args: readonly string[];
  readonly env: readonly (readonly [name: string, value: string])[];
  readonly directories: readonly DirectoryGrant[];
  /** `inherit`: the process's own stdin; otherwise these bytes, then end of file. */
  readonly stdin: "inherit" | Uint8Array;
  /** `inherit`: written to the process's own stdout and stderr; `capture`: returned in the outcome. */
  readonly output: "inherit" | "capture";
  /** Of each stream; default: 64 MiB where it is captured. */
  readonly outputBytes?: number;
}

/** A component to be instantiated, with everything that it gets. */
export interface InstanceRequest {
  readonly image: ComponentImage;
  readonly plan: LinkPlan;
  readonly wasi: WasiGrants;
  readonly limits: RunLimits;
  /** Count calls, bytes and time per import. */
  readonly stats: boolean;
  /** Return the generated source of every lowered import. */
  readonly dumpTrampolines: boolean;
}

export interface RunRequest extends InstanceRequest {
  readonly kind: "run";
  readonly call: Call;
}

/** What one import cost in one run. */
export interface ImportStats {
  /** `ns:pkg/iface@1.0.0#func`, or the plain name of a world-level function. */
  readonly function: string;
  readonly calls: number;
  /** Bytes of strings and lists that crossed to the library and back. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Time in the import, marshalling and the native function together, in nanoseconds. */
  readonly timeNs: number;
}

interface OutcomeCommon {
  /** Wall clock of instantiation, call and teardown, in milliseconds. */
  readonly durationMs: number;
  /** The guest's own output, where it was captured; UTF-8 decoded, bad bytes replaced. */
  readonly stdout?: string;
  readonly stderr?: string;
  readonly stats?: readonly ImportStats[];
  readonly trampolines?: string;
}

/** What a run ended with. Exactly one per run. */
export type RunOutcome =
  /** `value` is absent where the function has no result, and for commands. */
  | ({ readonly status: "ok"; readonly value?: Value } & OutcomeCommon)
  | ({ readonly status: "error"; readonly error: ErrorData } & OutcomeCommon);
