/** The list of what is not yet so fails both ways; checkouts are recognised by their layout. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { CaseResult, ScriptCase } from "../support/wast/run-script.ts";
import { main } from "./main.ts";
import { findScripts } from "./scripts.ts";
import { Judge, type NotYet } from "./verdict.ts";

function failing(line: number, why: string): ScriptCase {
  return aCase(line, { status: "failed", why });
}

function aCase(line: number, result: CaseResult): ScriptCase {
  return { line, directive: { kind: "unsupported", line, name: "x" }, result };
}

function verdict(entries: readonly NotYet[], ...cases: readonly ScriptCase[]): readonly string[] {
  return new Judge(entries).judge("a.wast", cases).map((each) => each.verdict.kind);
}

function names(directory: string): readonly string[] {
  return findScripts(directory).scripts.map(({ name }) => name);
}

function write(root: string, file: string, text: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
}

describe("verdicts", () => {
  const entry: NotYet = { script: "a.wast", lines: [3], reason: "known" };

  test("a failure is unexpected unless it is listed, and so is what it blocks", () => {
    const cases = [failing(3, "no"), aCase(4, { status: "blocked", by: 3 }), aCase(5, { status: "passed" })];
    expect(verdict([], ...cases)).toEqual(["unexpected", "unexpected", "passed"]);
    expect(verdict([entry], ...cases)).toEqual(["not-yet", "not-yet", "passed"]);
    expect(verdict([{ ...entry, script: /b/ }], ...cases)).toEqual(["unexpected", "unexpected", "passed"]);
    expect(verdict([{ ...entry, why: /yes/ }], ...cases)).toEqual(["unexpected", "unexpected", "passed"]);
    expect(verdict([{ script: /a/, why: /no/, reason: "class" }], ...cases)).toEqual([
      "not-yet",
      "not-yet",
      "passed",
    ]);
  });

  test("an entry that nothing needs is left over, where its script was run", () => {
    const judge = new Judge([
      entry,
      { script: /a/, why: /never/, reason: "class" },
      { ...entry, script: "b.wast" },
    ]);
    judge.judge("a.wast", [aCase(3, { status: "passed" })]);
    expect(Array.from(judge.leftOver())).toEqual([
      "a.wast:3 does not fail as listed: remove it from the list",
      '/a/: nothing fails any more for "class": remove it from the list',
    ]);
  });
});

describe("checkouts", () => {
  let folder: string | undefined;
  afterEach(() => {
    if (folder !== undefined) rmSync(folder, { recursive: true });
    folder = undefined;
    vi.restoreAllMocks();
  });

  function checkout(...files: readonly string[]): string {
    folder = mkdtempSync(join(tmpdir(), "hostbundle-conformance-"));
    for (const file of files) write(folder, file, "");
    return folder;
  }

  test("of the specification, whole or its folder of scripts", () => {
    const root = checkout("test/values/a.wast", "test/async/b.wast", "test/README.md");
    expect(names(root)).toEqual(["test/values/a.wast"]);
    expect(names(join(root, "test"))).toEqual(["test/values/a.wast"]);
    expect(findScripts(root).skipped).toEqual([
      { name: "test/async/b.wast", reason: "async: linked by jco" },
    ]);
  });

  test("of wasmtime, whole or its folder of scripts", () => {
    const base = "tests/misc_testsuite/component-model";
    const root = checkout(`${base}/a.wast`, `${base}/async/b.wast`, `${base}/memory64.wast`);
    expect(names(root)).toEqual([`${base}/a.wast`]);
    expect(names(join(root, base))).toEqual([`${base}/a.wast`]);
    expect(findScripts(root).skipped).toHaveLength(2);
  });

  test("of something else", () => {
    expect(() => findScripts(checkout("a.wast"))).toThrow(RangeError);
  });

  test("are run and reported", async () => {
    const lines: string[] = [];
    vi.spyOn(console, "log").mockImplementation((line: string) => lines.push(line));
    const root = checkout("test/values/none.wast");
    write(
      root,
      "test/values/a.wast",
      '(component)\n(assert_invalid (component (core instance (instantiate 0))) "")',
    );
    expect(await main(root, [])).toBe(true);
    expect(lines.at(-1)).toContain("2 scripts: 2 passed, 0 not yet, 0 unexpected, 0 scripts skipped");
    write(root, "test/values/b.wast", '(component)\n(assert_invalid (component) "wrong")');
    expect(await main(root, [])).toBe(false);
    expect(lines.at(-2)).toContain("test/values/b.wast:2 assert_invalid: accepted, although wrong");
    expect(lines.at(-1)).toContain("3 scripts: 3 passed, 0 not yet, 1 unexpected, 0 scripts skipped");
  });
});
