/**
 * Tokens of WAVE, the text form of component values (wasm-wave: README.md, wave_ebnf.md). Strings and
 * chars are decoded here; what a label or number means is decided by the type, in the parser.
 */
import { quote, textError } from "./text-error.ts";
import { decodeMultiline, decodeQuoted, isWellFormed } from "./wave-strings.ts";

/** Longest text that is read at all, in UTF-16 units: it comes from outside. */
export const MAX_WAVE_LENGTH = 64 * 1024 * 1024;

/** Bare words with a meaning of their own; as a case or enum label they are written `%ok`. */
export const WAVE_KEYWORDS: ReadonlySet<string> = new Set([
  "true",
  "false",
  "inf",
  "nan",
  "some",
  "none",
  "ok",
  "err",
]);

export type Punctuation = "{" | "}" | "(" | ")" | "[" | "]" | ":" | ",";

/** `start` and `end` are offsets in UTF-16 units. */
export type WaveToken = { readonly start: number; readonly end: number } & (
  | { readonly kind: Punctuation | "end" }
  /** A finite number or `-inf`, as written. */
  | { readonly kind: "number"; readonly text: string }
  /** `escaped`: written with `%`, which is not part of `label`. */
  | { readonly kind: "label"; readonly label: string; readonly escaped: boolean }
  | { readonly kind: "char" | "string"; readonly value: string }
);

/** Longest label that is looked at. */
const MAX_LABEL_LENGTH = 4096;

// The text may be megabytes of one thing: no pattern here repeats a group without a bound, since each
// repetition would take a piece of the engine's stack.
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?|-inf/uy;
const LABEL = /%?[A-Za-z][A-Za-z0-9-]*/uy;
/** A word is all lower or all upper case; the first one begins with a letter. */
const WELL_SPELT = /^(?:[a-z][a-z0-9]*|[A-Z][A-Z0-9]*)(?:-(?:[a-z0-9]+|[A-Z0-9]+))*$/u;
/** What may not follow a number or label directly. */
const WORD_CHARACTER = /[A-Za-z0-9_.%-]/uy;

/** Reads tokens one by one, with one token of lookahead. Faults throw ARGUMENT_INVALID. */
export class WaveLexer {
  readonly text: string;
  /** Said before every message: which argument is being read. */
  context = "";
  #offset: number;
  #peeked: WaveToken | undefined;

  constructor(text: string, start = 0) {
    this.text = text;
    this.#offset = start;
    if (text.length > MAX_WAVE_LENGTH) {
      this.fail(0, `the text is ${text.length} characters long, the limit is ${MAX_WAVE_LENGTH}`);
    }
  }

  peek(): WaveToken {
    this.#peeked ??= this.#read();
    return this.#peeked;
  }

  next(): WaveToken {
    const token = this.peek();
    this.#peeked = undefined;
    return token;
  }

  /** Consumes the token if it is of that kind. */
  accept(kind: Punctuation): boolean {
    if (this.peek().kind !== kind) return false;
    this.next();
    return true;
  }

  expect(kind: Punctuation, what: string = `"${kind}"`): void {
    if (!this.accept(kind)) this.unexpected(what);
  }

  /** Fails at the next token. */
  unexpected(expected: string, help?: string): never {
    const token = this.peek();
    const found = token.kind === "end" ? "the end" : quote(this.text.slice(token.start, token.end));
    this.fail(token.start, `expected ${expected}, found ${found}`, help);
  }

  fail(offset: number, message: string, help?: string): never {
    throw textError(this.text, offset, `${this.context}${message}`, help);
  }

