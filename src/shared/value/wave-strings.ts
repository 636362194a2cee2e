/** Escapes of WAVE chars and strings, both ways (wasm-wave README.md, "Chars", "Strings", "Multiline Strings"). */

/** Reports a fault at an offset of the text. */
export type Fail = (offset: number, message: string, help?: string) => never;

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ["\\", "\\"],
  ["'", "'"],
  ['"', '"'],
  ["t", "\t"],
  ["n", "\n"],
  ["r", "\r"],
]);

const UNICODE_ESCAPE = /\\u\{([0-9a-fA-F]{1,6})\}/uy;
const LONE_SURROGATE = /\p{Surrogate}/u;

/** Whether the string is a sequence of Unicode scalar values. */
export function isWellFormed(text: string): boolean {
  return !LONE_SURROGATE.test(text);
}

/** The text between `start` and `end` with its escapes decoded. */
export function decodeQuoted(text: string, start: number, end: number, fail: Fail): string {
  // Searched on its own: a search in the whole text would run past the end of a string without escapes.
  const body = text.slice(start, end);
  let backslash = body.indexOf("\\");
  if (backslash === -1) return body;
  const parts: string[] = [];
  let from = 0;
  for (; backslash !== -1; backslash = body.indexOf("\\", from)) {
    parts.push(body.slice(from, backslash));
    const [character, length] = decodeEscape(text, start + backslash, end, fail);
    parts.push(character);
    from = backslash + length;
  }
  parts.push(body.slice(from));
  return parts.join("");
}

/** The escape that begins at `start`, and how long it is. */
function decodeEscape(
  text: string,
  start: number,
  end: number,
  fail: Fail,
): [character: string, length: number] {
  const simple = start + 1 < end ? ESCAPES.get(text[start + 1] ?? "") : undefined;
  if (simple !== undefined) return [simple, 2];
  UNICODE_ESCAPE.lastIndex = start;
  const match = UNICODE_ESCAPE.exec(text);
  if (match === null || start + match[0].length > end) {
    return fail(
      start,
      "unknown escape",
      String.raw`escapes are \\ \' \" \t \n \r and \u{…} with 1 to 6 hex digits`,
    );
  }
  const codePoint = Number.parseInt(match[1] ?? "", 16);
  if (codePoint > 0x10ffff || (codePoint >= 0xd800 && codePoint <= 0xdfff)) {
    return fail(start, `${match[0]} is not a Unicode scalar value`);
  }
  return [String.fromCodePoint(codePoint), match[0].length];
}

/**
 * The content of a `"""` string between `start` and `end`: the first and last line break are not part of
 * it, and the spaces before the closing quotes are taken from every line.
 */
export function decodeMultiline(text: string, start: number, end: number, fail: Fail): string {
  const lines = text.slice(start, end).split("\n");
  const opening = lines.shift() ?? "";
  if (lines.length === 0 || (opening !== "" && opening !== "\r")) {
    return fail(start, 'the opening """ must be followed by a line break');
  }
  const indent = lines.pop() ?? "";
  if (/[^ ]/u.test(indent)) {
    return fail(end, 'the closing """ must stand on a line of its own, after spaces only');
  }
  let offset = start + opening.length + 1;
  const decoded = lines.map((line) => {
    if (!line.startsWith(indent)) {
      return fail(
        offset,
        'a line is indented less than the closing """',
        `indent it by ${indent.length} spaces`,
      );
    }
    // The last carriage return belongs to the line break.
    const lineEnd = offset + line.length - (line.endsWith("\r") && line.length > indent.length ? 1 : 0);
    const content = decodeQuoted(text, offset + indent.length, lineEnd, fail);
    offset += line.length + 1;
    return content;
  });
  return decoded.join("\n");
}

const PLAIN = /^[ !#-&(-[\]-~]*$/u;
/**
 * What a terminal would act on, hide or attach to its neighbour. The set is the one wasm-wave escapes:
 * everything that is not printable, and combining characters.
 */
const SPECIAL = /["'\\]|(?! )[\p{C}\p{Z}\p{Grapheme_Extend}]/gu;

/** The inside of a char or string literal, on one line. */
export function escapeText(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.replaceAll(SPECIAL, (character) => {
    switch (character) {
      case "\t":
        return String.raw`\t`;
      case "\n":
        return String.raw`\n`;
      case "\r":
        return String.raw`\r`;
      case '"':
      case "'":
      case "\\":
        return `\\${character}`;
      default:
        return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
    }
  });
}
