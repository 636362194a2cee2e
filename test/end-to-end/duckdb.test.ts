/** A component over DuckDB, through the adapter: both interfaces, several bundles, many rows. */
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createHost, type Component, type Host, type RunOutcome } from "hostbundle";
import { hostbundle } from "../support/command-line.ts";
import { copyExamples } from "../support/examples.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { library } from "../worker/adapters/duckdb/open.ts";

const examples = copyExamples();
const folder = temporaryFolder();
const cacheFolder = join(folder, "cache");
const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** JavaScript with its engine, from `test/fixtures/duckdb`. */
function buildGuest(): string {
  const home = join(folder, "guest");
  mkdirSync(join(home, "wit/deps/duckdb-host"), { recursive: true });
  copyFileSync(path("../fixtures/duckdb/app.js"), join(home, "app.js"));
  copyFileSync(path("../fixtures/duckdb/world.wit"), join(home, "wit/world.wit"));
  copyFileSync(
    path("../../src/worker/adapters/duckdb/wit/duckdb.wit"),
    join(home, "wit/deps/duckdb-host/duckdb.wit"),
  );
  const jco = path("../../node_modules/@bytecodealliance/jco/dist/jco.js");
  const options = ["--backend", "qjs", "--backend-qjs-disable-async", "--wit", "wit", "-o", "app.wasm"];
  execFileSync(process.execPath, [jco, "componentize", "app.js", ...options], {
    cwd: home,
    stdio: ["ignore", "ignore", "pipe"],
  });
  return join(home, "app.wasm");
}

const MANIFEST = `[global]
search_paths = ["${examples}"]

[[host]]
name = "database-primary"
bundle = "duckdb_host"
serves = ["database-primary"]
config = { databases = { sales = "primary.db" } }

[[host]]
name = "database-secondary"
bundle = "duckdb_host"
serves = ["database-secondary"]
config = { databases = { sales = "primary.db", other = "secondary.db" }, read-only = true }

[[host]]
name = "warehouse"
bundle = "duckdb_host"
serves = ["duckdb:host/runtime@0.1.0", "duckdb:host/sql@0.1.0"]
config = { memory-limit = "256MiB" }
`;

/** What a run gave; an error's code and message where it gave none. */
function valueOf(outcome: RunOutcome): unknown {
  return outcome.status === "ok" ? outcome.value : `${outcome.error.code}: ${outcome.error.message}`;
}

test("the example has the adapter's WIT", () => {
  const copy = path("../../examples/guests/report/wit/deps/duckdb-host/duckdb.wit");
  expect(readFileSync(copy, "utf8")).toBe(
    readFileSync(path("../../src/worker/adapters/duckdb/wit/duckdb.wit"), "utf8"),
  );
});

describe.skipIf(library === undefined)("a component and DuckDB (needs @duckdb/node-bindings)", () => {
  const manifest = join(folder, "hosts.toml");
  let app: string;
  let host: Host;
  let component: Component;
  const call = async (name: string, ...args: readonly (string | number | readonly string[])[]) =>
    valueOf(await host.run(component, { export: name, args: [...args] }));

  beforeAll(async () => {
    writeFileSync(manifest, MANIFEST);
    host = await createHost({ manifests: [manifest], concurrency: 1, linker: "own", cacheFolder });
    app = buildGuest();
    component = await host.load(app);
  });
  afterAll(() => host.close());

  test("the small interface: rows are JSON, errors are values", async () => {
    const sql = [
      "create table t as select 1 as a, 'x' as b",
      "select * from t",
      "select * from nope",
      "select 42",
    ];
    expect(await call("small", ":memory:", sql)).toEqual([
      { ok: ["[1]"] },
      { ok: ['[1,"x"]'] },
      { err: expect.stringContaining("Catalog Error: Table with name nope does not exist!") },
      { ok: ["[42]"] },
    ]);
    // Another run, another database.
    expect(await call("small", ":memory:", ["select * from t"])).toEqual([{ err: expect.any(String) }]);
    expect(await call("small", "/etc/passwd", [])).toEqual([{ err: expect.stringContaining("no database") }]);
  });

  test("an error of SQL is a value with its kind", async () => {
    expect(await call("fault", "select 'x'::INTEGER")).toEqual({
      ok: ["conversion", expect.stringContaining("Could not convert string 'x'")],
    });
    expect(await call("fault", "copy (select 1) to 'x.csv'")).toEqual({
      ok: ["permission", expect.any(String)],
    });
    expect(await call("fault", "call enable_logging()")).toEqual({ ok: ["denied", expect.any(String)] });
  });

  test("1,000,000 rows go in by an appender", async () => {
    const count = 1_000_000n;
    const sum = (count * (count - 1n)) / 2n;
    const lengths = 333_334 * 5 + 333_333 * 35 + 333_333 * 8;
    expect(await call("load", Number(count))).toEqual({ ok: `${count} ${sum} ${sum / 2n} 3 ${lengths}` });
  });

  test("a long result is read chunk by chunk", async () => {
    const rows = 200_000n;
    const outcome = await host.run(component, { export: "scan", args: [rows] });
    expect(valueOf(outcome)).toEqual({ ok: [98, rows, expect.any(String)] });
  });

  test("two bundles with different config serve one component", async () => {
    // The second opens nothing for writing: it cannot make the database that is not there yet.
    expect(await call("both", "other", "select 1")).toEqual([
      { err: expect.stringContaining('no database "other"') },
      { err: expect.stringContaining("secondary.db") },
    ]);
    expect(await call("both", "sales", "create table t as select 7 as a")).toEqual([
      { ok: ["[1]"] },
      { err: expect.stringContaining("read-only mode") },
    ]);
    expect(await call("both", "sales", "select a from t")).toEqual([{ ok: ["[7]"] }, { ok: ["[7]"] }]);
  });

  test("a run that ends in an exception leaves nothing open", async () => {
    for (let round = 0; round < 3; round += 1) {
      expect(await call("abandon")).toContain("TRAP");
    }
    expect(await call("small", "", ["select 42"])).toEqual([{ ok: ["[42]"] }]);
  });

  test("threads work side by side", async () => {
    await using other = await createHost({
      manifests: [manifest],
      concurrency: 2,
      linker: "own",
      cacheFolder,
    });
    const loaded = await other.load(app);
    const runs = Array.from({ length: 6 }, () => other.run(loaded, { export: "load", args: [30_000] }));
    const sums = (await Promise.all(runs)).map(valueOf);
    expect(sums).toEqual(runs.map(() => ({ ok: expect.stringMatching(/^30000 449985000 /u) })));
  });

  test("the example runs on the command line", async () => {
    const args = ["run", "--host-config", join(examples, "guests/report/hosts.toml")];
    const reporter = join(examples, "guests/report/app.wasm");
    const env = { HOSTBUNDLE_CACHE_DIR: cacheFolder, HOSTBUNDLE_LINKER: "own" };
    const { exitCode, stdout } = await hostbundle([...args, reporter], { env });
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^100000 orders by region\n\nregion +orders +pieces +revenue +share\n-+\nnorth /u);
    expect(stdout.split("\n")).toHaveLength(27);
    const failed = await hostbundle([...args, "--invoke", 'query("selec")', reporter], { env });
    expect(failed.stdout).toContain("Parser Error");
  });
});
