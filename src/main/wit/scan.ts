/** The top-level statements of one WIT text, and the keywords that stand unescaped in package names. */
import { KEYWORDS } from "../../shared/wit/keywords.ts";
import { type Token, tokenize } from "./tokens.ts";

/** A stretch of the text, in UTF-16 units. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface PackageHeader extends Span {
  /** `ns:name@1.0.0` as it is written, without whitespace, unescaped keywords escaped. */
  readonly name: string;
}

/** A top-level interface or world. `unstable`: behind a feature gate, and so switched off. */
export interface Item extends Span {
  readonly kind: "interface" | "world";
  readonly name: string;
  readonly unstable: boolean;
}

/** A top-level `use`: its name is visible in the whole text. */
export interface TopLevelUse extends Span {
  readonly localName: string;
  /** The statement without whitespace and comments. */
  readonly text: string;
}

export interface ScannedWit {
  /** `package ns:name;` */
  readonly header?: PackageHeader;
  /** `package ns:name { … }`, from `package` to the closing brace. */
  readonly nested: readonly Span[];
  readonly items: readonly Item[];
  readonly uses: readonly TopLevelUse[];
  /** The first top-level statement that is none of the above. */
  readonly unknown?: Token;
  /** Keywords in package names that lack their `%`. */
  readonly keywords: readonly Token[];
  /** A brace without its partner; the other packages are put behind this one, so braces must be even. */
  readonly unmatched?: Token;
  /** Where brackets nest deeper than `MAX_NESTING`: the parser recurses. */
  readonly tooDeep?: Token;
}

/** wasm-tools refuses types deeper than 100 anyway. */
const MAX_NESTING = 200;

export function scanWit(text: string): ScannedWit {
  const tokens = tokenize(text);
  const keywords = unescapedKeywords(tokens);
  const nested: Span[] = [];
  const items: Item[] = [];
  const uses: TopLevelUse[] = [];
  let header: PackageHeader | undefined;
  let unstable = false;
  let unknown: Token | undefined;
  let index = 0;
  while (index < tokens.length) {
    const token = tokens[index];
    if (token === undefined) break;
    if (token.text === "@") {
      unstable ||= tokens[index + 1]?.text === "unstable";
      index = tokens[index + 2]?.text === "(" ? afterClosing(tokens, index + 2) : index + 2;
      continue;
    }
    const end = endOfStatement(tokens, index);
    const span = { start: token.start, end: tokens[end - 1]?.end ?? token.end };
    const name = tokens[index + 1]?.text ?? "";
    if (token.text === "package") {
      if (tokens[end - 1]?.text === "}") nested.push(span);
      else header ??= { ...span, name: packageName(tokens.slice(index + 1, end - 1), keywords) };
    } else if (token.text === "interface" || token.text === "world") {
      items.push({ ...span, kind: token.text, name: name.replace(/^%/, ""), unstable });
    } else if (token.text === "use") {
      const words = tokens.slice(index, end).map((other) => other.text);
      const localName = words.includes("as") ? words.at(-2) : words.slice(0, versionStart(words)).at(-1);
      uses.push({ ...span, localName: localName ?? "", text: words.join(" ") });
    } else unknown ??= token;
    unstable = false;
    index = end;
  }
  const tooDeep = deepest(tokens);
  const unmatched = unmatchedBrace(tokens);
  return {
    nested,
    items,
    uses,
    keywords,
    ...(header === undefined ? {} : { header }),
    ...(unknown === undefined ? {} : { unknown }),
    ...(tooDeep === undefined ? {} : { tooDeep }),
    ...(unmatched === undefined ? {} : { unmatched }),
  };
}

function versionStart(words: readonly string[]): number {
  const at = words.indexOf("@");
  return at === -1 ? words.length - 1 : at;
}

function packageName(tokens: readonly Token[], keywords: readonly Token[]): string {
  return tokens.map((token) => (keywords.includes(token) ? `%${token.text}` : token.text)).join("");
}

/** Index after a top-level statement: its `;`, or the brace that closes its block. */
function endOfStatement(tokens: readonly Token[], start: number): number {
  for (let index = start; index < tokens.length; index++) {
    const { text } = tokens[index] ?? { text: "" };
    if (text === ";") return index + 1;
    if (text === "{") return afterClosing(tokens, index);
  }
  return tokens.length;
}

function afterClosing(tokens: readonly Token[], opening: number): number {
  let depth = 0;
  for (let index = opening; index < tokens.length; index++) {
    const { text } = tokens[index] ?? { text: "" };
    if (text === "{" || text === "(") depth++;
    else if (text === "}" || text === ")") depth--;
    if (depth === 0) return index + 1;
  }
  return tokens.length;
}

/** `package a:b`, and `a:b/` in paths: a colon in between and a slash after it occur nowhere else. */
function unescapedKeywords(tokens: readonly Token[]): Token[] {
  const found: Token[] = [];
  for (let index = 1; index + 1 < tokens.length; index++) {
    if (tokens[index]?.text !== ":") continue;
    const [before, after] = [tokens[index - 1], tokens[index + 1]];
    if (tokens[index - 2]?.text !== "package" && tokens[index + 2]?.text !== "/") continue;
    for (const token of [before, after])
      if (token !== undefined && KEYWORDS.has(token.text)) found.push(token);
  }
  return found;
}

function unmatchedBrace(tokens: readonly Token[]): Token | undefined {
  const open: Token[] = [];
  for (const token of tokens) {
    if (token.text === "{") open.push(token);
    else if (token.text === "}" && open.pop() === undefined) return token;
  }
  return open[0];
}

function deepest(tokens: readonly Token[]): Token | undefined {
  let depth = 0;
  return tokens.find((token, index) => {
    const arrow = token.text === ">" && tokens[index - 1]?.text === "-";
    if ("{(<".includes(token.text)) depth++;
    else if ("})>".includes(token.text) && !arrow) depth--;
    return depth > MAX_NESTING;
  });
}
