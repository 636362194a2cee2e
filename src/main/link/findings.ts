/** The linker's messages: both sides shown, near names, and what to do. */
import { formatLocation, type Finding, type Location } from "../../shared/errors.ts";
import { nearest } from "../../shared/nearest.ts";
import { printDefinition, printFunc } from "../../shared/wit/print-type.ts";
import type { ResourceType, WitFunction, WorldItem } from "../../shared/wit/types.ts";
import type { ResolvedBundle } from "../bundle/types.ts";
import { differingDefinitions } from "./difference.ts";
import { otherVersions, type Match } from "./match.ts";
import { exportedSymbols, functionLabel, itemFunctions, type Provider } from "./provider.ts";
import { shortList } from "./short-list.ts";
import { unservedWasiHelp } from "./wasi.ts";

/** A function whose symbol the library of its bundle does not export. */
export interface LackingSymbol {
  readonly owner: string | undefined;
  readonly func: string;
  readonly symbol: string;
  /** Where `[functions]` named the symbol. */
  readonly where?: Location;
}

/** Why nobody serves an import: an other version, an other kind, left out by `serves`, or unknown. */
export function notServed(item: WorldItem, providers: readonly Provider[]): Finding {
  const { name } = item;
  const wrongVersions = providers.flatMap(({ bundle, served }) =>
    otherVersions(name, served.values()).map((other) => ({ bundle, other })),
  );
  if (wrongVersions.length > 0) {
    return {
      message: `no host bundle serves a compatible version of ${name}`,
      lines: [
        `the component imports ${name}`,
        ...shortList(
          wrongVersions,
          ({ bundle, other }) => `host bundle "${bundle.name}" serves  ${other.name}`,
        ),
      ],
      help: "a compatible version is at least the imported one, with the same major version (below 1.0.0: the same minor one)",
    };
  }
  const sameName = providers.find(({ served }) => served.has(name));
  if (sameName !== undefined) {
    return {
      message: `the component imports ${name} as ${article(item.kind)}, and host bundle "${sameName.bundle.name}" has ${article(sameName.served.get(name)?.kind ?? item.kind)} of that name`,
      where: sameName.bundle.where,
    };
  }
  const leftOut = providers.find(
    ({ items }) => items.has(name) || otherVersions(name, items.values()).length > 0,
  );
  return {
    message: `nobody serves ${item.kind === "interface" ? name : `the function ${name}`}`,
    lines: ["the component needs:", ...signatures(item).map((line) => `  ${line}`)],
    help: helpForMissing(name, providers, leftOut),
  };
}

function helpForMissing(name: string, providers: readonly Provider[], leftOut: Provider | undefined): string {
  if (leftOut !== undefined) {
    return `host bundle "${leftOut.bundle.name}" has it in its WIT, but \`serves\` leaves it out (${formatLocation(leftOut.bundle.where)})`;
  }
  const owners = new Map(
    providers.flatMap(({ bundle, served }) => [...served.keys()].map((id) => [id, bundle.name])),
  );
  const near = nearest(name, owners.keys());
  if (near !== undefined)
    return `host bundle "${owners.get(near) ?? ""}" serves ${near}: did the component mean that?`;
  return unservedWasiHelp(name) ?? "give a host bundle that serves it with --host-bundle or --host-config";
}

/** Several bundles that could serve one import. */
export function servedTwice(item: WorldItem, matches: readonly Match[]): Finding {
  return {
    message: `${matches.length} host bundles serve ${item.name}: ${matches.map(({ provider }) => `"${provider.bundle.name}"`).join(" and ")}`,
    lines: shortList(
      matches,
      ({ provider: { bundle }, item: { name } }) =>
        `"${bundle.name}" serves ${name} (${formatLocation(bundle.where)})`,
    ),
    help: "say in hosts.toml what each entry serves: serves = [ … ]",
  };
}

/** Functions that the bundle's WIT does not have in an interface that it serves. */
export function functionsMissing(
  item: WorldItem,
  provided: WorldItem,
  missing: readonly WitFunction[],
  bundle: ResolvedBundle,
): Finding {
  const offered = itemFunctions(provided).map(({ func }) => func.name);
  const count = missing.length === 1 ? "a function" : `${missing.length} functions`;
  return {
    message: `${provided.name} of host bundle "${bundle.name}" lacks ${count} that the component imports`,
    lines: shortList(missing, (func) => {
      const near = nearest(func.name, offered);
      return `${printFunc(func.name, func.type)}${near === undefined ? "" : `   (it has: ${near})`}`;
    }),
    where: bundle.where,
    help: `the component was built against another WIT of ${item.name}`,
  };
}

