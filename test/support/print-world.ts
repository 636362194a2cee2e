/** A whole world as WIT text that the official parser reads back. */
import { parseExternName } from "../../src/shared/wit/id.ts";
import { escapeId } from "../../src/shared/wit/keywords.ts";
import { printInterfaceId, printPackageName } from "../../src/shared/wit/print-id.ts";
import { InterfacePrinter } from "./print-interface.ts";
import type { InterfaceType, WorldItem, WorldType } from "../../src/shared/wit/types.ts";

interface Package {
  readonly header: string;
  /** By interface name: what imports and exports of one id say, together. */
  readonly interfaces: Map<string, { readonly id: string; interface: InterfaceType }>;
}

/** The world with every interface it mentions; types that an interface only `use`s are written out. */
export function printWorld(world: WorldType): string {
  const parts = parseExternName(world.name);
  const main = parts.kind === "interface" ? printPackageName(parts) : "root:component";
  const packages = new Map<string, Package>([[main, { header: main, interfaces: new Map() }]]);
  for (const item of [...world.imports, ...world.exports]) collect(item, packages);
  const name = parts.kind === "interface" ? parts.interface : parts.name;
  const out = [`package ${main};`, "", ...printWorldBody(name, world, main)];
  for (const entry of packages.values()) {
    if (entry.interfaces.size > 0) out.push("", ...printPackage(entry, entry.header === main));
  }
  return `${out.join("\n").trimEnd()}\n`;
}

function collect(item: WorldItem, packages: Map<string, Package>): void {
  if (item.kind !== "interface") return;
  const id = item.implements ?? item.name;
  const parts = parseExternName(id);
  if (parts.kind === "plain") return;
  const header = printPackageName(parts);
  const entry = packages.get(header) ?? { header, interfaces: new Map() };
  packages.set(header, entry);
  const known = entry.interfaces.get(parts.interface);
  if (known === undefined) entry.interfaces.set(parts.interface, { id, interface: item.interface });
  else known.interface = merge(known.interface, item.interface);
}

/** A component may import a part of an interface and export all of it. */
function merge(left: InterfaceType, right: InterfaceType): InterfaceType {
  return {
    functions: mergeNamed(left.functions, right.functions),
    resources: mergeNamed(left.resources, right.resources),
    types: mergeNamed(left.types, right.types),
  };
}

function mergeNamed<T extends { readonly name: string }>(left: readonly T[], right: readonly T[]): T[] {
  const names = new Set(left.map((item) => item.name));
  return [...left, ...right.filter((item) => !names.has(item.name))];
}

function printWorldBody(name: string, world: WorldType, inside: string): string[] {
  // What the world itself declares is printed like an interface of its own, with `import` before each function.
  const functions = world.imports.flatMap((item) => (item.kind === "function" ? [item.function] : []));
  const exported = world.exports.flatMap((item) => (item.kind === "function" ? [item.function] : []));
  const printer = new InterfacePrinter(
    { functions, resources: world.resources ?? [], types: world.types ?? [] },
    undefined,
    inside,
    exported,
  );
  const out = [`world ${escapeId(name)} {`];
  for (const item of world.imports)
    if (item.kind === "interface") out.push(...indent(printItem("import", item, inside)));
  out.push(...indent(printer.declarations()));
  for (const line of printer.functions("import ")) out.push(...indent([line]));
  for (const item of world.exports) {
    if (item.kind === "interface") out.push(...indent(printItem("export", item, inside)));
    else out.push(...indent([`export ${printer.func(item.function)}`]));
  }
  return [...out, "}"];
}

function printItem(
  direction: "import" | "export",
  item: Extract<WorldItem, { kind: "interface" }>,
  inside: string,
): string[] {
  if (item.implements !== undefined) {
    return [`${direction} ${escapeId(item.name)}: ${printInterfaceId(item.implements, inside)};`];
  }
  if (parseExternName(item.name).kind === "interface")
    return [`${direction} ${printInterfaceId(item.name, inside)};`];
  const printer = new InterfacePrinter(item.interface, item.name, inside);
  const body = [...printer.declarations(), ...printer.functions()];
  return [`${direction} ${escapeId(item.name)}: interface {`, ...indent(body), "}"];
}

function printPackage(entry: Package, isMain: boolean): string[] {
  const out: string[] = [];
  for (const [name, { id, interface: type }] of entry.interfaces) {
    const printer = new InterfacePrinter(type, id, entry.header);
    const body = [...printer.declarations(), ...printer.functions()];
    if (out.length > 0) out.push("");
    out.push(`interface ${escapeId(name)} {`, ...indent(body), "}");
  }
  return isMain ? out : [`package ${entry.header} {`, ...indent(out), "}"];
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => (line === "" ? line : `  ${line}`));
}
