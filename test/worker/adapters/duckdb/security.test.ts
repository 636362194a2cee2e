import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { refusedText } from "../../../../src/worker/adapters/duckdb/guard.ts";
import { readSettings } from "../../../../src/worker/adapters/duckdb/settings.ts";
import { temporaryFolder } from "../../../support/temporary.ts";
import { columns, connect, contextOf, error, library, ok, serve } from "./open.ts";

/** What SQL must not do unless the configuration allows it, and the kind of error it gives. */
const DENIED: readonly (readonly [sql: string, kind: string])[] = [
  ["select * from read_csv('/etc/passwd')", "permission"],
  ["select * from read_text('/etc/hostname')", "permission"],
  ["select * from read_blob('/proc/self/environ')", "permission"],
  ["select * from glob('/*')", "permission"],
  ["select * from '/etc/passwd.csv'", "permission"],
  ["select * from sniff_csv('/etc/passwd')", "permission"],
  ["copy (select 1) to '/tmp/out.csv'", "permission"],
  ["create table t(a VARCHAR); copy t from '/etc/passwd'", "permission"],
  ["export database '/tmp/out'", "permission"],
  ["import database '/tmp/in'", "permission"],
  ["attach '/tmp/other.db'", "permission"],
  ["attach 'other.db' as o", "permission"],
  ["install httpfs", "permission"],
  ["load httpfs", "permission"],
  ["load '/tmp/x.duckdb_extension'", "permission"],
  ["select * from 'https://example.org/x.csv'", "permission"],
  ["select getenv('HOME')", "catalog"],
  ["set enable_external_access = true", "invalid-input"],
  ["set global enable_external_access = true", "invalid-input"],
  ["reset enable_external_access", "invalid-input"],
  ["set lock_configuration = false", "invalid-input"],
  ["set memory_limit = '100GB'", "invalid-input"],
  ["set threads = 64", "invalid-input"],
  ["set temp_directory = '/tmp'", "invalid-input"],
  ["set allowed_directories = ['/']", "invalid-input"],
  ["set autoload_known_extensions = true", "invalid-input"],
  ["set max_expression_depth = 100000", "invalid-input"],
  ["set profiling_output = '/tmp/out'", "invalid-input"],
  ["set logging_storage = 'stdout'", "invalid-input"],
  ["set enable_logging = true", "denied"],
  ["pragma enable_profiling", "denied"],
  ["pragma enable_profiling = 'json'", "denied"],
  ["call enable_profiling()", "denied"],
  ["from \"Enable_Profiling\"(save_location = '/tmp/out.txt')", "denied"],
  ["set profiling_mode = 'detailed'", "invalid-input"],
  ["pragma enable_verification", "denied"],
  ["pragma verify_serializer", "denied"],
  ["pragma enable_progress_bar", "denied"],
  ["call enable_peg_parser()", "denied"],
  ["from arrow_scan(NULL, NULL, NULL)", "denied"],
  ["select 140737488355328::POINTER", "catalog"],
  ["from seq_scan()", "invalid-input"],
  ["from duckdb_extensions()", "permission"],
  ["pragma threads = 8", "invalid-input"],
  ["call enable_logging(storage = 'stdout')", "denied"],
  ["call enable_logging(storage = 'file', storage_path = '/tmp/log')", "denied"],
  ['from system.main."ENABLE_LOGGING"()', "denied"],
  ["from query('from enable' || '_logging()')", "denied"],
  ["from \"query\" ('select 1')", "denied"],
  ["from QUERY\u00a0('select 1')", "denied"],
  ["from query /* /* */ */ ('select 1')", "denied"],
  ["from query --\n ('select 1')", "denied"],
  ["create macro m(x) as table from query(x)", "denied"],
  ["from json_execute_serialized_sql(json_serialize_sql('select 1'))", "denied"],
  ["pragma json_execute_serialized_sql('{}')", "denied"],
];

