/** Types as WIT text. */
import { isPrimitive } from "./children.ts";
import { escapeId } from "./keywords.ts";
import type { FuncType, ResourceType, ValueType } from "./types.ts";

/** How the names of the place where a type is printed go into its text. */
export interface TypeNames {
  /** The name to print instead of the type's parts. */
  readonly type: (type: ValueType) => string | undefined;
  readonly resource: (resource: ResourceType) => string;
}

/** Kinds that WIT only has under a name; the others are shorter and clearer written out. */
export function isDeclared(
  type: ValueType,
): type is Extract<ValueType, { kind: "record" | "variant" | "enum" | "flags" }> {
  return type.kind === "record" || type.kind === "variant" || type.kind === "enum" || type.kind === "flags";
}

/** For messages: a record or its like is called by the name it was declared under. */
const DECLARED_NAMES: TypeNames = {
  type: (type) => (isDeclared(type) ? type.name : undefined),
  resource: (resource) => resource.name,
};

/** After so many nodes a message is no longer read; the rest is `…`. */
const MESSAGE_NODES = 200;

/**
 * A type by its name where it has one, else written out (`list<u8>`, `record { a: u8 }`). Long ones end in `…`.
 */
export function printType(type: ValueType): string {
  return new TypePrinter(DECLARED_NAMES, MESSAGE_NODES).reference(type);
}

/** The same with the named type itself written out: `record error { code: u32 }`. */
export function printDefinition(type: ValueType): string {
  const name = "name" in type ? type.name : undefined;
  return new TypePrinter(DECLARED_NAMES, MESSAGE_NODES).body(
    type,
    name === undefined ? "" : `${escapeId(name)} `,
  );
}

/** `greet: func(name: string) -> string`; the names of methods and constructors stay as they are in the binary. */
export function printFunc(name: string, type: FuncType): string {
  const printed = name.startsWith("[") ? name : escapeId(name);
  return `${printed}: ${new TypePrinter(DECLARED_NAMES, MESSAGE_NODES).func(type)}`;
}

export class TypePrinter {
  readonly #names: TypeNames;
  #nodesLeft: number;

  constructor(names: TypeNames, maxNodes = Infinity) {
    this.#names = names;
    this.#nodesLeft = maxNodes;
  }

  /** `func(a: u8) -> string` */
  func(type: FuncType, skipParams = 0): string {
    const result = type.result === undefined ? "" : ` -> ${this.reference(type.result)}`;
    return `func${this.params(type, skipParams)}${result}`;
  }

  params(type: FuncType, skip = 0): string {
    const params = type.params
      .slice(skip)
      .map((param) => `${escapeId(param.name)}: ${this.reference(param.type)}`);
    return `(${params.join(", ")})`;
  }

  /** A type where it is used. */
  reference(type: ValueType): string {
    const name = this.#names.type(type);
    return name === undefined ? this.body(type, "") : escapeId(name);
  }

  /** A type written out; `label` (with a space after it) follows the keyword of a record and its like. */
  body(type: ValueType, label: string): string {
    if (--this.#nodesLeft < 0) return "…";
    if (isPrimitive(type)) return type.kind;
    switch (type.kind) {
      case "list":
        return `list<${this.reference(type.element)}>`;
      case "fixed-list":
        return `list<${this.reference(type.element)}, ${type.length}>`;
      case "option":
        return `option<${this.reference(type.element)}>`;
      case "tuple":
        return `tuple<${type.elements.map((element) => this.reference(element)).join(", ")}>`;
      case "result":
        return this.#result(type.ok, type.err);
      case "record":
        return block(`record ${label}`, this.#parts(type.fields));
      case "variant":
        return block(`variant ${label}`, this.#cases(type.cases));
      case "enum":
      case "flags":
        return block(`${type.kind} ${label}`, type.labels.map(escapeId));
      case "own":
        return escapeId(this.#names.resource(type.resource));
      case "borrow":
        return `borrow<${escapeId(this.#names.resource(type.resource))}>`;
    }
  }

  #result(ok: ValueType | undefined, err: ValueType | undefined): string {
    if (err !== undefined)
      return `result<${ok === undefined ? "_" : this.reference(ok)}, ${this.reference(err)}>`;
    return ok === undefined ? "result" : `result<${this.reference(ok)}>`;
  }

  #parts(fields: readonly { readonly name: string; readonly type: ValueType }[]): string[] {
    return fields.map((field) => `${escapeId(field.name)}: ${this.reference(field.type)}`);
  }

  #cases(cases: readonly { readonly name: string; readonly type?: ValueType }[]): string[] {
    return cases.map(({ name, type }) =>
      type === undefined ? escapeId(name) : `${escapeId(name)}(${this.reference(type)})`,
    );
  }
}

function block(head: string, items: readonly string[]): string {
  return `${head}{ ${items.join(", ")} }`;
}
