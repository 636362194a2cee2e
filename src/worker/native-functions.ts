/** The functions of host bundles that one run uses: compiled once per image and thread, bound to its instances. */
import { HostbundleError } from "../shared/errors.ts";
import type { FunctionPlan, ImportStats, ResourcePlan } from "../shared/protocol.ts";
import { compileLoweredImport, counted } from "./abi/compile.ts";
import type {
  CallCounters,
  CanonOptions,
  CompiledLoweredImport,
  CoreFunction,
  InstanceState,
} from "./abi/types.ts";
import type { HostResource } from "./linker/host-imports.ts";
import type { NativeLibrary } from "./native/types.ts";

/** A library as opened by this thread. */
export interface OpenedLibrary {
  /** Tells libraries apart that are opened separately. */
  readonly key: string;
  readonly library: NativeLibrary;
}

/** Lowered imports compiled for one image, by function and library. */
export type CompiledCache = Map<string, CompiledLoweredImport>;

/** How many bytes cross to JavaScript nobody counts. */
const NO_BYTES = { bytesIn: 0, bytesOut: 0 };

const destructors = new WeakMap<NativeLibrary, Map<string, HostResource>>();

function destructor(library: NativeLibrary, symbol: string): HostResource {
  let bySymbol = destructors.get(library);
  if (bySymbol === undefined) destructors.set(library, (bySymbol = new Map()));
  const known = bySymbol.get(symbol);
  if (known !== undefined) return known;
  const drop = library.func(symbol, "void", ["int32_t"]);
  const made: HostResource = { isAtomic: true, destroy: (rep) => void drop(Number(rep)) };
  bySymbol.set(symbol, made);
  return made;
}

export class NativeFunctions {
  readonly #libraries: readonly OpenedLibrary[];
  readonly #cache: CompiledCache;
  readonly #counters: Map<string, CallCounters> | undefined;
  readonly #sources = new Map<string, string>();
  readonly #isDumped: boolean;

  /** `stats`: keep accounts of every function, also of those that the guest never calls. */
  constructor(
    libraries: readonly OpenedLibrary[],
    cache: CompiledCache,
    options: { readonly stats: boolean; readonly dumpTrampolines?: boolean },
  ) {
    this.#libraries = libraries;
    this.#cache = cache;
    this.#counters = options.stats ? new Map() : undefined;
    this.#isDumped = options.dumpTrampolines === true;
  }

  /** Compiles a function, or finds it compiled. `label`: `ns:pkg/iface@1.0.0#func`. */
  compile(label: string, func: FunctionPlan): CompiledLoweredImport {
    const compiled = this.#find(label, func);
    this.#sources.set(label, compiled.source);
    if (this.#counters?.has(label) === false)
      this.#counters.set(label, { calls: 0, bytesIn: 0, bytesOut: 0, timeNs: 0 });
    return compiled;
  }

  /** The core function for one instance. */
  bind(
    label: string,
    compiled: CompiledLoweredImport,
    options: CanonOptions,
    instance: InstanceState,
  ): CoreFunction {
    return compiled.bind(options, instance, this.#counters?.get(label));
  }

  /** What happens at the end of a library's resource. */
  resource({ item, name, library, dropSymbol }: ResourcePlan): HostResource {
    if (dropSymbol === undefined) return {};
    return destructor(this.#opened(library, name ?? item).library, dropSymbol);
  }

  /** Puts accounts around a function that is no library's; absent where nobody asked. */
  accounts(label: string): ((core: CoreFunction) => CoreFunction) | undefined {
    if (this.#counters === undefined) return undefined;
    const counters = { calls: 0, bytesIn: 0, bytesOut: 0, timeNs: 0 };
    this.#counters.set(label, counters);
    return (core) => counted(core, NO_BYTES, counters);
  }

  /** Takes the generated source of a function that is no library's; absent where nobody asked. */
  dump(label: string): ((source: string) => void) | undefined {
    return this.#isDumped ? (source) => this.#sources.set(label, source) : undefined;
  }

  /** What the run's imports cost so far; empty where nobody asked. */
  stats(): readonly ImportStats[] {
    return Array.from(this.#counters ?? [], ([label, counter]) => ({ function: label, ...counter }));
  }

  /** The generated source of all functions. */
  source(): string {
    return [...this.#sources.values()].join("\n");
  }

  #find(label: string, func: FunctionPlan): CompiledLoweredImport {
    const opened = this.#opened(func.library, label);
    const key = [label, func.symbol, func.convention, opened.key].join("\0");
    const known = this.#cache.get(key);
    if (known !== undefined) return known;
    const compiled = compileLoweredImport({ label, plan: func, library: opened.library });
    this.#cache.set(key, compiled);
    return compiled;
  }

  #opened(index: number, label: string): OpenedLibrary {
    const opened = this.#libraries[index];
    if (opened !== undefined) return opened;
    throw new HostbundleError("INTERNAL", `the plan names no library for ${label}`);
  }
}
