/** What serves the imports of a script's components, and whether it fits them. */
import type {
  FuncType,
  HandleType,
  ResourceType,
  ValueType,
  WorldType,
} from "../../../src/shared/wit/types.ts";
import type { HostImports } from "../../../src/worker/linker/host-imports.ts";
import type { PreparedComponent } from "./prepare.ts";
import { Refused } from "./refused.ts";

/** Takes and gives values of style `value`. */
export type ProvidedCall = (...args: never[]) => unknown;

export interface ProvidedFunction {
  readonly kind: "function";
  readonly type: FuncType;
  readonly call: ProvidedCall;
}

export interface ProvidedResource {
  readonly kind: "resource";
  /** Two names of one resource have the same. */
  readonly type: ResourceType;
  readonly destroy?: (rep: unknown) => void;
}

export interface ProvidedInstance {
  readonly kind: "instance";
  readonly members: ReadonlyMap<string, ProvidedFunction | ProvidedResource>;
}

export type Provided = ProvidedFunction | ProvidedResource | ProvidedInstance;

/** Everything that components of a script may import, by extern name. */
export type Providers = ReadonlyMap<string, Provided>;

/**
 * The imports of one instance of a component.
 * @throws {Refused} where something is missing or is something else
 */
export function resolveImports({ world, plan }: PreparedComponent, providers: Providers): HostImports {
  const identities = new Map<ResourceType, ResourceType>();
  for (const resource of plan.resources) {
    if (resource.kind === "defined") continue;
    const { item, name, type } = resource;
    identities.set(type, require(providers, item, name, "resource").type);
  }
  for (const { kind, name } of world.imports) {
    const provided = providers.get(name);
    // An interface without functions and resources need not be there; something else must not be.
    if (kind === "interface" && provided !== undefined && provided.kind !== "instance")
      throw new Refused("imports", `${name} is a ${provided.kind}, not an instance`);
  }
  for (const { item, name, type } of importedFunctions(world)) {
    const offered = require(providers, item, name, "function").type;
    const wantedText = signature(type, (resource) => identities.get(resource));
    const offeredText = signature(offered, (resource) => resource);
    if (wantedText !== offeredText)
      throw new Refused("imports", `${label(item, name)} is ${offeredText}, not ${wantedText}`);
  }
  return {
    function: (item, name) => {
      const { call } = require(providers, item, name, "function");
      return { kind: "js", style: "value", invocation: { kind: "function" }, target: call };
    },
    resource: (item, name) => {
      const { destroy } = require(providers, item, name, "resource");
      return destroy === undefined ? {} : { destroy };
    },
  };
}

function* importedFunctions(
  world: WorldType,
): Iterable<{ readonly item: string; readonly name: string | undefined; readonly type: FuncType }> {
  for (const item of world.imports) {
    if (item.kind === "function") yield { item: item.name, name: undefined, type: item.function.type };
    else
      for (const func of item.interface.functions)
        yield { item: item.name, name: func.name, type: func.type };
  }
}

function require<Kind extends "function" | "resource">(
  providers: Providers,
  item: string,
  name: string | undefined,
  kind: Kind,
): Extract<Provided, { readonly kind: Kind }> {
  const root = providers.get(item);
  const found = name === undefined ? root : root?.kind === "instance" ? root.members.get(name) : undefined;
  if (found === undefined) throw new Refused("imports", `there is no ${label(item, name)}`);
  if (isOfKind(found, kind)) return found;
  throw new Refused("imports", `${label(item, name)} is a ${found.kind}, not a ${kind}`);
}

function isOfKind<Kind extends Provided["kind"]>(
  provided: Provided,
  kind: Kind,
): provided is Extract<Provided, { readonly kind: Kind }> {
  return provided.kind === kind;
}

function label(item: string, name: string | undefined): string {
  return name === undefined ? item : `${item}#${name}`;
}

/** Numbers for resources, so that identities can be compared as text. */
const resourceNumbers = new WeakMap<ResourceType, number>();
let resourceCount = 0;

/** A signature without the names of parameters. */
function signature(
  { params, result }: FuncType,
  identity: (resource: ResourceType) => ResourceType | undefined,
): string {
  const print = (type: ValueType): unknown => {
    if (!isHandle(type)) return printParts(type, print);
    const resource = identity(type.resource) ?? type.resource;
    const number = resourceNumbers.get(resource) ?? (resourceCount += 1);
    resourceNumbers.set(resource, number);
    return `${type.kind}<${resource.name} ${number}>`;
  };
  return JSON.stringify([params.map(({ type }) => print(type)), result === undefined ? null : print(result)]);
}

function isHandle(type: ValueType): type is HandleType {
  return type.kind === "own" || type.kind === "borrow";
}

function printParts(type: Exclude<ValueType, HandleType>, print: (type: ValueType) => unknown): unknown {
  const optional = (part: ValueType | undefined): unknown => (part === undefined ? null : print(part));
  switch (type.kind) {
    case "list":
    case "option":
      return [type.kind, print(type.element)];
    case "fixed-list":
      return [type.kind, print(type.element), type.length];
    case "record":
      return [type.kind, ...type.fields.map((field) => [field.name, print(field.type)])];
    case "variant":
      return [type.kind, ...type.cases.map((each) => [each.name, optional(each.type)])];
    case "tuple":
      return [type.kind, ...type.elements.map(print)];
    case "result":
      return [type.kind, optional(type.ok), optional(type.err)];
    case "enum":
    case "flags":
      return [type.kind, ...type.labels];
    default:
      return type.kind;
  }
}
