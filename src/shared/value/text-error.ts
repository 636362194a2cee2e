import { HostbundleError } from "../errors.ts";

/** Widest excerpt of a source line that a message shows, in characters. */
const MAX_EXCERPT_CHARACTERS = 100;
/** Of that, how much is shown before the caret. */
const EXCERPT_LEAD_CHARACTERS = 60;
/** Longest piece of the input that is quoted inside a message. */
const MAX_QUOTE_CHARACTERS = 40;

/** An ARGUMENT_INVALID that points into `text`: line, column, the line itself and a caret under it. */
export function textError(text: string, offset: number, message: string, help?: string): HostbundleError {
  const lineStart = text.lastIndexOf("\n", offset - 1) + 1;
  const newline = text.indexOf("\n", offset);
  const lineEnd = newline === -1 ? text.length : newline;
  const line = text.slice(0, lineStart).split("\n").length;
  const column = countCharacters(text.slice(lineStart, offset)) + 1;
  return new HostbundleError("ARGUMENT_INVALID", message, {
    findings: [
      {
        message: `at line ${line}, column ${column}`,
        lines: excerpt(text.slice(lineStart, offset), text.slice(offset, lineEnd)),
        ...(help === undefined ? {} : { help }),
      },
    ],
  });
}

/** A piece of outside text fit for one line of a message: clipped, no control characters. */
export function quote(text: string): string {
  const clipped = text.slice(0, MAX_QUOTE_CHARACTERS);
  return printable(clipped === text ? text : `${clipped}…`);
}

function excerpt(before: string, after: string): string[] {
  const lead = Array.from(before.slice(-2 * EXCERPT_LEAD_CHARACTERS)).slice(-EXCERPT_LEAD_CHARACTERS);
  const isClipped = lead.join("").length < before.length;
  const shown = Array.from(after.slice(0, 2 * MAX_EXCERPT_CHARACTERS));
  const rest = shown.slice(0, MAX_EXCERPT_CHARACTERS - lead.length);
  const isCut = rest.join("").length < after.length;
  const start = isClipped ? "…" : "";
  return [
    `${start}${printable(lead.join(""))}${printable(rest.join(""))}${isCut ? "…" : ""}`,
    `${" ".repeat(start.length + lead.length)}^`,
  ];
}

/** Control and format characters would act on the reader's terminal; each becomes one visible character. */
function printable(text: string): string {
  return text.replaceAll(/\t/gu, " ").replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, "\u{fffd}");
}

function countCharacters(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}
