/** What of a world an adapter serves, by interface, under the names that TypeScript will have for it. */
import { upperCamel } from "../../shared/js-names.ts";
import type {
  InterfaceType,
  ResourceType,
  ValueType,
  WitFunction,
  WorldItem,
  WorldType,
} from "../../shared/wit/types.ts";
import { isCompound } from "../../shared/wit/children.ts";
import { isServedWasi } from "../link/wasi.ts";
import { interfacePrefixes, TypeNames } from "./names.ts";
import type { KnownNames } from "./type-text.ts";

/** An interface, or the world's own items. */
export interface Scope {
  /** The extern name; absent for the world. */
  readonly name: string | undefined;
  /** The name of the TypeScript interface; for the world that of all imports. */
  readonly typeName: string;
  /** Not served by adapters: WASI. Its types are declared, its resources are objects that nobody looks into. */
  readonly isForeign: boolean;
  readonly functions: readonly WitFunction[];
  readonly resources: readonly ScopeResource[];
  readonly types: readonly ScopeType[];
}

export interface ScopeResource {
  readonly name: string;
  /** The interface of its objects. */
  readonly typeName: string;
  /** The interface of its class. */
  readonly className: string;
}

export interface ScopeType {
  readonly typeName: string;
  readonly type: ValueType;
  /** Another name of a type that is declared under `aliasOf`. */
  readonly aliasOf?: string;
}

export interface Scopes {
  readonly scopes: readonly Scope[];
  readonly names: KnownNames;
}

interface Source {
  readonly name: string | undefined;
  readonly interface: InterfaceType;
  /** The same interface once more, with type objects of its own: a world may both import and export it. */
  readonly twin: InterfaceType | undefined;
}

/** Names everything that is declared for a world. */
export function scopesOf(world: WorldType): Scopes {
  const sources = sourcesOf(world);
  const typeNames = new TypeNames();
  const prefixes = interfacePrefixes(sources.flatMap(({ name }) => name ?? []));
  const interfaceNames = prefixes.map((prefix) => typeNames.claim(prefix));
  const known = new Names();
  const scopes = sources.map((source, index): Scope => {
    const prefix = source.name === undefined ? "" : (prefixes[index] ?? "");
    return {
      name: source.name,
      typeName: source.name === undefined ? "Imports" : (interfaceNames[index] ?? ""),
      isForeign: source.name !== undefined && isServedWasi(source.name),
      functions: source.interface.functions,
      resources: source.interface.resources.map((resource) =>
        nameResource(resource, source, prefix, typeNames, known),
      ),
      types: source.interface.types.flatMap((item) => nameType(item, source, prefix, typeNames, known)),
    };
  });
  return { scopes, names: known };
}

function nameResource(
  resource: ResourceType,
  { twin }: Source,
  prefix: string,
  typeNames: TypeNames,
  known: Names,
): ScopeResource {
  const typeName = typeNames.claim(`${prefix}${upperCamel(resource.name)}`);
  known.addResource(resource, typeName);
  const other = twin?.resources.find(({ name }) => name === resource.name);
  if (other !== undefined) known.addResource(other, typeName);
  return { name: resource.name, typeName, className: typeNames.claim(`${typeName}Class`) };
}

function nameType(
  { name, type }: InterfaceType["types"][number],
  { twin }: Source,
  prefix: string,
  typeNames: TypeNames,
  known: Names,
): readonly ScopeType[] {
  const aliasOf = known.type(type);
  // What an interface `use`s under the same name is declared where it came from.
  if (aliasOf !== undefined && "name" in type && type.name === name) return [];
  const typeName = typeNames.claim(`${prefix}${upperCamel(name)}`);
  if (aliasOf !== undefined) return [{ typeName, type, aliasOf }];
  known.addType(type, typeName);
  const other = twin?.types.find((each) => each.name === name);
  if (other !== undefined) known.addType(other.type, typeName);
  return [{ typeName, type }];
}

/** Interfaces first, in the world's order, then the world itself. */
function sourcesOf(world: WorldType): readonly Source[] {
  const interfaces = new Map<string, Source>();
  const functions = new Map<string, WitFunction>();
  for (const item of [...world.imports, ...world.exports]) {
    if (item.kind === "interface") interfaces.set(item.name, merged(interfaces.get(item.name), item));
    else if (!functions.has(item.name)) functions.set(item.name, item.function);
  }
  const own = {
    functions: [...functions.values()],
    resources: world.resources ?? [],
    types: world.types ?? [],
  };
  return [...interfaces.values(), { name: undefined, interface: own, twin: undefined }];
}

function merged(known: Source | undefined, item: Extract<WorldItem, { kind: "interface" }>): Source {
  return known === undefined
    ? { name: item.name, interface: item.interface, twin: undefined }
    : { ...known, twin: item.interface };
}

class Names implements KnownNames {
  readonly #types = new Map<ValueType, string>();
  readonly #resources = new Map<ResourceType, string>();

  readonly type = (type: ValueType): string | undefined => this.#types.get(type);

  // Each resource of a world belongs to one of its interfaces.
  readonly resource = (resource: ResourceType): string => this.#resources.get(resource) ?? "object";

  addType(type: ValueType, name: string): void {
    // Primitives are one object each, and a handle is called by its resource.
    if (isCompound(type) && !this.#types.has(type)) this.#types.set(type, name);
  }

  addResource(resource: ResourceType, name: string): void {
    this.#resources.set(resource, name);
  }
}
