/**
 * The official parser says what is wrong but not where: jco hands on the outermost message only. The place is
 * found again here, from the names the message quotes or, for a syntax error, as the first token with which the
 * same error appears.
 */
import type { Finding } from "../../shared/errors.ts";
import { type CombinedText, excerpt } from "./combine.ts";
import { type Token, tokenize } from "./tokens.ts";

/** How a message starts when the text does not get past the grammar. */
const SYNTAX_ERROR = /^(?:expected|unexpected|invalid|unterminated|unmatched|control|duplicate `)/;

/** In longer texts a syntax error is not searched for: each step of the search parses a part of the text again. */
const MAX_SEARCHED = 256 * 1024;

/** What to do, by what the message says. */
const REMEDIES: readonly (readonly [RegExp, string])[] = [
  [
    /feature not being activated/,
    "items marked @unstable are switched off; use one that is stable, or take the mark away in a copy",
  ],
  [/^package .* not found/, "put the WIT of that package into deps/ and name the folder instead of the file"],
  [/found keyword/, "write a keyword that serves as a name with a %, such as %type"],
  [
    /dependency cycle/,
    "packages cannot depend on each other in a circle; a package names its own interfaces without the package",
  ],
  [/defined in two different locations/, "keep one of the two"],
];

/**
 * @param message the parser's message
 * @param parse gives the parser's message for a text, or undefined where it accepts it
 */
export async function explainParserError(
  message: string,
  combined: CombinedText,
  parse: (text: string) => Promise<string | undefined>,
): Promise<Finding> {
  const { text } = combined;
  const tokens = tokenize(text);
  const place =
    SYNTAX_ERROR.test(message) && text.length <= MAX_SEARCHED
      ? ((await firstFailing(message, text, tokens, parse)) ?? quoted(message, tokens, combined))
      : quoted(message, tokens, combined);
  const [first = "", ...rest] = message.split("\n").map((line) => line.trim());
  const help = REMEDIES.find(([pattern]) => pattern.test(message))?.[1];
  const origin = place === undefined ? undefined : combined.origin(place.start);
  return {
    message: first,
    ...(origin === undefined || place === undefined
      ? { lines: rest }
      : {
          where: origin.where,
          lines: [...rest, ...excerpt(origin.file.text, origin.where, place.end - place.start)],
        }),
    ...(help === undefined ? {} : { help }),
  };
}

/** The parser reads from left to right: a prefix fails in the same way exactly when it holds the faulty token. */
async function firstFailing(
  message: string,
  text: string,
  tokens: readonly Token[],
  parse: (text: string) => Promise<string | undefined>,
): Promise<Token | undefined> {
  if (/\beof\b|end of (?:file|input)/.test(message)) return tokens.at(-1);
  let good = 0;
  let bad = tokens.length;
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    // Up to the next token: a fault may be that a line ends.
    const prefix = text.slice(0, tokens[middle]?.start);
    if ((await parse(prefix)) === message) bad = middle;
    else good = middle;
  }
  return tokens[bad - 1];
}

/**
 * The first place in a file that has what the message names between backticks or quotes; the second one where the
 * message is about a repetition.
 */
function quoted(message: string, tokens: readonly Token[], combined: CombinedText): Token | undefined {
  const wanted = /more than once|duplicate/.test(message) ? 2 : 1;
  for (const [, name = ""] of message.matchAll(/[`'"]([^`'"\n]+)[`'"]/g)) {
    // A name of several words (`ns:pkg/name`) has symbols between them: compare token by token.
    const parts = tokenize(name).map((token) => token.text);
    if (!parts.some((part) => /\w/.test(part))) continue;
    const found: Token[] = [];
    for (const [index, token] of tokens.entries()) {
      if (token.text.replace(/^%/, "") !== parts[0]) continue;
      if (!parts.every((part, at) => tokens[index + at]?.text.replace(/^%/, "") === part)) continue;
      if (combined.origin(token.start) === undefined) continue;
      found.push(token);
      if (found.length === wanted) break;
    }
    const last = found.at(-1);
    if (last !== undefined) return last;
  }
  return undefined;
}
