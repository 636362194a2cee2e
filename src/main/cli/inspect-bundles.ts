/** Bundles as `inspect` shows them: what each serves, the symbol behind every function, and conflicts. */
import { formatLocation, type Finding } from "../../shared/errors.ts";
import { printFunc } from "../../shared/wit/print-type.ts";
import type { WitFunction } from "../../shared/wit/types.ts";
import type { LibraryFacts } from "../bundle/library/facts.ts";
import { HandleFinder } from "../link/handles.ts";
import { checkBundle } from "../link/bundle-findings.ts";
import {
  bindDrop,
  bindSymbol,
  exportedSymbols,
  itemFunctions,
  toProvider,
  type BoundSymbol,
  type BundleWorld,
  type Provider,
  type ProviderAdapter,
} from "../link/provider.ts";
import { table } from "./table.ts";

const FORMAT_NAMES = { elf: "ELF", "mach-o": "Mach-O", pe: "PE" } as const;

interface ServedFunction {
  readonly func: WitFunction;
  readonly symbol: BoundSymbol;
}

interface ServedItem {
  readonly name: string;
  readonly kind: "interface" | "function";
  readonly functions: readonly ServedFunction[];
  readonly resources: readonly ServedResource[];
}

interface ServedResource {
  readonly name: string;
  /** What ends it; absent: the library is not told. */
  readonly drop: BoundSymbol | undefined;
}

interface DescribedBundle {
  readonly provider: Provider;
  /** Absent where an adapter needs none. */
  readonly library: LibraryFormatFacts | undefined;
  readonly serves: readonly ServedItem[];
}

/** What the header of a library says. */
export type LibraryFormatFacts = Pick<LibraryFacts, "format" | "architecture">;

export interface DescribedBundles {
  readonly bundles: readonly DescribedBundle[];
  /** Extern names that several bundles serve. */
  readonly conflicts: readonly { readonly name: string; readonly bundles: readonly string[] }[];
  /** Entries of a manifest that name nothing, and conflicts. */
  readonly findings: readonly Finding[];
}

/** `readFacts` looks at the header of a library. */
export function describeBundles(
  inputs: readonly BundleWorld[],
  readFacts: (libraryPath: string) => LibraryFormatFacts,
): DescribedBundles {
  const bundles = inputs.map((input) =>
    describeBundle(
      toProvider(input),
      input.bundle.library === undefined ? undefined : readFacts(input.bundle.library.path),
    ),
  );
  const byName = new Map<string, string[]>();
  for (const { provider, serves } of bundles) {
    for (const { name } of serves) byName.set(name, [...(byName.get(name) ?? []), provider.bundle.name]);
  }
  const conflicts = [...byName]
    .filter(([, names]) => names.length > 1)
    .map(([name, names]) => ({ name, bundles: names }));
  const findings = [
    ...bundles.flatMap(({ provider }) => checkBundle(provider)),
    ...conflicts.map((conflict) => ({
      message: `${conflict.bundles.length} host bundles serve ${conflict.name}: ${conflict.bundles.map((name) => `"${name}"`).join(" and ")}`,
      help: "say in hosts.toml what each entry serves: serves = [ … ]",
    })),
  ];
  return { bundles, conflicts, findings };
}

function describeBundle(provider: Provider, library: LibraryFormatFacts | undefined): DescribedBundle {
  const handles = new HandleFinder();
  const serves = [...provider.served.values()].map((item) => ({
    name: item.name,
    kind: item.kind,
    functions: itemFunctions(item).map(({ owner, func }) => ({
      func,
      symbol: bindSymbol(provider, owner, func.name, handles.usesResources(func)),
    })),
    resources:
      item.kind === "function"
        ? []
        : item.interface.resources.map(({ name }) => ({ name, drop: bindDrop(provider, item.name, name) })),
  }));
  return { provider, library, serves };
}

