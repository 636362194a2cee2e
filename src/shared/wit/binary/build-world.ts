/**
 * From evaluated imports and exports to a `WorldType`. Resources and types get their names here, from the first
 * import or export that shows them: inside a component they have none that a user knows.
 */
import { childrenOf, isCompound } from "../children.ts";
import type { InterfaceType, ResourceType, ValueType, WitFunction, WorldItem, WorldType } from "../types.ts";
import { ASYNC_HELP } from "./decode-canon.ts";
import { isLabel } from "./decode-names.ts";
import type {
  ExternEntity,
  FuncEntity,
  NamedEntity,
  ResourceEntity,
  TypeEntity,
  Unsupported,
} from "./entities.ts";
import type { Evaluated } from "./evaluate.ts";
import { isInterfaceName, parseRole, roleMismatch } from "./roles.ts";
import { quote, type Trail } from "./trail.ts";

/** What a scope of names declares besides functions. */
interface Types {
  readonly types: { name: string; type: ValueType }[];
  readonly resources: ResourceType[];
  /** By local name, those of other interfaces included. */
  readonly visible: Map<string, ResourceType>;
}

function noTypes(): Types {
  return { types: [], resources: [], visible: new Map() };
}

/**
 * @param name the world's name
 * @throws {BinaryFault} for what has no place in a world of the 0.2 level, with the import or export it is in
 */
export function buildWorld(name: string, evaluated: Evaluated, trail: Trail): WorldType {
  const builder = new WorldBuilder(trail);
  const imports = builder.items("import", evaluated.imports);
  const exports = builder.items("export", evaluated.exports);
  builder.checkResources([...imports, ...exports]);
  const { types, resources } = builder.root;
  return {
    name,
    imports,
    exports,
    ...(types.length > 0 ? { types } : {}),
    ...(resources.length > 0 ? { resources } : {}),
  };
}

class WorldBuilder {
  readonly root = noTypes();
  readonly #trail: Trail;
  readonly #named = new Set<ResourceType>();

  constructor(trail: Trail) {
    this.#trail = trail;
  }

  items(direction: "import" | "export", entities: readonly NamedEntity[]): WorldItem[] {
    const items: WorldItem[] = [];
    for (const [index, entity] of entities.entries()) {
      const item = this.#trail.within(
        `${direction}[${index}] ${sortName(entity.entity)} ${quote(entity.name)}`,
        () => this.#item(direction, entity),
      );
      if (item !== undefined) items.push(item);
    }
    return items;
  }

  #item(
    direction: "import" | "export",
    { name, entity, offset, ...rest }: NamedEntity,
  ): WorldItem | undefined {
    switch (entity.kind) {
      case "func":
        return { kind: "function", name, function: this.#function(name, entity.func, this.root, offset) };
      case "type":
        this.#type(name, entity.type, undefined, this.root, offset);
        return undefined;
      case "instance":
        if (!isInterfaceName(name)) this.#trail.fail("this is not a name for an interface", offset);
        return {
          kind: "interface",
          name,
          // Its resources are those of the interface it implements: that is what a provider's types are compared with.
          interface: this.#interface(rest.implements ?? name, entity.instance.exports, offset),
          ...(rest.implements === undefined ? {} : { implements: rest.implements }),
        };
      case "component":
      case "core-module":
      case "value":
        return this.#trail.fail(
          `${article(sortName(entity))} cannot be ${direction}ed to or from the host`,
          offset,
        );
    }
  }

  #interface(id: string, exports: ReadonlyMap<string, ExternEntity>, offset: number): InterfaceType {
    const functions: WitFunction[] = [];
    const own = noTypes();
    for (const [name, entity] of exports) {
      this.#trail.within(`${sortName(entity)} ${quote(name)}`, () => {
        if (entity.kind === "func") functions.push(this.#function(name, entity.func, own, offset));
        else if (entity.kind === "type") this.#type(name, entity.type, id, own, offset);
        else this.#trail.fail(`${article(sortName(entity))} cannot be part of an interface`, offset);
      });
    }
    return { functions, types: own.types, resources: own.resources };
  }

  #type(name: string, entity: TypeEntity, owner: string | undefined, types: Types, offset: number): void {
    if (!isLabel(name)) this.#trail.fail(`${quote(name)} is not a name for a type`, offset);
    switch (entity.kind) {
      case "unsupported":
        return this.#refuse(entity);
      case "value": {
        const { type } = entity;
        // The evaluator made the object for this world alone, and it is not handed out before this is done.
        if (isCompound(type) && type.name === undefined) Object.assign(type, { name });
        types.types.push({ name, type });
        return;
      }
      case "resource": {
        const { resource } = entity;
        if (!this.#named.has(resource)) this.#nameResource(resource, owner, name);
        types.visible.set(name, resource);
        if (resource.name === name && resource.interface === owner) types.resources.push(resource);
        return;
      }
      case "func-type":
      case "instance":
      case "component":
        return this.#trail.fail(
          `${article(entity.kind.replace("-", " "))} type cannot be named here`,
          offset,
        );
    }
  }

  #nameResource(resource: ResourceEntity, owner: string | undefined, name: string): void {
    resource.name = name;
    if (owner !== undefined) resource.interface = owner;
    this.#named.add(resource);
  }

  #function(name: string, func: FuncEntity, types: Types, offset: number): WitFunction {
    if (func.kind === "unsupported") return this.#refuse(func);
    const role = parseRole(name);
    if (role === undefined) this.#trail.fail(`${quote(name)} is not a name for a function`, offset);
    const mismatch = roleMismatch(role, func.type, types.visible);
    if (mismatch !== undefined) this.#trail.fail(mismatch, offset);
    return { name, role, type: func.type };
  }

  #refuse({ construct, place, offset }: Unsupported): never {
    const what = construct === "map" ? "the type map" : construct;
    const where = place.map((part) => `${part}: `).join("");
    const help = construct === "map" ? "use list<tuple<key, value>>" : ASYNC_HELP;
    this.#trail.fail(`${where}${what} is not supported`, offset, help);
  }

  /** Every resource that a function mentions must be one that some import or export shows. */
  checkResources(items: readonly WorldItem[]): void {
    const seen = new Set<ValueType>();
    const visit = (type: ValueType): void => {
      if (seen.has(type)) return;
      seen.add(type);
      if (type.kind === "own" || type.kind === "borrow") {
        if (!this.#named.has(type.resource))
          this.#trail.fail("a handle's resource is neither imported nor exported", 0);
        return;
      }
      for (const child of childrenOf(type)) visit(child);
    };
    for (const item of items) {
      const functions = item.kind === "function" ? [item.function] : item.interface.functions;
      for (const func of functions) {
        this.#trail.within(`${item.kind} "${item.name}"`, () =>
          this.#trail.within(`func "${func.name}"`, () => {
            for (const param of func.type.params) visit(param.type);
            if (func.type.result !== undefined) visit(func.type.result);
          }),
        );
      }
    }
  }
}

function sortName(entity: ExternEntity): string {
  switch (entity.kind) {
    case "instance":
      return "interface";
    case "core-module":
      return "core module";
    case "func":
    case "type":
    case "component":
    case "value":
      return entity.kind;
  }
}

function article(noun: string): string {
  return /^[aeiou]/.test(noun) ? `an ${noun}` : `a ${noun}`;
}
