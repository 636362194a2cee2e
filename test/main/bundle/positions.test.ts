import { parse } from "smol-toml";
import { describe, expect, test } from "vitest";
import { type KeyPath, TomlPositions } from "../../../src/main/bundle/positions.ts";

/** `line:column` of a path; `-` where neither it nor a table around it is written. */
function placeOf(text: string, path: KeyPath): string {
  // The scanner relies on its input being TOML, so the tables must be.
  parse(text);
  const place = new TomlPositions(text).locate(path);
  return place === undefined ? "-" : `${place.line}:${place.column}`;
}

describe("where a key is written", () => {
  test.each<[title: string, text: string, path: KeyPath, place: string]>([
    ["a plain key", "a = 1\nb = 2\n", ["b"], "2:1"],
    ["an indented key", "a = 1\n \t b = 2\n", ["b"], "2:4"],
    ["after CRLF", "a = 1\r\nb = 2\r\n", ["b"], "2:1"],
    ["a key without final newline", "a = 1\nb = 2", ["b"], "2:1"],
    ["under a header", "[t]\na = 1\n", ["t", "a"], "2:1"],
    ["the header", "x = 1\n [t] # comment\na = 1\n", ["t"], "2:2"],
    ["a header with spaces", "[ t . u ]\na = 1\n", ["t", "u", "a"], "2:1"],
    ["a table that only a deeper header names", "\n[t.u]\na = 1\n", ["t"], "2:1"],
    ["a table whose own header comes later", "[t.u]\na = 1\n[t]\nb = 1\n", ["t"], "3:1"],
    ["a dotted key", "[t]\na.b.c = 1\n", ["t", "a", "b", "c"], "2:1"],
    ["the table of a dotted key", "[t]\na.b.c = 1\n", ["t", "a"], "2:1"],
    ["a dotted key with spaces", "a . b = 1\n", ["a", "b"], "1:1"],
    ["a quoted key", '"a b" = 1\n', ["a b"], "1:1"],
    ["a quoted key with a dot", '[t]\n"a.b" = 1\n', ["t", "a.b"], "2:1"],
    ["a literal key", "'a\\b' = 1\n", ["a\\b"], "1:1"],
    ["a quoted key with escapes", '"a\\u0062\\"" = 1\n', ['ab"'], "1:1"],
    ["an empty key", '[t]\n"" = 1\n', ["t", ""], "2:1"],
    ["a quoted header", '["a.b".c]\nd = 1\n', ["a.b", "c", "d"], "2:1"],
    ["__proto__", "[t]\n__proto__ = 1\n", ["t", "__proto__"], "2:1"],
    ["in an inline table", "a = { b = 1, c = { d = 2 } }\n", ["a", "c", "d"], "1:20"],
    ["after an inline table", "a = { b = 1 }\nc = 1\n", ["c"], "2:1"],
    ["an element", "a = [1, 22, 3]\n", ["a", 2], "1:13"],
    ["an element on its own line", "a = [\n  1, # one\n  2,\n]\nb = 1\n", ["a", 1], "3:3"],
    ["in an array of inline tables", "a = [{ b = 1 }, { b = 2 }]\n", ["a", 1, "b"], "1:19"],
    ["after an array", "a = [\n  [1, 2],\n  []\n]\nb = 1\n", ["b"], "5:1"],
    ["after a basic string", 'a = "# [x] = \\" {"\nb = 1\n', ["b"], "2:1"],
    ["after a literal string", "a = '\\'\nb = 1\n", ["b"], "2:1"],
    ["after a multi-line string", 'a = """\nb = 0\n[c]\n\\""" """\nb = 1\n', ["b"], "5:1"],
    ["after one that ends in quotes", 'a = """x"""""\nb = 1\n', ["b"], "2:1"],
    ["after a multi-line literal", "a = '''\nb = 0 ''\n'''\nb = 1\n", ["b"], "4:1"],
    ["after an empty string", "a = ''\nb = \"\"\nc = 1\n", ["c"], "3:1"],
    ["after a date and a comment", "a = 1979-05-27 07:32:00Z # b = 0\nb = 1\n", ["b"], "2:1"],
    ["an array of tables", "\n[[h]]\na = 1\n[[h]]\n", ["h"], "2:1"],
    ["its first table", "[[h]]\na = 1\n[[h]]\na = 2\n", ["h", 0, "a"], "2:1"],
    ["its second table", "[[h]]\na = 1\n[[h]]\na = 2\n", ["h", 1, "a"], "4:1"],
    ["its second header", "[[h]]\na = 1\n  [[h]]\n", ["h", 1], "3:3"],
    ["a table in its last table", "[[h]]\n[h.c]\na = 1\n[[h]]\n[h.c]\na = 2\n", ["h", 1, "c", "a"], "6:1"],
    [
      "an array in its tables",
      "[[h]]\n[[h.i]]\n[[h.i]]\na = 1\n[[h]]\n[[h.i]]\na = 2\n",
      ["h", 1, "i", 0, "a"],
      "7:1",
    ],
    ["what is not there: the table around it", "[t]\na = 1\n", ["t", "no"], "1:1"],
    ["what is not there, deep", "[t]\na = { b = 1 }\n", ["t", "a", "c", "d"], "2:1"],
    ["what is nowhere", "a = 1\n", ["b"], "-"],
    ["the document", "a = 1\n", [], "-"],
  ])("%s", (_title, text, path, place) => {
    expect(placeOf(text, path)).toBe(place);
  });
});

/** Every path of a parsed document. */
function pathsOf(value: unknown, path: KeyPath): KeyPath[] {
  if (typeof value !== "object" || value === null || value instanceof Date) return [path];
  const members: [string | number, unknown][] = Array.isArray(value)
    ? [...value.entries()]
    : Object.entries(value);
  return [path, ...members.flatMap(([key, member]) => pathsOf(member, [...path, key]))];
}

test("every key of a document of many spellings has a place of its own", () => {
  const text = `title = "x"
[a]
b.c = 1
b."d e" = [1, [2, { f = 3 }]]
[[g]]
h = '''
[no]
'''
[g.i]
j = { k = 1, l.m = """
no = 1
""" }
[[g]]
[[g.n]]
o = 2
`;
  const positions = new TomlPositions(text);
  const lines = text.split("\n");
  for (const path of pathsOf(parse(text), []).filter((each) => each.length > 0)) {
    const place = positions.locate(path);
    const rest = lines[(place?.line ?? 0) - 1]?.slice((place?.column ?? 0) - 1) ?? "";
    const key = path.at(-1);
    // The key is named where it points to; an element of an array is a value or a header.
    expect(typeof key === "number" ? rest : `${rest} has ${key}`).toMatch(
      typeof key === "number" ? /^[^\s,]/u : new RegExp(`${key}.* has`, "u"),
    );
  }
});