export function bundlesLines({ bundles }: DescribedBundles): readonly string[] {
  return bundles.flatMap(({ provider, library, serves }, index) => {
    const { bundle } = provider;
    const lifecycle = Object.entries(lifecycleOf(provider)).flatMap(([symbol, has]) => (has ? [symbol] : []));
    const facts = [
      ["declared in", formatLocation(bundle.where)],
      ...(bundle.library === undefined || library === undefined
        ? []
        : [["library", `${bundle.library.path} (${formatText(library)})`]]),
      ...(provider.adapter === undefined ? [] : [["adapter", adapterText(provider.adapter)]]),
      ["wit", `${bundle.witPath} (world ${provider.world.name})`],
      ...(bundle.free === undefined ? [] : [["free", bundle.free]]),
      ...(bundle.threadsafe ? [["threadsafe", "yes"]] : []),
      ...(lifecycle.length === 0 ? [] : [["lifecycle", lifecycle.join(", ")]]),
    ];
    return [
      ...(index === 0 ? [] : [""]),
      `host bundle "${bundle.name}"`,
      ...table(facts).map((line) => `  ${line}`),
      ...serves.flatMap((item) => [
        `  serves ${item.name}`,
        ...(provider.adapter === undefined ? functionLines(item) : signatureLines(item)),
      ]),
    ];
  });
}

function adapterText({ adapter }: ProviderAdapter): string {
  return adapter.kind === "built-in" ? `${adapter.name} (built in)` : adapter.path;
}

/** Of an adapter's functions: they have no symbols. */
function signatureLines({ functions }: ServedItem): readonly string[] {
  return functions.map(({ func }) => `    ${printFunc(func.name, func.type)}`);
}

function functionLines({ functions, resources }: ServedItem): readonly string[] {
  const rows = [
    ...functions.map(({ func, symbol }) => ({ title: printFunc(func.name, func.type), symbol })),
    ...resources.map(({ name, drop }) => ({ title: `end of ${name}`, symbol: drop })),
  ];
  const symbols = table(
    rows.map(({ symbol }) =>
      symbol === undefined ? ["the library is not told"] : [symbol.symbol, stateOf(symbol)],
    ),
  );
  return rows.flatMap(({ title }, index) => [`    ${title}`, `      ${symbols[index] ?? ""}`]);
}

function formatText({ format, architecture }: LibraryFormatFacts): string {
  return `${FORMAT_NAMES[format]}, ${architecture}`;
}

function stateOf(symbol: BoundSymbol): string {
  if (symbol.kind === "absent") return "MISSING in the library";
  return symbol.convention === "import" ? "present" : "present (owns its arguments)";
}

function lifecycleOf({ bundle }: Provider): Readonly<Record<string, boolean>> {
  const symbols = exportedSymbols(bundle);
  return Object.fromEntries(
    ["hostbundle_init", "hostbundle_deinit"].map((symbol) => [symbol, symbols.has(symbol)]),
  );
}

export function bundlesToJson(
  path: string,
  { bundles, conflicts, findings }: DescribedBundles,
  warnings: readonly Finding[],
): object {
  return {
    status: "ok",
    kind: "bundles",
    path,
    bundles: bundles.map(({ provider, library, serves }) => ({
      name: provider.bundle.name,
      declaredIn: provider.bundle.where,
      ...(provider.bundle.library === undefined || library === undefined
        ? {}
        : {
            library: {
              path: provider.bundle.library.path,
              format: library.format,
              architecture: library.architecture,
            },
          }),
      ...(provider.adapter === undefined ? {} : { adapter: adapterText(provider.adapter) }),
      wit: provider.bundle.witPath,
      world: provider.world.name,
      threadsafe: provider.bundle.threadsafe,
      ...(provider.bundle.free === undefined ? {} : { free: provider.bundle.free }),
      lifecycle: lifecycleOf(provider),
      serves: serves.map(({ name, kind, functions, resources }) => ({
        name,
        kind,
        ...(resources.length === 0
          ? {}
          : {
              resources: resources.map(({ name: resource, drop }) => ({
                name: resource,
                ...(drop === undefined ? {} : { drop: drop.symbol, present: drop.kind === "present" }),
              })),
            }),
        functions: functions.map(({ func, symbol }) => ({
          name: func.name,
          wit: printFunc(func.name, func.type),
          ...(provider.adapter === undefined
            ? {
                symbol: symbol.symbol,
                present: symbol.kind === "present",
                ...(symbol.kind === "present" ? { convention: symbol.convention } : {}),
              }
            : {}),
        })),
      })),
    })),
    conflicts,
    findings,
    warnings,
  };
}
