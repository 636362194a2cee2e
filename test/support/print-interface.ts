/** The body of one interface, or of a world's own declarations, as WIT text. */
import { childrenOf, isCompound } from "../../src/shared/wit/children.ts";
import { escapeId } from "../../src/shared/wit/keywords.ts";
import { printInterfaceId } from "../../src/shared/wit/print-id.ts";
import { isDeclared, TypePrinter } from "../../src/shared/wit/print-type.ts";
import type { InterfaceType, ResourceType, ValueType, WitFunction } from "../../src/shared/wit/types.ts";

export class InterfacePrinter {
  readonly #interface: InterfaceType;
  readonly #id: string | undefined;
  readonly #package: string;
  readonly #taken: Set<string>;
  readonly #typeNames = new Map<ValueType, string>();
  readonly #resourceNames = new Map<ResourceType, string>();
  /** Resources of other interfaces, under their names here. */
  readonly #used: ResourceType[] = [];
  /** Named kinds of types that no declaration here names. */
  readonly #undeclared: { readonly name: string; readonly type: ValueType }[] = [];
  readonly #printer: TypePrinter;

  /**
   * @param id the interface's id or plain name; absent for a world
   * @param inside the package (`ns:pkg@1.0.0`) that the text stands in
   * @param others functions that are printed elsewhere and use the same names
   */
  constructor(
    type: InterfaceType,
    id: string | undefined,
    inside: string,
    others: readonly WitFunction[] = [],
  ) {
    this.#interface = type;
    this.#id = id;
    this.#package = inside;
    this.#taken = new Set([
      ...type.types.map((item) => item.name),
      ...type.resources.map((item) => item.name),
      ...type.functions.map((item) => item.name),
    ]);
    for (const resource of type.resources) this.#resourceNames.set(resource, resource.name);
    for (const item of type.types) {
      if (!this.#typeNames.has(item.type) && isCompound(item.type)) this.#typeNames.set(item.type, item.name);
    }
    this.#printer = new TypePrinter({
      type: (type) => this.#typeNames.get(type),
      resource: (resource) => this.#resourceNames.get(resource) ?? resource.name,
    });
    this.#findForeign([...type.functions, ...others]);
  }

  /** `use`, types and resources with their functions. */
  declarations(): string[] {
    const out = this.#used.map((resource) => this.#use(resource));
    for (const { name, type } of [...this.#interface.types, ...this.#undeclared])
      out.push(this.#declare(name, type));
    for (const resource of this.#interface.resources) out.push(...this.#resource(resource));
    return out;
  }

  /** The functions that belong to no resource. */
  functions(prefix = ""): string[] {
    return this.#interface.functions
      .filter((func) => func.role.kind === "freestanding")
      .map((func) => `${prefix}${this.func(func)}`);
  }

  func(func: WitFunction): string {
    return `${escapeId(func.name)}: ${this.#printer.func(func.type)};`;
  }

  #declare(name: string, type: ValueType): string {
    const label = escapeId(name);
    const declared = this.#typeNames.get(type);
    if (declared !== undefined && declared !== name) return `type ${label} = ${escapeId(declared)};`;
    if (isDeclared(type)) return this.#printer.body(type, `${label} `);
    // `type t = r` would rename the resource; a handle is said in full.
    const handle =
      type.kind === "own" ? `own<${this.#printer.reference(type)}>` : this.#printer.body(type, "");
    return `type ${label} = ${handle};`;
  }

  #use(resource: ResourceType): string {
    const path = printInterfaceId(resource.interface ?? "", this.#package);
    const local = this.#resourceNames.get(resource) ?? resource.name;
    const renamed = local === resource.name ? "" : ` as ${escapeId(local)}`;
    return `use ${path}.{${escapeId(resource.name)}${renamed}};`;
  }

  #resource(resource: ResourceType): string[] {
    const lines: string[] = [];
    for (const { role, type } of this.#interface.functions) {
      if (role.kind === "freestanding" || role.resource !== resource.name) continue;
      if (role.kind === "constructor") {
        // A constructor that can fail says so; one that cannot has no result in its text.
        const fallible = type.result?.kind === "result" ? ` -> ${this.#printer.reference(type.result)}` : "";
        lines.push(`  constructor${this.#printer.params(type)}${fallible};`);
      } else if (role.kind === "static") {
        lines.push(`  ${escapeId(role.member)}: static ${this.#printer.func(type)};`);
      } else {
        lines.push(`  ${escapeId(role.member)}: ${this.#printer.func(type, 1)};`);
      }
    }
    const head = `resource ${escapeId(resource.name)}`;
    return lines.length === 0 ? [`${head};`] : [`${head} {`, ...lines, "}"];
  }

  /** Names what is mentioned here and declared elsewhere. */
  #findForeign(functions: readonly WitFunction[]): void {
    const seen = new Set<ValueType>();
    const visit = (type: ValueType): void => {
      if (seen.has(type)) return;
      seen.add(type);
      if (type.kind === "own" || type.kind === "borrow") this.#nameResource(type.resource);
      for (const child of childrenOf(type)) visit(child);
      if (!isDeclared(type) || this.#typeNames.has(type)) return;
      const name = this.#free(type.name ?? type.kind);
      this.#typeNames.set(type, name);
      this.#undeclared.push({ name, type });
    };
    for (const { type } of this.#interface.types) visit(type);
    for (const { type } of functions) {
      for (const param of type.params) visit(param.type);
      if (type.result !== undefined) visit(type.result);
    }
  }

  #nameResource(resource: ResourceType): void {
    if (this.#resourceNames.has(resource)) return;
    // One id may be imported and exported: its two resources are one declaration in text.
    if (resource.interface === this.#id) {
      this.#resourceNames.set(resource, resource.name);
      return;
    }
    this.#resourceNames.set(resource, this.#free(resource.name));
    this.#used.push(resource);
  }

  #free(name: string): string {
    let free = name;
    for (let count = 2; this.#taken.has(free); count++) free = `${name}-${count}`;
    this.#taken.add(free);
    return free;
  }
}
