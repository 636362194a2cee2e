/**
 * The only file that turns text into code.
 *
 * Source is a type: a template hole takes a piece of `Source` as it is, prints a number as a literal and quotes
 * a string. So text from outside (labels, symbols) can only ever arrive as a string literal, and values
 * of any other kind reach the code as arguments of a `Scope`, under names made here.
 */

/** JavaScript source text. Made by `js` and `Scope` only. */
export class Source {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Hole = Source | readonly Source[] | number | string;

/** Source from a template. A list of sources is joined by newlines. */
export function js(strings: TemplateStringsArray, ...holes: Hole[]): Source {
  let text = strings[0] ?? "";
  for (const [index, hole] of holes.entries()) text += printHole(hole, text) + (strings[index + 1] ?? "");
  return new Source(text);
}

/** Sources separated by commas. */
export function commaList(items: readonly Source[]): Source {
  return new Source(items.map((item) => item.text).join(", "));
}

/** A comment of one line, whatever the text. */
export function comment(text: string): Source {
  return new Source(`// ${text.replaceAll(/[^\x20-\x7e]/gu, "?")}`);
}

function printHole(hole: Hole, before: string): string {
  if (hole instanceof Source) return hole.text;
  if (typeof hole === "string")
    return JSON.stringify(hole).replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
  if (typeof hole === "number") return Number.isInteger(hole) ? String(hole) : fail(hole);
  // The lines of a list stand under each other.
  const indent = /(?:^|\n)( *)$/u.exec(before)?.[1] ?? "";
  return hole.map((item) => item.text).join(`\n${indent}`);
}

function fail(hole: number): never {
  throw new RangeError(`not an integer literal: ${hole}`);
}

/** An identifier made of a prefix and whatever of a name is allowed in one. */
export function identifier(prefix: string, name = ""): Source {
  const tail = name.replaceAll(/[^A-Za-z0-9_]/gu, "_").slice(0, 40);
  return new Source(tail === "" ? prefix : `${prefix}_${tail}`);
}

/** The values that a piece of generated code refers to, by name. */
export class Scope {
  readonly #names = new Map<unknown, Source>();
  readonly #values: unknown[] = [];

  /** A name for a value; the same value keeps its name. */
  use(value: unknown, hint: Source): Source {
    const known = this.#names.get(value);
    if (known !== undefined) return known;
    const name = new Source(`${hint.text}$${this.#values.length}`);
    this.#names.set(value, name);
    this.#values.push(value);
    return name;
  }

  /**
   * Evaluates one expression (a function) in this scope. `title` names it in stack traces.
   * What comes out has the type that the caller's template gives it; nothing else can know.
   */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller's template is the only witness
  evaluate<F>(expression: Source, title: string): F {
    const names = [...this.#names.values()].map((name) => name.text);
    const url = `hostbundle-${title.replaceAll(/[^A-Za-z0-9_.#@/-]/gu, "_")}`;
    const body = `"use strict";\nreturn ${expression.text};\n//# sourceURL=${url}`;
    // oxlint-disable-next-line typescript/no-implied-eval -- the one place; see the header
    const value: F = new Function(...names, body)(...this.#values);
    return value;
  }
}
