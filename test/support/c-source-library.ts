/** Compiles a printed C library, opens it as a host bundle's and binds its functions for a guest. */
import type { FunctionPlan, LibraryPlan } from "../../src/shared/protocol.ts";
import { compileLoweredImport } from "../../src/worker/abi/compile.ts";
import type {
  CanonOptions,
  CompiledLoweredImport,
  CoreFunction,
  InstanceState,
} from "../../src/worker/abi/types.ts";
import { openLibrary } from "../../src/worker/native/open.ts";
import type { NativeLibrary } from "../../src/worker/native/types.ts";
import { cLibrary, COUNTERS, symbolOf, type CFunction, type CLibrarySource } from "./c-source.ts";
import { compileLibrary } from "./native.ts";

export const BUNDLE_NAME = "test-bundle";

export interface TestLibrary {
  readonly path: string;
  readonly native: NativeLibrary;
  /** Reads one of `COUNTERS`. */
  count(counter: Exclude<keyof typeof COUNTERS, "free">): number;
  compile(one: CFunction): CompiledLoweredImport;
  /** The core function of one instance, not yet behind a WebAssembly module. */
  bind(one: CFunction, options: CanonOptions, instance?: InstanceState): CoreFunction;
}

/** The plan of a test library whose allocations are released by its own `counted_free`. */
export function testPlan(path: string, more: Partial<LibraryPlan> = {}): LibraryPlan {
  return {
    bundle: BUNDLE_NAME,
    path,
    declaredIn: "host.toml:3",
    threadsafe: true,
    freeSymbol: COUNTERS.free,
    hasInit: false,
    hasDeinit: false,
    configJson: "{}",
    ...more,
  };
}

export function labelOf(one: Pick<CFunction, "name">): string {
  return `test:echo/types#${one.name}`;
}

export function functionPlan(one: CFunction, source: Pick<CLibrarySource, "space">): FunctionPlan {
  return {
    name: one.name,
    type: one.type,
    library: 0,
    symbol: symbolOf(source.space, one),
    convention: one.convention ?? "import",
  };
}

export function buildTestLibrary(
  folder: string,
  name: string,
  source: CLibrarySource,
  flags: readonly string[] = [],
): TestLibrary {
  const path = compileLibrary(folder, name, cLibrary(source), ["-O0", ...flags]);
  const native = openLibrary(testPlan(path), { copy: false });
  const compile = (one: CFunction): CompiledLoweredImport =>
    compileLoweredImport({ label: labelOf(one), plan: functionPlan(one, source), library: native });
  return {
    path,
    native,
    compile,
    count: (counter) => Number(native.func(COUNTERS[counter], "uint64_t", [])()),
    bind: (one, options, instance = { mayLeave: true }) => compile(one).bind(options, instance),
  };
}
