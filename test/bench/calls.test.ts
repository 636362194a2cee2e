import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { compiler } from "../support/native.ts";
import { temporaryFolder } from "../support/temporary.ts";

const BENCH = fileURLToPath(new URL("../../bench/calls.mjs", import.meta.url));
const folder = temporaryFolder();

describe.skipIf(!compiler.available)("npm run bench", () => {
  test("one row: three columns that really call, as a table and as JSON", () => {
    const file = join(folder, "figures.json");
    const table = execFileSync(
      process.execPath,
      [BENCH, "--only", "string16-both", "--rounds", "1", "--json", file],
      { encoding: "utf8" },
    );
    expect(table).toContain("16 B string in and out");
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({
      bench: "calls",
      rounds: 1,
      environment: { node: process.version },
      rows: [
        {
          id: "string16-both",
          columns: {
            bare: { median: expect.any(Number), samplesNs: [expect.any(Number)] },
            hostbundle: { median: expect.any(Number), samplesNs: [expect.any(Number)] },
            jco: { median: expect.any(Number), samplesNs: [expect.any(Number)] },
          },
        },
      ],
    });
  });

  test.each([
    [["--only", "string17-both"], "unknown row string17-both"],
    [["--rounds", "0"], "--rounds 0 is not a positive integer"],
    [["--round", "1"], "--round"],
  ])("%j is a usage error that names the rows", (args, words) => {
    const run = spawnSync(process.execPath, [BENCH, ...args], { encoding: "utf8" });
    expect(run.status).toBe(2);
    expect(run.stderr).toContain(words);
    expect(run.stderr).toContain("rows: nothing, ");
  });
});
