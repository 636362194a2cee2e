import { expect, it } from "vitest";
import { formatError } from "../../src/shared/errors.ts";
import { printable, printableJson, printableLines } from "../../src/shared/printable.ts";

/** Sets a colour and a title, moves the cursor, an 8-bit CSI, reordered text, a forged line. */
const HOSTILE = "a\u001B[31m\u001B]0;t\u0007\r\b\u007F\u009B2J\u202Ex\u2066\u2028\nerror: forged";
const ACTS = /[^\P{Cc}\n]|[\u2028\u202E\u2066]/u;

it.each<[string, (text: string) => string, string]>([
  ["a line", printable, "a\uFFFD[31m\uFFFD]0;t\uFFFD \uFFFD\uFFFD\uFFFD2J\uFFFDx\uFFFD\uFFFD error: forged"],
  [
    "lines",
    printableLines,
    "a\uFFFD[31m\uFFFD]0;t\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD2J\uFFFDx\uFFFD\uFFFD\nerror: forged",
  ],
])("%s", (_name, convert, expected) => {
  expect(convert(HOSTILE)).toBe(expected);
  expect(convert("café – 日本語 👩‍💻")).toBe("café – 日本語 👩‍💻");
});

it("JSON keeps its meaning", () => {
  const json = printableJson(JSON.stringify({ [HOSTILE]: HOSTILE }));
  expect(json).not.toMatch(ACTS);
  expect(JSON.parse(json)).toEqual({ [HOSTILE]: HOSTILE });
});

it("an error's parts neither act on a terminal nor forge lines", () => {
  const text = formatError({
    code: "TRAP",
    fault: "guest",
    message: HOSTILE,
    help: HOSTILE,
    findings: [{ message: HOSTILE, lines: [HOSTILE], where: { file: HOSTILE }, help: HOSTILE }],
  });
  expect(text).not.toMatch(ACTS);
  expect(text.split("\n")).toHaveLength(6);
});
