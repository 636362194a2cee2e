import { describe, expect, it } from "vitest";
import { columns, connect, error, library, ok } from "./open.ts";

describe.skipIf(library === undefined)("connections (needs @duckdb/node-bindings)", () => {
  it("runs several statements and gives the result of the last", () => {
    const connection = connect();
    const sql = "create table t(a INTEGER); insert into t values (1), (2); select sum(a) as s from t;";
    const result = ok(connection.query(sql));
    expect(result.columns()).toEqual([{ name: "s", kind: "hugeints", sqlType: "HUGEINT" }]);
    expect(ok(result.next())).toMatchObject({ rows: 1 });
    expect(ok(connection.execute("update t set a = a + 1"))).toBe(2n);
    expect(ok(connection.execute("delete from t where a = 2"))).toBe(1n);
    expect(ok(connection.query("insert into t values (7)")).rowsChanged()).toBe(1n);
  });

  /** SQL that fails, the kind of error, and part of DuckDB's own text. */
  const ERRORS: readonly (readonly [sql: string, kind: string, text: string])[] = [
    ["selec 1", "parser", 'Parser Error: syntax error at or near "selec"'],
    ["select * from nope", "catalog", "Catalog Error: Table with name nope does not exist!"],
    ["select nope", "binder", 'Binder Error: Referenced column "nope"'],
    ["select 'x'::INTEGER", "conversion", "Conversion Error: Could not convert string 'x' to INT32"],
    ["select 2147483647::INTEGER + 1::INTEGER", "out-of-range", "Out of Range Error: Overflow in addition"],
    [
      "create or replace table c(a INTEGER CHECK (a > 0)); insert into c values (0)",
      "constraint",
      "Constraint Error: CHECK",
    ],
    ["commit", "transaction", "TransactionContext Error: cannot commit - no transaction is active"],
    ["select error('mine')", "invalid-input", "mine"],
    ["select a\0b", "misuse", "SQL has no NUL"],
    [" ;; ", "misuse", "no statement"],
  ];
  it.each(ERRORS)("%s is an error value: %s", (sql, kind, text) => {
    const connection = connect();
    expect(error(connection.execute(sql))).toEqual({ kind, message: expect.stringContaining(text) });
    expect(error(connection.query(sql))).toEqual({ kind, message: expect.stringContaining(text) });
    expect(columns(connection, "select 42")[0]?.values).toEqual([42]);
  });

  it("gives an error that comes up while rows are computed in its place", () => {
    const connection = connect();
    const sql = "select case when i = 900000 then error('at 900000') else i end from range(1000000) t(i)";
    const result = ok(connection.query(sql));
    let rows = 0;
    let next = result.next();
    while (next.tag === "ok" && next.val !== undefined) {
      rows += next.val.rows;
      next = result.next();
    }
    expect(error(next).message).toContain("at 900000");
    expect(rows).toBeLessThanOrEqual(900_000);
    expect(rows).toBeGreaterThan(2048);
    expect(error(result.next()).message).toContain("at 900000");
    expect(columns(connection, "select 42")[0]?.values).toEqual([42]);
  });

  it("an internal error of DuckDB's shows no addresses", () => {
    const connection = connect();
    const statement = ok(connection.prepare("select typeof($1), $1::VARCHAR"));
    ok(statement.bind(1, { tag: "text", val: "x" }));
    const { kind, message } = error(statement.query());
    expect([kind, message]).toEqual(["internal", "INTERNAL Error: Invalid PhysicalType for GetTypeIdSize"]);
  });

  it("commits and rolls back", () => {
    const connection = connect();
    ok(connection.execute("create table t(a INTEGER)"));
    ok(connection.begin());
    expect(error(connection.begin()).kind).toBe("transaction");
    ok(connection.rollback());
    ok(connection.begin());
    ok(connection.execute("insert into t values (1)"));
    ok(connection.rollback());
    ok(connection.begin());
    ok(connection.execute("insert into t values (2)"));
    ok(connection.commit());
    expect(columns(connection, "select a from t")[0]?.values).toEqual([2]);
    expect(error(connection.rollback()).kind).toBe("transaction");
    ok(connection.begin());
    error(connection.execute("select 'x'::INTEGER"));
    error(connection.execute("insert into t select 'x'"));
    ok(connection.rollback());
    expect(columns(connection, "select a from t")[0]?.values).toEqual([2]);
  });

  it("connections of one database see what others have committed, databases in memory are apart", () => {
    const { sql, end } = connect().run;
    const database = ok(sql.Database.open(":memory:"));
    const [first, second] = [ok(database.connect()), ok(database.connect())];
    ok(first.begin());
    ok(first.execute("create table t as select 1 as a"));
    expect(error(second.execute("select * from t")).kind).toBe("catalog");
    ok(first.commit());
    expect(columns(second, "select * from t")[0]?.values).toEqual([1]);
    const other = ok(ok(sql.Database.open(":memory:")).connect());
    expect(error(other.execute("select * from t")).kind).toBe("catalog");
    end();
  });

  it("interrupts nothing when nothing runs", () => {
    const connection = connect();
    connection.interrupt();
    expect(columns(connection, "select 42")[0]?.values).toEqual([42]);
  });

  it("stops a result that is being fetched", () => {
    const connection = connect();
    const result = ok(connection.query("select * from range(100000000)"));
    ok(result.next());
    connection.interrupt();
    let next = result.next();
    // Some chunks were computed before.
    for (let chunks = 0; chunks < 100 && next.tag === "ok"; chunks += 1) next = result.next();
    expect(error(next).kind).toBe("interrupt");
  });
});
