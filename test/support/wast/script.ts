/** Scripts of the WebAssembly test suites (`.wast`), as far as they are about components. */
import { parseConstant, type Constant } from "./constants.ts";
import { parseExpressions, ScriptFault, type Expression, type List } from "./expressions.ts";

/** The text of one component, to be assembled. */
export interface ComponentText {
  readonly text: string;
}

export interface Invocation {
  /** Name of the instance; absent: the current one. */
  readonly instance?: string;
  readonly function: string;
  readonly args: readonly Constant[];
}

export type Directive = { readonly line: number } & (
  | { readonly kind: "component"; readonly id?: string; readonly component: ComponentText }
  | { readonly kind: "definition"; readonly id?: string; readonly component: ComponentText }
  | { readonly kind: "instance"; readonly id?: string; readonly definition?: string }
  | { readonly kind: "register"; readonly name: string; readonly instance?: string }
  | { readonly kind: "invoke"; readonly invocation: Invocation }
  | {
      readonly kind: "assert_return";
      readonly invocation: Invocation;
      readonly results: readonly Constant[];
    }
  | { readonly kind: "assert_trap"; readonly action: Action; readonly message: string }
  | { readonly kind: "assert_exception"; readonly action: Action }
  | {
      readonly kind: "assert_invalid" | "assert_malformed" | "assert_unlinkable";
      readonly component: ComponentText;
      readonly message: string;
    }
  /** A directive of core WebAssembly or of threads. */
  | { readonly kind: "unsupported"; readonly name: string }
);

export type Action =
  | { readonly kind: "invoke"; readonly invocation: Invocation }
  | { readonly kind: "instantiate"; readonly component: ComponentText };

/** @throws {ScriptFault} for text that is no script; `line` of what is returned counts from 1 */
export function parseScript(text: string): readonly Directive[] {
  const lineOf = lineCounter(text);
  return parseExpressions(text).map((expression) => {
    if (expression.kind !== "list") throw new ScriptFault("expected a directive", expression.start);
    return parseDirective(text, expression, lineOf(expression.start));
  });
}

/** Lines of offsets that only grow. */
export function lineCounter(text: string): (offset: number) => number {
  let line = 1;
  let counted = 0;
  return (offset) => {
    for (; counted < offset; counted += 1) if (text[counted] === "\n") line += 1;
    return line;
  };
}

function parseDirective(text: string, list: List, line: number): Directive {
  const items = new Items(list);
  const name = items.keyword();
  switch (name) {
    case "component":
      return parseComponentDirective(text, list, line);
    case "register": {
      const as = items.string();
      return { kind: name, line, name: as, ...optional("instance", items.id()) };
    }
    case "invoke":
      return { kind: name, line, invocation: parseInvocation(list) };
    case "assert_return": {
      const invocation = parseInvocation(items.list());
      return { kind: name, line, invocation, results: items.rest().map(parseConstant) };
    }
    case "assert_trap": {
      const action = parseAction(text, items.list());
      return { kind: name, line, action, message: items.string() };
    }
    case "assert_exception":
      return { kind: name, line, action: parseAction(text, items.list()) };
    case "assert_invalid":
    case "assert_malformed":
    case "assert_unlinkable": {
      const component = items.list();
      if (keywordOf(component) !== "component") return { kind: "unsupported", line, name };
      return { kind: name, line, component: componentText(text, component), message: items.string() };
    }
    default:
      return { kind: "unsupported", line, name };
  }
}

function parseComponentDirective(text: string, list: List, line: number): Directive {
  const items = new Items(list);
  items.keyword();
  const form = items.peekKeyword();
  if (form === "instance") {
    items.keyword();
    const id = items.id();
    return { kind: "instance", line, ...optional("id", id), ...optional("definition", items.id()) };
  }
  if (form === "definition") {
    const { end } = items.next();
    const component = { text: `(component ${text.slice(end, list.end)}` };
    return { kind: "definition", line, ...optional("id", items.id()), component };
  }
  return { kind: "component", line, ...optional("id", items.id()), component: componentText(text, list) };
}

function componentText(text: string, list: List): ComponentText {
  const items = new Items(list);
  items.keyword();
  items.id();
  if (items.peekKeyword() !== "quote") return { text: text.slice(list.start, list.end) };
  items.keyword();
  const parts = items.rest().map((part) => {
    if (part.kind !== "string") throw new ScriptFault("expected a string", part.start);
    return Buffer.from(part.bytes).toString();
  });
  return { text: `(component ${parts.join(" ")} )` };
}

function parseAction(text: string, list: List): Action {
  const name = keywordOf(list);
  if (name === "invoke") return { kind: "invoke", invocation: parseInvocation(list) };
  if (name === "component") return { kind: "instantiate", component: componentText(text, list) };
  throw new ScriptFault(`unknown action ${name ?? ""}`, list.start);
}

function parseInvocation(list: List): Invocation {
  const items = new Items(list);
  if (items.keyword() !== "invoke") throw new ScriptFault("expected (invoke ...)", list.start);
  const instance = items.id();
  const name = items.string();
  return { ...optional("instance", instance), function: name, args: items.rest().map(parseConstant) };
}

function keywordOf(list: List): string | undefined {
  const [first] = list.items;
  return first?.kind === "atom" ? first.text : undefined;
}

function optional<Key extends string>(
  key: Key,
  value: string | undefined,
): Partial<Readonly<Record<Key, string>>> {
  if (value === undefined) return {};
  // TypeScript takes a computed key for any string.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return { [key]: value } as Partial<Readonly<Record<Key, string>>>;
}

/** Reads the items of a list from left to right. */
class Items {
  readonly #list: List;
  #at = 0;

  constructor(list: List) {
    this.#list = list;
  }

  next(): Expression {
    const item = this.#list.items[this.#at];
    if (item === undefined) throw new ScriptFault("the list ends early", this.#list.end);
    this.#at += 1;
    return item;
  }

  keyword(): string {
    const item = this.next();
    if (item.kind === "atom") return item.text;
    throw new ScriptFault("expected a keyword", item.start);
  }

  peekKeyword(): string | undefined {
    const item = this.#list.items[this.#at];
    return item?.kind === "atom" ? item.text : undefined;
  }

  /** A `$name`, where one is next. */
  id(): string | undefined {
    const text = this.peekKeyword();
    if (text === undefined || !text.startsWith("$")) return undefined;
    this.#at += 1;
    return text;
  }

  string(): string {
    const item = this.next();
    if (item.kind === "string") return Buffer.from(item.bytes).toString();
    throw new ScriptFault("expected a string", item.start);
  }

  list(): List {
    const item = this.next();
    if (item.kind === "list") return item;
    throw new ScriptFault("expected a list", item.start);
  }

  rest(): readonly Expression[] {
    const rest = this.#list.items.slice(this.#at);
    this.#at = this.#list.items.length;
    return rest;
  }
}
