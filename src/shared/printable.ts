/**
 * Names, paths and messages come from files and guests: what a terminal would act on (control characters), or what
 * would reorder or break a line (bidirectional controls, separators), is replaced by one visible character each.
 */
const ACTS_ON_TERMINALS = /[\p{Cc}\p{Zl}\p{Zp}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;

const REPLACEMENT = "\u{FFFD}";

/** A text fit for one line; line breaks and tabs become spaces. */
export function printable(text: string): string {
  return text
    .trimEnd()
    .replaceAll(/[\t\r\n]+/g, " ")
    .replaceAll(ACTS_ON_TERMINALS, REPLACEMENT);
}

/** The same for several lines: line feeds and tabs stay. */
export function printableLines(text: string): string {
  return text.replaceAll(ACTS_ON_TERMINALS, (character) =>
    character === "\n" || character === "\t" ? character : REPLACEMENT,
  );
}

/** JSON text that a terminal does not act on, with the same meaning: C0 is escaped by `JSON.stringify`, the rest here. */
export function printableJson(json: string): string {
  return json.replaceAll(
    ACTS_ON_TERMINALS,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
