/**
 * Which resource of a bundle each of the component's stands for. A handle's rep is what one library chose: only a function of
 * the bundle that serves the resource may be given one, and only where it expects that very resource.
 */
import { pairResources } from "../../shared/wit/pair-resources.ts";
import type { FuncType, ResourceType, WorldItem, WorldType } from "../../shared/wit/types.ts";
import type { LabelledFunction } from "./findings.ts";
import type { Match } from "./match.ts";
import type { Provider } from "./provider.ts";

/** A function whose bundle deals in a resource that it does not serve, or in another one than it expects. */
export interface ForeignResource extends LabelledFunction {
  readonly resource: ResourceType;
  readonly provider: Provider;
  /** Who serves the resource; absent: no bundle. */
  readonly server: Provider | undefined;
}

interface Use extends LabelledFunction {
  readonly provider: Provider;
  /** As the bundle's WIT has it, and as the component imports it. */
  readonly provided: FuncType;
}

/** What stands behind a resource of the component: an import's, or one of the world itself. */
type Behind = { readonly provider: Provider; readonly item: string | undefined };

export class ResourceLinks {
  /** The import that declares each resource of the component; absent for those of the world. */
  readonly #declaring: ReadonlyMap<ResourceType, string>;
  readonly #declaringIn = new Map<Provider, ReadonlyMap<ResourceType, string>>();
  /** By the component's import: what serves it. */
  readonly #behind = new Map<string, Behind>();
  readonly #uses: Use[] = [];

  constructor(world: WorldType) {
    this.#declaring = declaring(world.imports);
  }

  bind(item: WorldItem, { provider, item: provided }: Match): void {
    this.#behind.set(item.name, { provider, item: provided.name });
  }

  use(use: Use): void {
    this.#uses.push(use);
  }

  /** The resources of the world itself that functions deal in, and who serves each: the first that does. */
  ofWorld(): ReadonlyMap<ResourceType, Provider> {
    const servers = new Map<ResourceType, Provider>();
    for (const { provider, provided, func } of this.#uses) {
      for (const counterparts of pairResources(provided, func.type).values()) {
        for (const wanted of counterparts)
          if (wanted.interface === undefined && !servers.has(wanted)) servers.set(wanted, provider);
      }
    }
    return servers;
  }

  foreign(): readonly ForeignResource[] {
    const ofWorld = this.ofWorld();
    return this.#uses.flatMap(({ owner, func, provider, provided }) =>
      [...pairResources(provided, func.type)].flatMap(([expected, counterparts]) =>
        [...counterparts].flatMap((resource) => {
          const behind: Behind | undefined =
            resource.interface === undefined
              ? serverOf(ofWorld.get(resource))
              : this.#behind.get(this.#declaring.get(resource) ?? "");
          const isRight =
            behind?.provider === provider &&
            behind.item === this.#declaredBy(provider, expected) &&
            resource.name === expected.name;
          return isRight ? [] : [{ owner, func, resource, provider, server: behind?.provider }];
        }),
      ),
    );
  }

  /** The item of a bundle's WIT that declares a resource; absent: its world itself. */
  #declaredBy(provider: Provider, resource: ResourceType): string | undefined {
    let known = this.#declaringIn.get(provider);
    if (known === undefined)
      this.#declaringIn.set(provider, (known = declaring([...provider.items.values()])));
    return known.get(resource);
  }
}

function serverOf(provider: Provider | undefined): Behind | undefined {
  return provider && { provider, item: undefined };
}

function declaring(items: readonly WorldItem[]): ReadonlyMap<ResourceType, string> {
  return new Map(
    items.flatMap((item) =>
      item.kind === "interface"
        ? item.interface.resources.map((resource) => [resource, item.name] as const)
        : [],
    ),
  );
}
