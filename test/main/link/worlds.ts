/** Worlds and bundles made by hand, small enough to read in a table. */
import type { ResolvedBundle } from "../../../src/main/bundle/types.ts";
import type { BundleWorld } from "../../../src/main/link/provider.ts";
import type {
  FuncType,
  ValueType,
  WitFunction,
  WorldItem,
  WorldType,
} from "../../../src/shared/wit/types.ts";

export const U32: ValueType = { kind: "u32" };
export const STRING: ValueType = { kind: "string" };

/** `signature("a", U32)` is `func(a: u32)`. */
export function signature(param?: string, type: ValueType = U32, result?: ValueType): FuncType {
  const params = param === undefined ? [] : [{ name: param, type }];
  return result === undefined ? { params } : { params, result };
}

export function func(name: string, type: FuncType = signature()): WitFunction {
  const method = /^\[(method|static)\](.+)\.(.+)$/.exec(name);
  if (method !== null) {
    const [, kind, resource = "", member = ""] = method;
    return { name, role: { kind: kind === "method" ? "method" : "static", resource, member }, type };
  }
  const constructed = /^\[constructor\](.+)$/.exec(name);
  if (constructed !== null)
    return { name, role: { kind: "constructor", resource: constructed[1] ?? "" }, type };
  return { name, role: { kind: "freestanding" }, type };
}

export function iface(
  name: string,
  functions: readonly (WitFunction | string)[],
  resources: string[] = [],
): WorldItem {
  return {
    kind: "interface",
    name,
    interface: {
      functions: functions.map((entry) => (typeof entry === "string" ? func(entry) : entry)),
      resources: resources.map((resource) => ({ interface: name, name: resource })),
      types: [],
    },
  };
}

export function worldFunction(name: string, type: FuncType = signature()): WorldItem {
  return { kind: "function", name, function: func(name, type) };
}

export function component(imports: readonly WorldItem[], exports: readonly WorldItem[] = []): WorldType {
  return { name: "root", imports, exports };
}

export interface BundleOptions {
  readonly name?: string;
  readonly symbols?: readonly string[];
  readonly functions?: Readonly<Record<string, string>>;
  readonly serves?: readonly string[];
  readonly free?: string;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly exports?: readonly WorldItem[];
  readonly world?: string;
}

export function bundle(imports: readonly WorldItem[], options: BundleOptions = {}): BundleWorld {
  const name = options.name ?? "kv";
  const where = { file: `/hosts/${name}/host.toml`, line: 1 };
  const resolved: ResolvedBundle = {
    name,
    folder: `/hosts/${name}`,
    witPath: `/hosts/${name}/wit`,
    library: {
      path: `/hosts/${name}/lib.so`,
      where: { file: where.file, line: 3 },
      symbols: new Set(options.symbols ?? []),
    },
    threadsafe: false,
    config: options.config ?? {},
    configFolders: new Map(),
    functions: new Map(
      Object.entries(options.functions ?? {}).map(([key, symbol]) => [
        key,
        { symbol, where: { file: where.file, line: 7 } },
      ]),
    ),
    where,
    ...(options.free === undefined ? {} : { free: options.free }),
    ...(options.serves === undefined ? {} : { serves: options.serves }),
  };
  return {
    bundle: resolved,
    world: { name: options.world ?? "acme:kv/host@1.0.0", imports, exports: options.exports ?? [] },
  };
}