  #match(pattern: RegExp, start: number): string {
    pattern.lastIndex = start;
    return pattern.exec(this.text)?.[0] ?? "";
  }

  #read(): WaveToken {
    const start = this.#skipSpace(this.#offset);
    const token = this.#readAt(start);
    this.#offset = token.end;
    return token;
  }

  /** Where the next token begins: after white space and comments. */
  #skipSpace(start: number): number {
    let offset = start;
    for (;;) {
      const character = this.text[offset];
      if (character === " " || character === "\n" || character === "\t" || character === "\r") {
        offset++;
      } else if (character === "/" && this.text[offset + 1] === "/") {
        const newline = this.text.indexOf("\n", offset);
        offset = newline === -1 ? this.text.length : newline;
      } else {
        return offset;
      }
    }
  }

  #readAt(start: number): WaveToken {
    const first = this.text[start];
    switch (first) {
      case undefined:
        return { kind: "end", start, end: start };
      case "{":
      case "}":
      case "(":
      case ")":
      case "[":
      case "]":
      case ":":
      case ",":
        return { kind: first, start, end: start + 1 };
      case '"':
        return this.#readString(start);
      case "'":
        return this.#readChar(start);
      default:
        return /[0-9-]/u.test(first) ? this.#readNumber(start) : this.#readLabel(start);
    }
  }

  #readNumber(start: number): WaveToken {
    const text = this.#match(NUMBER, start);
    if (text === "") this.#unexpectedCharacter(start);
    const end = start + text.length;
    if (this.#match(WORD_CHARACTER, end) !== "") {
      this.fail(
        start,
        `malformed number ${quote(this.#word(start))}`,
        "numbers are written as in JSON: -1, 1.5, 6e23",
      );
    }
    return { kind: "number", text, start, end };
  }

  #readLabel(start: number): WaveToken {
    const text = this.#match(LABEL, start);
    if (text === "") this.#unexpectedCharacter(start);
    const escaped = text.startsWith("%");
    const label = escaped ? text.slice(1) : text;
    const end = start + text.length;
    if (
      text.length > MAX_LABEL_LENGTH ||
      !WELL_SPELT.test(label) ||
      this.#match(WORD_CHARACTER, end) !== ""
    ) {
      this.fail(
        start,
        `${quote(this.#word(start))} is not a label`,
        'a string is written with quotes: "text"; labels are kebab-case, each word in one case: red, method-GET',
      );
    }
    return { kind: "label", label, escaped, start, end };
  }

  #unexpectedCharacter(start: number): never {
    const character = String.fromCodePoint(this.text.codePointAt(start) ?? 0);
    this.fail(start, `unexpected character ${quote(character)}`);
  }

  /** The malformed word at `start`, for a message. */
  #word(start: number): string {
    return /^[^\s,(){}[\]:"']+/u.exec(this.text.slice(start, start + 64))?.[0] ?? "";
  }

  #readString(start: number): WaveToken {
    const isMultiline = this.text.startsWith('"""', start);
    const end = isMultiline ? this.text.indexOf('"""', start + 3) + 3 : closingQuote(this.text, start);
    if (end <= start + 2 && (isMultiline || end === -1)) this.fail(start, "the string has no closing quote");
    const fail = (offset: number, message: string, help?: string): never => this.fail(offset, message, help);
    const value = isMultiline
      ? decodeMultiline(this.text, start + 3, end - 3, fail)
      : decodeQuoted(this.text, start + 1, end - 1, fail);
    if (!isWellFormed(value)) this.fail(start, "the string holds a lone surrogate");
    return { kind: "string", value, start, end };
  }

  #readChar(start: number): WaveToken {
    const end = closingQuote(this.text, start);
    if (end === -1) this.fail(start, "the char has no closing quote");
    const fail = (offset: number, message: string, help?: string): never => this.fail(offset, message, help);
    const value = decodeQuoted(this.text, start + 1, end - 1, fail);
    // A char literal is short; the spread of a long one would be wasted.
    if (value.length > 2 || Array.from(value).length !== 1) {
      this.fail(start, "a char is exactly one Unicode scalar value", "strings are written in double quotes");
    }
    if (!isWellFormed(value)) this.fail(start, "the char is a lone surrogate");
    return { kind: "char", value, start, end };
  }
}

/** Offset after the quote that ends the literal at `start`; -1 where its line ends first. */
function closingQuote(text: string, start: number): number {
  const quoteMark = text[start];
  for (let offset = start + 1; offset < text.length; offset++) {
    const character = text[offset];
    if (character === quoteMark) return offset + 1;
    if (character === "\n") return -1;
    if (character === "\\") offset++;
  }
  return -1;
}
