/**
 * Enough of WIT's lexical structure to find statements and places in a text. It accepts anything: what is wrong
 * with a text is for the official parser to say.
 */

export interface Token {
  readonly kind: "word" | "symbol" | "string";
  readonly text: string;
  /** Index of its first character and the one after its last, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
}

/** Whitespace, a line comment, a string, a word (identifier, keyword, number), or any one character. */
const LEXEME = /\s+|\/\/[^\n]*|"[^"\n]*"?|%?[A-Za-z0-9_]+(?:-+[A-Za-z0-9_]+)*|[^]/gy;

/** The tokens of a text; comments (block comments nest) and whitespace are left out. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  LEXEME.lastIndex = 0;
  for (let match = LEXEME.exec(text); match !== null; match = LEXEME.exec(text)) {
    const lexeme = match[0];
    const start = match.index;
    if (lexeme === "/" && text[start + 1] === "*") {
      LEXEME.lastIndex = endOfBlockComment(text, start);
      continue;
    }
    if (lexeme.startsWith("//") || /^\s/.test(lexeme)) continue;
    tokens.push({ kind: kindOf(lexeme), text: lexeme, start, end: start + lexeme.length });
  }
  return tokens;
}

function kindOf(lexeme: string): Token["kind"] {
  if (lexeme.startsWith('"')) return "string";
  return /^%?[A-Za-z0-9_]/.test(lexeme) ? "word" : "symbol";
}

function endOfBlockComment(text: string, start: number): number {
  const mark = /\/\*|\*\//g;
  mark.lastIndex = start;
  let depth = 0;
  for (let match = mark.exec(text); match !== null; match = mark.exec(text)) {
    depth += match[0] === "/*" ? 1 : -1;
    if (depth === 0) return mark.lastIndex;
  }
  return text.length;
}
