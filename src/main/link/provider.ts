/** What one host bundle offers: the items of its world, narrowed by `serves`, and the symbol behind each function. */
import type { Location } from "../../shared/errors.ts";
import type { SymbolConvention } from "../../shared/protocol.ts";
import { parseExternName, withoutVersion } from "../../shared/wit/id.ts";
import { functionSymbols, symbolNaming, type SymbolNaming } from "../../shared/wit/symbol.ts";
import type { WitFunction, WorldItem, WorldType } from "../../shared/wit/types.ts";
import type { BundleAdapter, ResolvedBundle } from "../bundle/types.ts";
import { type AdapterMatch, matchAdapter } from "./adapter-match.ts";
import { isServedWasi } from "./wasi.ts";

/** A bundle together with the world that was read from its WIT. */
export interface BundleWorld {
  readonly bundle: ResolvedBundle;
  readonly world: WorldType;
  /** The world of the built-in adapter that the bundle may be served by. */
  readonly adapterWorld?: WorldType;
}

/** The adapter that serves a bundle. */
export interface ProviderAdapter {
  readonly adapter: BundleAdapter;
  /** By extern name in the bundle's WIT: the adapter's own name of it. */
  readonly provided: ReadonlyMap<string, string>;
  /** Why it cannot serve the bundle after all. */
  readonly findings: AdapterMatch["findings"];
}

export interface Provider extends BundleWorld {
  readonly naming: SymbolNaming;
  /** Everything in its WIT by extern name, imports first: a host's world may name what it serves either way. */
  readonly items: ReadonlyMap<string, WorldItem>;
  /**
   * What it serves: what `serves` names, or else all of `items` but for WASI. A world often repeats the WASI
   * imports of its guests; only `serves` makes a bundle replace what is built in.
   */
  readonly served: ReadonlyMap<string, WorldItem>;
  /** Plain names that `serves` has and the WIT has not: imports that one of `items` serves under another name. */
  readonly aliases: ReadonlySet<string>;
  /** Serves all of them; absent: the library does. */
  readonly adapter?: ProviderAdapter;
}

/** The symbol of one function in the bundle's library. */
export type BoundSymbol =
  | { readonly kind: "present"; readonly symbol: string; readonly convention: SymbolConvention }
  | {
      readonly kind: "absent";
      /** The symbol that was expected. */
      readonly symbol: string;
      /** Where `[functions]` named it. */
      readonly where?: Location;
    };

export function toProvider(input: BundleWorld): Provider {
  const items = new Map<string, WorldItem>();
  for (const item of [...input.world.imports, ...input.world.exports]) {
    if (!items.has(item.name)) items.set(item.name, item);
  }
  const { serves } = input.bundle;
  const isServed = (name: string): boolean =>
    serves === undefined ? !isServedWasi(name) : serves.some((entry) => namesItem(entry, name));
  const served = new Map([...items].filter(([name]) => isServed(name)));
  const aliases = new Set(
    (serves ?? []).filter(
      (entry) => parseExternName(entry).kind === "plain" && ![...items.keys()].includes(entry),
    ),
  );
  const adapter = providerAdapter(input, aliases.size === 0 ? served : items);
  return {
    ...input,
    naming: symbolNaming(input.world),
    items,
    served,
    aliases,
    ...(adapter === undefined ? {} : { adapter }),
  };
}

function providerAdapter(
  { bundle: { adapter }, adapterWorld }: BundleWorld,
  served: Provider["served"],
): ProviderAdapter | undefined {
  if (adapter === undefined) return undefined;
  // It was written for the bundle's own WIT.
  if (adapter.kind === "module")
    return { adapter, provided: new Map([...served.keys()].map((name) => [name, name])), findings: [] };
  if (adapterWorld === undefined) return undefined;
  const match = matchAdapter(served.values(), adapterWorld);
  return match.findings.length > 0 && !adapter.isDeclared ? undefined : { adapter, ...match };
}

/** Whether an entry written by a person, with or without the version, means this extern name. */
export function namesItem(entry: string, name: string): boolean {
  return entry === name || entry === withoutVersion(name);
}

/** `ns:pkg/iface@1.0.0#func`, or the plain name of a function of the world. */
export function functionLabel(owner: string | undefined, func: string): string {
  return owner === undefined ? func : `${owner}#${func}`;
}

/** The functions of an item, with the extern name of their interface (undefined for a function of the world). */
export function itemFunctions(
  item: WorldItem,
): readonly { readonly owner: string | undefined; readonly func: WitFunction }[] {
  return item.kind === "function"
    ? [{ owner: undefined, func: item.function }]
    : item.interface.functions.map((func) => ({ owner: item.name, func }));
}

/** Whether an import is an interface without functions and resources: nobody needs to serve it. */
export function isTypesOnly(item: WorldItem): boolean {
  return (
    item.kind === "interface" &&
    item.interface.functions.length === 0 &&
    item.interface.resources.length === 0
  );
}

/**
 * Finds the symbol of a function: what `[functions]` says, else the first spelling that the library exports.
 * `withHandles`: the export side of the C generator keeps its own table of reps, so only the import side can serve.
 */
export function bindSymbol(
  provider: Provider,
  owner: string | undefined,
  func: string,
  withHandles = false,
): BoundSymbol {
  const symbols = exportedSymbols(provider.bundle);
  const mapped = mappedSymbol(provider, owner, func);
  if (mapped !== undefined) {
    if (!symbols.has(mapped.symbol)) return { kind: "absent", ...mapped };
    const convention = mapped.symbol.startsWith("exports_") && !withHandles ? "export" : "import";
    return { kind: "present", symbol: mapped.symbol, convention };
  }
  const candidates = functionSymbols(provider.naming, owner, func).filter(
    ({ convention }) => convention === "import" || !withHandles,
  );
  const found = candidates.find((candidate) => symbols.has(candidate.symbol));
  if (found !== undefined) return { kind: "present", ...found };
  return { kind: "absent", symbol: candidates[0]?.symbol ?? func };
}

const NO_SYMBOLS: ReadonlySet<string> = new Set();

/** What the library of a bundle exports; nothing where an adapter needs none. */
export function exportedSymbols({ library }: ResolvedBundle): ReadonlySet<string> {
  return library?.symbols ?? NO_SYMBOLS;
}

/** How `[functions]` and core modules name the end of a resource. */
export function dropName(resource: string): string {
  return `[resource-drop]${resource}`;
}

/** The function that ends a resource, called with the rep. A library need not have one: then nothing is given. */
export function bindDrop(
  provider: Provider,
  owner: string | undefined,
  resource: string,
): BoundSymbol | undefined {
  if (mappedSymbol(provider, owner, dropName(resource)) !== undefined)
    return bindSymbol(provider, owner, dropName(resource), true);
  const bound = bindSymbol(provider, owner, `${resource}-drop-own`, true);
  return bound.kind === "present" ? bound : undefined;
}

function mappedSymbol(
  { bundle: { functions } }: Provider,
  owner: string | undefined,
  func: string,
): { readonly symbol: string; readonly where: Location } | undefined {
  return (
    functions.get(functionLabel(owner, func)) ??
    (owner === undefined ? undefined : functions.get(functionLabel(withoutVersion(owner), func)))
  );
}
