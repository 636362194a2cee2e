/** What is wrong with a bundle whatever the component: entries that name nothing it has. */
import type { Finding, Location } from "../../shared/errors.ts";
import { nearest } from "../../shared/nearest.ts";
import { withoutVersion } from "../../shared/wit/id.ts";
import type { ResolvedBundle } from "../bundle/types.ts";
import {
  dropName,
  exportedSymbols,
  functionLabel,
  itemFunctions,
  namesItem,
  type Provider,
  type ProviderAdapter,
} from "./provider.ts";
import { shortList } from "./short-list.ts";

/** Wrong entries that are reported per bundle: the search for near names costs time. */
const MAX_ENTRIES = 20;

/** Checks `serves`, `[functions]` and `free` of a bundle against its WIT and its library. */
export function checkBundle(provider: Provider): readonly Finding[] {
  return [
    ...checkServes(provider),
    ...(provider.adapter === undefined
      ? [...checkFunctions(provider), ...checkFree(provider)]
      : checkAdapter(provider.bundle, provider.adapter)),
  ];
}

/** An adapter that does not serve what the bundle's WIT has, and entries that only a bound library has a use for. */
function checkAdapter(bundle: ResolvedBundle, { adapter, findings }: ProviderAdapter): readonly Finding[] {
  const name = adapter.kind === "built-in" ? `"${adapter.name}"` : adapter.path;
  const misfits = findings.map(({ message, lines }) => ({
    message: `the adapter ${name} does not fit the WIT of host bundle "${bundle.name}": ${message}`,
    ...(lines === undefined ? {} : { lines }),
    where: adapter.where,
    help: "leave `wit` out to use the adapter's own",
  }));
  const [mapped] = bundle.functions.values();
  const useless = [
    ...(mapped === undefined ? [] : ["functions"]),
    ...(bundle.free === undefined ? [] : ["free"]),
    // What is built in knows itself whether it is.
    ...(bundle.threadsafe && adapter.kind === "built-in" ? ["threadsafe"] : []),
  ];
  if (useless.length === 0) return misfits;
  const keys = useless.map((key) => `\`${key}\``).join(" and ");
  return [
    ...misfits,
    {
      message: `${keys} of host bundle "${bundle.name}": the adapter ${name} serves it, for which there is no such choice`,
      where: mapped?.where ?? bundle.where,
      help: "remove what only a library that is bound from its WIT has a use for",
    },
  ];
}

function checkServes({ bundle, items, aliases }: Provider): readonly Finding[] {
  const names = [...items.keys()];
  const wrong = (bundle.serves ?? []).filter(
    (entry) => !aliases.has(entry) && !names.some((name) => namesItem(entry, name)),
  );
  return wrong
    .slice(0, MAX_ENTRIES)
    .map((entry) =>
      entryFinding(
        `serves = "${entry}" names nothing in the WIT of host bundle "${bundle.name}"`,
        bundle.where,
        hint(entry, [...names, ...names.map(withoutVersion)], names),
      ),
    );
}

function checkFunctions({ bundle, items, world }: Provider): readonly Finding[] {
  const labels = new Set<string>();
  const shown: string[] = [];
  const add = (owner: string | undefined, name: string): void => {
    const label = functionLabel(owner, name);
    shown.push(label);
    labels.add(label);
    if (owner !== undefined) labels.add(functionLabel(withoutVersion(owner), name));
  };
  for (const item of items.values()) {
    for (const { owner, func } of itemFunctions(item)) add(owner, func.name);
    const resources = item.kind === "interface" ? item.interface.resources : [];
    for (const { name } of resources) add(item.name, dropName(name));
  }
  for (const { name } of world.resources ?? []) add(undefined, dropName(name));
  const wrong = [...bundle.functions].filter(([entry]) => !labels.has(entry));
  return wrong
    .slice(0, MAX_ENTRIES)
    .map(([entry, { where }]) =>
      entryFinding(
        `[functions] of host bundle "${bundle.name}" maps "${entry}", which its WIT does not have`,
        where,
        hint(entry, labels, shown),
      ),
    );
}

function checkFree({ bundle }: Provider): readonly Finding[] {
  const { free, library } = bundle;
  const symbols = exportedSymbols(bundle);
  if (free === undefined || library === undefined || symbols.has(free)) return [];
  const near = nearest(free, symbols);
  return [
    {
      message: `the library of host bundle "${bundle.name}" lacks its release function "${free}" (free = …)`,
      lines: [`library ${library.path}`],
      where: bundle.where,
      help:
        near === undefined
          ? "export it, or leave `free` out where the library allocates with malloc"
          : `did you mean "${near}"?`,
    },
  ];
}

type Hint = Pick<Finding, "lines" | "help">;

function entryFinding(message: string, where: Location, hint: Hint): Finding {
  return { message, where, ...hint };
}

/** The near name, or else all that there is. */
function hint(entry: string, candidates: Iterable<string>, all: readonly string[]): Hint {
  const near = nearest(entry, candidates);
  if (near !== undefined) return { help: `did you mean "${near}"?` };
  return all.length === 0
    ? { help: "its WIT has no functions" }
    : { lines: ["it has:", ...shortList(all, (name) => `  ${name}`)] };
}