describe.skipIf(library === undefined)("what a guest may do (needs @duckdb/node-bindings)", () => {
  it.each(DENIED)("not: %s", (sql, kind) => {
    const connection = connect();
    const { message, kind: given } = error(connection.execute(sql));
    expect(message).not.toContain(homedir());
    expect([given, message]).toEqual([kind, expect.any(String)]);
    expect(columns(connection, "select 42")[0]?.values).toEqual([42]);
  });

  it("uses everything else, names like those of refused functions too", () => {
    const connection = connect();
    const sql = `create table query as select 'x' as query;
      select query.query as "query", my_query(1) from query as q join query on q.query = query.query`;
    ok(connection.execute("create macro my_query(x) as x"));
    ok(connection.execute(sql));
    ok(connection.execute("pragma table_info('query'); describe query; show tables; pragma database_list"));
    expect(refusedText("select 'no query' || '(x)'")).toBeUndefined();
  });

  it("opens the databases that the configuration names", () => {
    const files = temporaryFolder();
    writeFileSync(join(files, "secret.db"), "");
    const { sql, runtime, end, open } = serve({ databases: { sales: "sales.db" } }, files);
    for (const name of [
      "secret.db",
      join(files, "secret.db"),
      "./sales.db",
      "../sales",
      "sales.db",
      "file:sales",
      "SALES",
      "constructor",
    ]) {
      expect(error(sql.Database.open(name))).toEqual({
        kind: "denied",
        message: expect.stringContaining('it opens ":memory:", "sales"'),
      });
      expect(error(runtime.open(name))).toContain("no database");
    }
    const connection = ok(ok(sql.Database.open("sales")).connect());
    ok(connection.execute("create table t as select 42 as a"));
    // The same file again, by the other interface.
    ok(runtime.open("sales"));
    expect(ok(runtime.query("select * from t"))).toEqual(["[42]"]);
    expect(open.files.live).toBe(1);
    end();
    expect(open.files.live).toBe(0);
    expect(existsSync(join(files, "sales.db"))).toBe(true);

    const reader = serve({ path: "sales.db", "read-only": true }, files);
    const reading = ok(ok(reader.sql.Database.open("")).connect());
    expect(columns(reading, "select * from t")[0]?.values).toEqual([42]);
    expect(error(reading.execute("insert into t values (1)")).kind).toBe("invalid-input");
    ok(ok(reader.sql.Database.open(":memory:")).connect());
    reader.end();
  });

  it.skipIf(process.platform !== "linux")("a file is open once in a process, or for readers only", () => {
    const files = temporaryFolder();
    const writer = serve({ path: "a.db" }, files);
    const other = serve({ databases: { same: "a.db" } }, files);
    const readers = [1, 2].map(() => serve({ path: "a.db", "read-only": true }, files));
    ok(ok(ok(writer.sql.Database.open("")).connect()).execute("create table t as select 42 as a"));
    for (const name of ["same", "same"]) {
      expect(error(other.sql.Database.open(name))).toMatchObject({
        kind: "io",
        message: expect.stringContaining("a.db is open"),
      });
    }
    expect(error(readers[0]?.sql.Database.open("") ?? { tag: "ok", val: 0 }).kind).toBe("io");
    writer.end();
    const reading = readers.map(({ sql }) => ok(ok(sql.Database.open("")).connect()));
    for (const connection of reading) expect(columns(connection, "select a from t")[0]?.values).toEqual([42]);
    expect(error(other.sql.Database.open("same")).kind).toBe("io");
    for (const { end } of readers) end();
    ok(other.sql.Database.open("same"));
    other.end();
    for (const { census, open } of [writer, other, ...readers]) expect(census.live + open.files.live).toBe(0);
  });

  it("a file that is no database is an error value", () => {
    const files = temporaryFolder();
    writeFileSync(join(files, "text.db"), "x".repeat(10_000));
    mkdirSync(join(files, "folder.db"));
    const { sql, end } = serve(
      { databases: { text: "text.db", folder: "folder.db", none: "no/such/folder.db" } },
      files,
    );
    expect(["text", "folder", "none"].map((name) => error(sql.Database.open(name)).kind)).toEqual([
      "io",
      "io",
      "io",
    ]);
    end();
  });

  it("reads and writes where allowed-paths says", () => {
    const files = temporaryFolder();
    mkdirSync(join(files, "it's"));
    writeFileSync(join(files, "one.csv"), "a\n1\n");
    writeFileSync(join(files, "two.csv"), "a\n2\n");
    const run = serve({ "allowed-paths": ["it's", "one.csv"] }, files);
    const connection = ok(ok(run.sql.Database.open("")).connect());
    const quoted = join(files, "it's/out.csv").replaceAll("'", "''");
    ok(connection.execute(`copy (select 42 as a) to '${quoted}'`));
    expect(columns(connection, `select * from '${quoted}'`)[0]?.values).toEqual([42n]);
    expect(columns(connection, `select * from '${join(files, "one.csv")}'`)[0]?.values).toEqual([1n]);
    for (const path of ["two.csv", "it''s/../two.csv"]) {
      expect(error(connection.execute(`select * from '${files}/${path}'`)).kind).toBe("permission");
    }
    expect(error(connection.execute("set enable_external_access = true")).kind).toBe("invalid-input");
    run.end();
    expect(run.census.closed).toBe(run.census.opened);
  });

  it("external-access and lock-configuration open up", () => {
    const run = serve({ "external-access": true, "lock-configuration": false });
    const connection = ok(ok(run.sql.Database.open("")).connect());
    ok(
      connection.execute(
        "set threads = 1; pragma enable_verification; pragma disable_verification; from query('select 1')",
      ),
    );
    expect(columns(connection, "select count(*) > 0 from glob('/etc/*')")[0]?.values).toEqual([true]);
    run.end();
  });

  it("keeps to memory-limit, and spills only where temp-directory says", () => {
    const connection = connect({ "memory-limit": "32MiB" });
    const big = "create table t as select i, hash(i) as h, hash(i + 1) as g from range(4000000) t(i)";
    expect(error(connection.execute(big)).kind).toBe("out-of-memory");
    expect(columns(connection, "select 42")[0]?.values).toEqual([42]);
    const files = temporaryFolder();
    const run = serve({ "memory-limit": "32MiB", "temp-directory": "spill" }, files);
    const spilling = ok(ok(run.sql.Database.open("")).connect());
    ok(spilling.execute(big));
    expect(columns(spilling, "select count(*) from t")[0]?.values).toEqual([4_000_000n]);
    run.end();
  });

  it("refuses SQL that nests so deep that the stack of a thread would not do", () => {
    const connection = connect();
    expect(columns(connection, chain(100))[0]?.values).toEqual([42]);
    for (const depth of [300, 900]) {
      expect(error(connection.query(chain(depth))).message).toContain(
        "Max expression depth limit of 250 exceeded",
      );
    }
    expect(error(connect({ "max-expression-depth": 50 }).query(chain(100))).message).toContain("limit of 50");
  });

  it("bounds what query gives at once", () => {
    const { runtime, end, census } = serve({ "max-query-bytes": "100KiB" });
    ok(runtime.open(""));
    expect(ok(runtime.query("select * from range(5000)")).length).toBe(5000);
    expect(error(runtime.query("select * from range(1000000000)"))).toContain("max-query-bytes");
    end();
    expect(census.live).toBe(0);
  });

  it("writes nothing to the standard output of the process", () => {
    const connection = connect();
    for (const [sql] of DENIED) connection.execute(sql);
    ok(connection.execute("explain analyze select 1"));
    // What DuckDB would print goes around JavaScript: a process of its own would show it; here it is enough that
    // nothing was turned on.
    const settings =
      "select name || '=' || ifnull(value, '') from duckdb_settings() where name like 'enable_l%ging' or name like 'enable_pro%ing'";
    expect(columns(connection, settings)[0]?.values.toSorted()).toEqual([
      "enable_logging=0",
      "enable_profiling=",
    ]);
  });
});