/** The same function with different types on the two sides. */
export function signatureDiffers(
  owner: string | undefined,
  wanted: WitFunction,
  provided: WitFunction,
  bundle: ResolvedBundle,
): Finding {
  const ours = printFunc(wanted.name, wanted.type);
  const theirs = printFunc(provided.name, provided.type);
  const differ = ours === theirs ? differingDefinitions(wanted.type, provided.type) : undefined;
  const definitions =
    differ === undefined
      ? []
      : [`component    ${printDefinition(differ.left)}`, `host bundle  ${printDefinition(differ.right)}`];
  return {
    message: `${functionLabel(owner, wanted.name)} has another signature in host bundle "${bundle.name}"`,
    lines: [`component    ${ours}`, `host bundle  ${theirs}`, ...definitions],
    where: bundle.where,
  };
}

/** All symbols that one library lacks. */
export function symbolsLacking(bundle: ResolvedBundle, symbols: readonly LackingSymbol[]): Finding {
  const width = Math.max(...shortList(symbols, labelOf).map((label) => label.length));
  const rows = shortList(symbols, (lacking) => {
    const mapped = lacking.where === undefined ? "" : ` (${formatLocation(lacking.where)})`;
    return `${labelOf(lacking).padEnd(width)}   symbol ${lacking.symbol}${mapped}`;
  });
  const [only] = symbols;
  const near =
    only === undefined || symbols.length > 1 ? undefined : nearest(only.symbol, exportedSymbols(bundle));
  const count = symbols.length === 1 ? "one" : String(symbols.length);
  return {
    message: `the library of host bundle "${bundle.name}" lacks ${count} of the functions its WIT declares`,
    lines: [...rows, `library ${bundle.library?.path ?? ""}`],
    where: bundle.library?.where ?? bundle.where,
    help: `${near === undefined ? "" : `it exports ${near}; `}export them, or map the functions to other symbols under [functions] in host.toml`,
  };
}

function labelOf({ owner, func }: LackingSymbol): string {
  return functionLabel(owner, func);
}

/** A function and the extern name of its interface; none for a function of the world. */
export interface LabelledFunction {
  readonly owner: string | undefined;
  readonly func: WitFunction;
}

/** Two functions whose names, or whose entries in `[functions]`, give one symbol, which can have one signature only. */
export function symbolShared(
  symbol: string,
  first: LabelledFunction,
  second: LabelledFunction,
  bundle: ResolvedBundle,
): Finding {
  return {
    message: `two functions with different signatures are bound to the symbol ${symbol} of host bundle "${bundle.name}"`,
    lines: [first, second].map(
      ({ owner, func }) => `${functionLabel(owner, func.name)}   ${printFunc(func.name, func.type)}`,
    ),
    where: bundle.where,
    help: "map one of them to a symbol of its own under [functions] in host.toml",
  };
}

/** A function that takes or gives handles of a resource which somebody else serves. */
export function foreignResource(
  { owner, func }: LabelledFunction,
  resource: ResourceType,
  bundle: ResolvedBundle,
  server: ResolvedBundle | undefined,
): Finding {
  const name = functionLabel(resource.interface, resource.name);
  const other =
    server === bundle
      ? "stands for another one of its resources than the function expects"
      : server === undefined
        ? "is not served by a host bundle"
        : `is served by host bundle "${server.name}"`;
  return {
    message: `${functionLabel(owner, func.name)} of host bundle "${bundle.name}" deals in the resource ${name}, which ${other}`,
    lines: [printFunc(func.name, func.type)],
    where: bundle.where,
    help: "one host bundle must serve a resource and every function that deals in it: only its library knows what a handle stands for",
  };
}

/** A resource of the world itself, which adapters have no place for. */
export function worldResource(name: string, bundle: ResolvedBundle): Finding {
  return {
    message: `the resource ${name} belongs to the world itself, and the adapter of host bundle "${bundle.name}" serves resources of interfaces only`,
    where: bundle.where,
    help: "declare it in an interface",
  };
}

function signatures(item: WorldItem): readonly string[] {
  const resources = item.kind === "interface" ? item.interface.resources : [];
  return [
    ...shortList(resources, ({ name }) => `resource ${name}`),
    ...shortList(itemFunctions(item), ({ func }) => printFunc(func.name, func.type)),
  ];
}

function article(kind: WorldItem["kind"]): string {
  return kind === "interface" ? "an interface" : "a function";
}
