/**
 * The imports that host bundles serve, in the shape that jco's modules look for: a JavaScript function per
 * import that carries the compiled trampoline under `Symbol.for("cabiLower")`. jco binds that straight to
 * the core import; the function itself must never be called.
 */
import { HostbundleError } from "../shared/errors.ts";
import type { FunctionPlan, ImportStats, LinkPlan } from "../shared/protocol.ts";
import { compileLoweredImport } from "./abi/compile.ts";
import type {
  CallCounters,
  CanonOptions,
  CompiledLoweredImport,
  CoreFunction,
  InstanceState,
  StringEncoding,
} from "./abi/types.ts";
import type { ImportObject } from "./instantiate.ts";
import { lowerCamel } from "./jco-names.ts";
import type { NativeLibrary } from "./native/types.ts";

const CABI_LOWER = Symbol.for("cabiLower");

/** What jco hands to `cabiLower`: only the options that the function needs. */
interface JcoLowerOptions {
  readonly memory?: WebAssembly.Memory;
  readonly realloc?: NonNullable<CanonOptions["realloc"]>;
  /** Absent for UTF-8. */
  readonly stringEncoding?: string;
}

/** A library as opened by this thread. */
export interface OpenedLibrary {
  /** Tells libraries apart that are opened separately. */
  readonly key: string;
  readonly library: NativeLibrary;
}

export interface NativeImports {
  readonly imports: ImportObject;
  /** The first trap or fault of the library in the run, if there was one. */
  failure(): unknown;
  /** What the run's imports cost so far; empty where nobody asked. */
  stats(): readonly ImportStats[];
  /** The generated source of all functions. */
  source(): string;
}

/** Compiles (or finds in `cache`) and binds all native imports of one instance. */
export function buildNativeImports(
  plan: LinkPlan,
  libraries: readonly OpenedLibrary[],
  cache: Map<string, CompiledLoweredImport>,
  options: { readonly stats: boolean },
): NativeImports {
  const state: InstanceState = { mayLeave: true };
  const counters = new Map<string, CallCounters>();
  const sources: string[] = [];

  const bind = (label: string, func: FunctionPlan): unknown => {
    const compiled = compile(label, func, libraries, cache);
    sources.push(compiled.source);
    const counter = options.stats ? { calls: 0, bytesIn: 0, bytesOut: 0, timeNs: 0 } : undefined;
    if (counter !== undefined) counters.set(label, counter);
    const lower = (given: JcoLowerOptions): CoreFunction =>
      compiled.bind(canonOptions(given, label), state, counter);
    return Object.assign(slowPath(label), { [CABI_LOWER]: lower });
  };

  const imports: Record<string, Readonly<Record<string, unknown>>> = Object.create(null);
  for (const item of plan.imports) {
    if (item.kind === "native-function") {
      imports[item.name] = { default: bind(item.name, item.function) };
    } else if (item.kind === "native-interface") {
      const functions: Record<string, unknown> = Object.create(null);
      for (const func of item.functions) {
        const key = lowerCamel(func.name);
        if (key in functions) throw collision(item.name, func.name, key);
        functions[key] = bind(`${item.name}#${func.name}`, func);
      }
      imports[item.name] = functions;
    } else if (item.kind === "types-only") {
      imports[item.name] = {};
    }
  }
  return {
    imports,
    failure: () => state.failure,
    stats: () => Array.from(counters, ([label, counter]) => ({ function: label, ...counter })),
    source: () => sources.join("\n"),
  };
}

function compile(
  label: string,
  func: FunctionPlan,
  libraries: readonly OpenedLibrary[],
  cache: Map<string, CompiledLoweredImport>,
): CompiledLoweredImport {
  const opened = libraries[func.library];
  if (opened === undefined) throw new HostbundleError("INTERNAL", `the plan names no library for ${label}`);
  const key = [label, func.symbol, func.convention, opened.key].join("\0");
  const known = cache.get(key);
  if (known !== undefined) return known;
  const compiled = compileLoweredImport({ label, plan: func, library: opened.library });
  cache.set(key, compiled);
  return compiled;
}

function canonOptions(given: JcoLowerOptions, label: string): CanonOptions {
  return {
    stringEncoding: stringEncoding(given.stringEncoding, label),
    ...(given.memory === undefined ? {} : { memory: given.memory }),
    ...(given.realloc === undefined ? {} : { realloc: given.realloc }),
  };
}

function stringEncoding(name: string | undefined, label: string): StringEncoding {
  switch (name) {
    case undefined:
    case "utf8":
      return "utf8";
    case "utf16":
      return "utf16";
    case "compact-utf16":
    case "latin1+utf16":
      return "latin1+utf16";
    default:
      throw new HostbundleError("INTERNAL", `unknown string encoding ${name}`, { function: label });
  }
}

function slowPath(label: string): () => never {
  return () => {
    throw new HostbundleError("INTERNAL", "jco called an import of a host bundle without its trampoline", {
      function: label,
    });
  };
}

function collision(interfaceName: string, name: string, key: string): HostbundleError {
  return new HostbundleError(
    "COMPONENT_INVALID",
    `two functions of ${interfaceName} have one JavaScript name`,
    {
      findings: [{ message: `${name} and another function are both called ${key} by jco` }],
    },
  );
}
