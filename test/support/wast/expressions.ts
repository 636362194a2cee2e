/** S-expressions of the WebAssembly text format, with their places in the text. */

export interface Atom {
  readonly kind: "atom";
  /** A keyword, number or `$identifier`. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

export interface StringLiteral {
  readonly kind: "string";
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

export interface List {
  readonly kind: "list";
  readonly items: readonly Expression[];
  /** Offset of the opening parenthesis. */
  readonly start: number;
  /** Offset after the closing parenthesis. */
  readonly end: number;
}

export type Expression = Atom | StringLiteral | List;

/** A fault of the script itself. `offset` counts UTF-16 code units. */
export class ScriptFault extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.name = "ScriptFault";
    this.offset = offset;
  }
}

/** All expressions of a text; comments and annotations (`(@name ...)`) between them are left out. */
export function parseExpressions(text: string): readonly Expression[] {
  const open: { start: number; items: Expression[] }[] = [];
  const top: Expression[] = [];
  let items = top;
  for (let at = skipBlank(text, 0); at < text.length; at = skipBlank(text, at)) {
    const char = text[at];
    if (char === "(") {
      items = [];
      open.push({ start: at, items });
      at += 1;
    } else if (char === ")") {
      const closed = open.pop();
      if (closed === undefined) throw new ScriptFault("a closing parenthesis too many", at);
      at += 1;
      items = open.at(-1)?.items ?? top;
      const [first] = closed.items;
      const isAnnotation = first?.kind === "atom" && first.text.startsWith("@");
      if (!isAnnotation) items.push({ kind: "list", items: closed.items, start: closed.start, end: at });
    } else if (char === '"') {
      const end = stringEnd(text, at);
      items.push({ kind: "string", bytes: stringBytes(text, at, end), start: at, end });
      at = end;
    } else {
      const end = atomEnd(text, at);
      items.push({ kind: "atom", text: text.slice(at, end), start: at, end });
      at = end;
    }
  }
  const unclosed = open.at(-1);
  if (unclosed !== undefined) throw new ScriptFault("a parenthesis is not closed", unclosed.start);
  return top;
}

/** The offset of the next token: after white space, line comments and nested block comments. */
function skipBlank(text: string, from: number): number {
  let at = from;
  for (;;) {
    if (text.startsWith(";;", at)) {
      const end = text.indexOf("\n", at);
      at = end === -1 ? text.length : end;
    } else if (text.startsWith("(;", at)) {
      at = blockCommentEnd(text, at);
    } else if (/\s/.test(text[at] ?? "")) {
      at += 1;
    } else {
      return at;
    }
  }
}

function blockCommentEnd(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length;) {
    if (text.startsWith("(;", at)) {
      depth += 1;
      at += 2;
    } else if (text.startsWith(";)", at)) {
      depth -= 1;
      at += 2;
      if (depth === 0) return at;
    } else {
      at += 1;
    }
  }
  throw new ScriptFault("a block comment is not closed", start);
}

function atomEnd(text: string, start: number): number {
  let at = start;
  while (at < text.length && !/[\s()";]/.test(text[at] ?? "")) {
    at += 1;
    // An identifier may be a string: `$"any text"`.
    if (text[at] === '"') return /[$@]/.test(text[at - 1] ?? "") ? stringEnd(text, at) : at;
  }
  if (at === start) throw new ScriptFault(`unexpected "${text[start] ?? ""}"`, start);
  return at;
}

function stringEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === '"') return at + 1;
  }
  throw new ScriptFault("a string is not closed", start);
}

const ESCAPED: Readonly<Record<string, string>> = {
  t: "\t",
  n: "\n",
  r: "\r",
  '"': '"',
  "'": "'",
  "\\": "\\",
};

function stringBytes(text: string, start: number, end: number): Uint8Array {
  const body = text.slice(start + 1, end - 1);
  if (!body.includes("\\")) return Buffer.from(body);
  const parts: Buffer[] = [];
  const token = /\\u\{([0-9a-fA-F_]+)\}|\\([0-9a-fA-F]{2})|\\(.)|[^\\]+/gsu;
  for (const [whole, scalar, byte, escape] of body.matchAll(token)) {
    if (scalar !== undefined)
      parts.push(Buffer.from(String.fromCodePoint(Number.parseInt(scalar.replaceAll("_", ""), 16))));
    else if (byte !== undefined) parts.push(Buffer.of(Number.parseInt(byte, 16)));
    else if (escape !== undefined) {
      const char = ESCAPED[escape];
      if (char === undefined) throw new ScriptFault(`unknown escape \\${escape}`, start);
      parts.push(Buffer.from(char));
    } else parts.push(Buffer.from(whole));
  }
  return Buffer.concat(parts);
}
