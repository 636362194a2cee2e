import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { compiler } from "../support/native.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { results as format } from "./modules.ts";

const BENCH = fileURLToPath(new URL("../../bench/runs.mjs", import.meta.url));
const folder = temporaryFolder();

describe.skipIf(!compiler.available)("npm run bench:runs", () => {
  test("rows of each kind, with both linkers, as a table and as JSON", () => {
    const file = join(folder, "figures.json");
    const rows = ["warm-greet", "warm-hello", "cold-add", "pool-16", "cli-node", "cli-hello"];
    const table = execFileSync(
      process.execPath,
      [BENCH, "--quick", "--rounds", "1", "--json", file, ...rows.flatMap((row) => ["--only", row])],
      { encoding: "utf8", env: { ...process.env, PYTHON: "no-such-python", WASMTIME: "no-such-wasmtime" } },
    );
    expect(table).toContain("hello world over WASI");
    expect(table).toContain("skipped wasmtime (C API): no-such-python has no package wasmtime");
    expect(table).toContain("skipped wasmtime (command line): no no-such-wasmtime on the PATH");
    const results: unknown = JSON.parse(readFileSync(file, "utf8"));
    expect(format.faultOf(results)).toBeUndefined();
    const measured = { median: expect.any(Number), samplesNs: [expect.any(Number)] };
    const both = { hostbundle: measured, jco: measured };
    expect(results).toMatchObject({
      bench: "runs",
      rounds: 1,
      rows: [
        { id: "warm-greet", cells: both },
        { id: "warm-hello", cells: both },
        { id: "cold-add", cells: both },
        { id: "pool-16", cells: both },
        { id: "cli-node", cells: { node: measured } },
        { id: "cli-hello", cells: both },
      ],
    });
  });
});
