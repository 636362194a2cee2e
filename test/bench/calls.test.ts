import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { results as format } from "./modules.ts";
import { compiler } from "../support/native.ts";
import { temporaryFolder } from "../support/temporary.ts";

const BENCH = fileURLToPath(new URL("../../bench/calls.mjs", import.meta.url));
const folder = temporaryFolder();

describe.skipIf(!compiler.available)("npm run bench", () => {
  test("one row of each group: every column really calls, as a table and as JSON", () => {
    const file = join(folder, "figures.json");
    const rows = ["string16-both", "lifted-record", "wasi-environment", "composed-string16"];
    const table = execFileSync(
      process.execPath,
      [BENCH, "--quick", "--rounds", "1", "--json", file, ...rows.flatMap((row) => ["--only", row])],
      // Peers are what a machine has; here they are found missing.
      { encoding: "utf8", env: { ...process.env, PYTHON: "no-such-python", IWASM: "no-such-iwasm" } },
    );
    expect(table).toContain("16 B string in and out");
    expect(table).toContain("skipped wasmtime (C API): no-such-python has no package wasmtime");
    expect(table).toContain("skipped WAMR: no no-such-iwasm on the PATH");
    const results: unknown = JSON.parse(readFileSync(file, "utf8"));
    expect(format.faultOf(results)).toBeUndefined();
    const measured = { median: expect.any(Number), samplesNs: [expect.any(Number)] };
    expect(results).toMatchObject({
      bench: "calls",
      rounds: 1,
      environment: { node: process.version },
      rows: [
        {
          id: "string16-both",
          cells: { bare: measured, hostbundle: measured, jco: measured, "jco-koffi": measured },
        },
        { id: "lifted-record", cells: { hostbundle: measured, jco: measured } },
        { id: "wasi-environment", cells: { hostbundle: measured, jco: measured } },
        { id: "composed-string16", cells: { hostbundle: measured, jco: measured } },
      ],
    });
  });

  test.each([
    [["--only", "string17-both"], "unknown row string17-both"],
    [["--column", "jca"], "unknown column jca"],
    [["--rounds", "0"], "--rounds 0 is not a positive integer"],
    [["--round", "1"], "--round"],
  ])("%j is a usage error that names the rows", (args, words) => {
    const run = spawnSync(process.execPath, [BENCH, ...args], { encoding: "utf8" });
    expect(run.status).toBe(2);
    expect(run.stderr).toContain(words);
    expect(run.stderr).toContain("rows: nothing, ");
  });
});
