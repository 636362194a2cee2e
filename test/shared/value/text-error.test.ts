import { expect, test } from "vitest";
import { formatError } from "../../../src/shared/errors.ts";
import { textError } from "../../../src/shared/value/text-error.ts";

function shown(text: string, offset: number): readonly string[] {
  return formatError(textError(text, offset, "wrong").toData())
    .split("\n")
    .slice(1);
}

test("points at the place on its line", () => {
  expect(shown("{x: 1,\n y: 300}", 11)).toEqual(["  at line 2, column 5", "     y: 300}", "        ^"]);
});

test("counts characters, not UTF-16 units", () => {
  expect(shown('"🌊" x', 5)).toEqual(["  at line 1, column 5", '    "🌊" x', "        ^"]);
});

test("points after the last character at the end of the text", () => {
  expect(shown("[1", 2)).toEqual(["  at line 1, column 3", "    [1", "      ^"]);
  expect(shown("", 0)).toEqual(["  at line 1, column 1", "    ", "    ^"]);
});

test("clips a long line around the caret", () => {
  const [where, line = "", caret = ""] = shown(`${"a".repeat(5000)}X${"b".repeat(5000)}`, 5000);
  expect(where).toBe("  at line 1, column 5001");
  expect(line.length).toBeLessThan(120);
  expect(line[caret.indexOf("^")]).toBe("X");
});

test("does not let the text act on the terminal", () => {
  expect(shown("\u{1b}[2J\u{202e}x", 5)[1]).toBe("    \u{fffd}[2J\u{fffd}x");
});
