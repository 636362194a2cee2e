/** Which bundle's item an import means. */
import { isCompatible, parseExternName, withoutVersion } from "../../shared/wit/id.ts";
import { BY_RESOURCE_NAME, hasFunctions } from "./shape.ts";
import type { Comparison } from "../../shared/wit/equal.ts";
import type { WorldItem } from "../../shared/wit/types.ts";
import type { Provider } from "./provider.ts";

export interface Match {
  readonly provider: Provider;
  /** What the provider has for the import: the same extern name, or a compatible version of it. */
  readonly item: WorldItem;
  /** How their types are compared: under a plain name, resources are those of the interface that it stands for. */
  readonly comparison: Comparison | undefined;
}

/** The providers that serve an import; more than one is a conflict. */
export function findMatches(wanted: WorldItem, providers: readonly Provider[]): readonly Match[] {
  return providers.flatMap((provider): Match[] => {
    const item = bestItem(wanted, provider);
    if (item !== undefined) return [{ provider, item, comparison: undefined }];
    const alias = aliased(wanted, provider);
    return alias === undefined ? [] : [{ provider, item: alias, comparison: BY_RESOURCE_NAME }];
  });
}

/** Within one bundle: the very version, else the highest compatible one. */
function bestItem(wanted: WorldItem, { served }: Provider): WorldItem | undefined {
  const exact = served.get(wanted.name);
  if (exact?.kind === wanted.kind) return exact;
  const wantedVersion = version(wanted.name);
  let best: WorldItem | undefined;
  for (const item of otherVersions(wanted.name, served.values())) {
    const provided = version(item.name);
    if (item.kind !== wanted.kind || !isCompatible(wantedVersion, provided)) continue;
    if (best === undefined || isCompatible(version(best.name), provided)) best = item;
  }
  return best;
}

/** What serves a plainly named import that `serves` lists: the interface that it implements, or one of its shape. */
function aliased(wanted: WorldItem, { aliases, items }: Provider): WorldItem | undefined {
  if (wanted.kind !== "interface" || !aliases.has(wanted.name)) return undefined;
  const own = [...items.values()].filter((item) => item.kind === "interface");
  const { implements: id } = wanted;
  if (id === undefined) return own.find((item) => hasFunctions(item, wanted));
  return own.find(({ name }) => name === id) ?? own.find(({ name }) => isOtherVersion(id, name));
}

function isOtherVersion(wanted: string, name: string): boolean {
  return withoutVersion(wanted) === withoutVersion(name) && isCompatible(version(wanted), version(name));
}

/** The items of a bundle that are the same interface of the same package, in whatever version. */
export function otherVersions(name: string, items: Iterable<WorldItem>): readonly WorldItem[] {
  const id = parseExternName(name);
  if (id.kind === "plain") return [];
  return [...items].filter((item) => {
    const other = parseExternName(item.name);
    return (
      other.kind === "interface" &&
      other.namespace === id.namespace &&
      other.package === id.package &&
      other.interface === id.interface
    );
  });
}

function version(name: string): string | undefined {
  const id = parseExternName(name);
  return id.kind === "plain" ? undefined : id.version;
}
