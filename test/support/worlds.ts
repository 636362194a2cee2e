import { componentEmbed } from "@bytecodealliance/jco-transpile/wasm-tools";
import { decodeEncodedWorld, findCustomSection } from "../../src/shared/wit/binary/decode-world.ts";
import type {
  InterfaceType,
  ResourceType,
  ValueType,
  WitFunction,
  WorldItem,
  WorldType,
} from "../../src/shared/wit/types.ts";

/** The `component-type` section that the official parser makes of a WIT text. */
export async function encodeWorld(wit: string, world?: string): Promise<Uint8Array> {
  const module = await componentEmbed({
    witSource: wit,
    dummy: true,
    ...(world === undefined ? {} : { world }),
  });
  const section = findCustomSection(module, "component-type");
  if (section === undefined) throw new TypeError("the parser gave no type section");
  return section;
}

export async function decodeWit(wit: string, world?: string): Promise<WorldType> {
  return decodeEncodedWorld(await encodeWorld(wit, world));
}

/**
 * A world as a tree of plain values for `toEqual`: sorted by name, types written out without their names. It is
 * written apart from `equal.ts` so that each checks the other. Only for small types: sharing is undone.
 */
export function treeOf(world: WorldType): unknown {
  return { imports: itemsTree(world.imports), exports: itemsTree(world.exports) };
}

function itemsTree(items: readonly WorldItem[]): Record<string, unknown> {
  return Object.fromEntries(
    items.map((item) => [
      item.name,
      item.kind === "function"
        ? funcTree(item.function)
        : { implements: item.implements ?? null, ...interfaceTree(item.interface) },
    ]),
  );
}

function interfaceTree(type: InterfaceType): Record<string, unknown> {
  return {
    functions: Object.fromEntries(type.functions.map((func) => [func.name, funcTree(func)])),
    resources: type.resources.map(resourceTree).toSorted(),
    // A resource alias is no type of ours, and which types an interface names is not part of its meaning.
  };
}

function funcTree(func: WitFunction): unknown {
  return {
    role: func.role,
    params: func.type.params.map((param) => [param.name, typeTree(param.type)]),
    result: func.type.result === undefined ? null : typeTree(func.type.result),
  };
}

function resourceTree(resource: ResourceType): string {
  return `${resource.interface ?? ""}#${resource.name}`;
}

function typeTree(type: ValueType): unknown {
  switch (type.kind) {
    case "record":
      return { record: type.fields.map((field) => [field.name, typeTree(field.type)]) };
    case "variant":
      return {
        variant: type.cases.map((item) => [item.name, item.type === undefined ? null : typeTree(item.type)]),
      };
    case "tuple":
      return { tuple: type.elements.map(typeTree) };
    case "list":
    case "option":
      return { [type.kind]: typeTree(type.element) };
    case "fixed-list":
      return { list: typeTree(type.element), length: type.length };
    case "result":
      return {
        ok: type.ok === undefined ? null : typeTree(type.ok),
        err: type.err === undefined ? null : typeTree(type.err),
      };
    case "enum":
    case "flags":
      return { [type.kind]: type.labels };
    case "own":
    case "borrow":
      return { [type.kind]: resourceTree(type.resource) };
    default:
      return type.kind;
  }
}