/** Configurations that are refused, and what is said of them. */
const FAULTS: readonly (readonly [Readonly<Record<string, unknown>>, string])[] = [
  [{ paht: "x" }, 'unknown key "paht"'],
  [{ path: 1 }, "path = 1 must be a text"],
  [{ databases: { "": "x" } }, 'databases: "" has a meaning of its own'],
  [{ databases: { ":memory:": "x" } }, 'databases: ":memory:" has a meaning of its own'],
  [{ databases: ["x"] }, "a table of texts"],
  [{ threads: 0 }, "threads = 0 must be an integer, at least 1"],
  [{ threads: 1_000_000 }, "threads = 1000000 is more than 1024"],
  [{ "memory-limit": "lots" }, "must be a size"],
  [{ "max-expression-depth": 1 }, "must be an integer, at least 16"],
  [{ "query-timeout": 0 }, "query-timeout = 0 must be"],
  [{ "external-access": "no" }, "must be true or false"],
  [{ "allowed-paths": "/" }, "must be a list of texts"],
];

describe("configuration", () => {
  it.each(FAULTS)("refuses %j", (config, message) => {
    let findings: unknown;
    try {
      readSettings(contextOf(config));
    } catch (thrown) {
      findings = Reflect.get(Object(Reflect.get(Object(thrown), "context")), "findings");
    }
    expect(findings).toEqual([expect.objectContaining({ message: expect.stringContaining(message) })]);
  });
});

/** As many common table expressions, each over the one before it. */
function chain(depth: number): string {
  const links = Array.from({ length: depth }, (_, index) => `, c${index + 1} as (select * from c${index})`);
  return `with c0 as (select 42 as x)${links.join("")} select * from c${depth}`;
}
