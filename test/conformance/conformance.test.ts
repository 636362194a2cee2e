/** Our own fixtures, one test a file. */
import { readFileSync } from "node:fs";
import { relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { runScript } from "../support/wast/run-script.ts";
import { describeFaults } from "./main.ts";
import { NOT_YET } from "./not-yet.ts";
import { listScripts } from "./scripts.ts";
import { Judge } from "./verdict.ts";

const here = fileURLToPath(new URL(".", import.meta.url));
const judge = new Judge(NOT_YET);
let assertions = 0;

describe("fixtures", () => {
  test.each(
    listScripts(`${here}fixtures`).map((file) => ({ file, name: relative(here, file).replaceAll(sep, "/") })),
  )("$name", async ({ file, name }) => {
    const cases = await runScript(readFileSync(file, "utf8"));
    assertions += cases.filter(({ directive }) => directive.kind.startsWith("assert_")).length;
    expect(Array.from(describeFaults(name, judge.judge(name, cases)))).toEqual([]);
  });

  test("nothing is listed that passes, and the fixtures are all there", () => {
    expect(Array.from(judge.leftOver())).toEqual([]);
    expect(assertions).toBeGreaterThanOrEqual(120);
  });
});
