import { assert, nat, property, shuffledSubarray } from "fast-check";
import { describe, expect, it } from "vitest";
import type { SqlConnection, SqlDatabase } from "../../../../src/worker/adapters/duckdb/bindings.ts";
import { error, library, ok, serve } from "./open.ts";

const one = { tag: "s32", val: 1 } as const;

/** One of each resource, the younger ones made from the older ones. */
function family() {
  const run = serve();
  const database = ok(run.sql.Database.open(""));
  const connection = ok(database.connect());
  ok(connection.execute("create table t(a INTEGER)"));
  const statement = ok(connection.prepare("select * from range(10000)"));
  const result = ok(statement.query());
  const other = ok(database.connect());
  const pending = ok(ok(other.prepare("select sum(i) from range(1000000) r(i)")).start());
  const appender = ok(ok(database.connect()).append(undefined, "t"));
  return { run, database, connection, statement, result, other, pending, appender };
}

describe.skipIf(library === undefined)("lifetimes of resources (needs @duckdb/node-bindings)", () => {
  it("what was made from a resource goes on without it", () => {
    const { run, database, connection, statement, result, other, pending, appender } = family();
    for (const each of [database, connection, statement, other]) each[Symbol.dispose]?.();
    let rows = 0;
    for (let chunk = ok(result.next()); chunk !== undefined; chunk = ok(result.next())) rows += chunk.rows;
    expect(rows).toBe(10_000);
    expect(ok(ok(pending.finish()).next())?.rows).toBe(1);
    ok(appender.appendRow([one]));
    ok(appender.close());
    run.end();
    expect(run.census.live).toBe(0);
    expect(run.census.closed).toBe(run.census.opened);
  });

  it("the end of a run closes everything, and what is left gives errors", () => {
    const { run, database, connection, statement, result, pending, appender } = family();
    ok(result.next());
    ok(appender.appendRow([one]));
    expect(run.census.live).toBeGreaterThan(8);
    run.end();
    expect(run.census.live).toBe(0);
    expect(run.census.closed).toBe(run.census.opened);
    const outcomes = [
      database.connect(),
      connection.execute("select 1"),
      connection.query("select 1"),
      connection.prepare("select 1"),
      connection.append(undefined, "t"),
      connection.begin(),
      statement.bind(1, one),
      statement.bindNamed("x", one),
      statement.bindAll([]),
      statement.query(),
      statement.execute(),
      statement.start(),
      result.next(),
      pending.step(),
      pending.finish(),
      appender.appendRow([one]),
      appender.appendColumns([]),
      appender.flush(),
      appender.close(),
    ];
    expect(outcomes.map((outcome) => error(outcome).kind)).toEqual(outcomes.map(() => "misuse"));
    connection.interrupt();
    statement.clearBindings();
    expect(statement.parameters()).toEqual([]);
    expect(statement.columns()).toEqual([]);
    expect(run.census.live).toBe(0);
  });

  it("resources are dropped in any order", () => {
    assert(
      property(shuffledSubarray([0, 1, 2, 3, 4, 5, 6], { minLength: 7 }), nat(7), (order, dropped) => {
        const { run, database, connection, statement, result, other, pending, appender } = family();
        const all = [database, connection, statement, result, other, pending, appender];
        for (const index of order.slice(0, dropped)) all[index]?.[Symbol.dispose]?.();
        run.end();
        expect(run.census.live).toBe(0);
        expect(run.census.closed).toBe(run.census.opened);
        // After the run, the rest.
        for (const index of order.slice(dropped)) all[index]?.[Symbol.dispose]?.();
        expect(run.census.closed).toBe(run.census.opened);
      }),
      { seed: 4, numRuns: 60 },
    );
  });

  it("a result that another query of its connection has ended is an error", () => {
    const run = serve();
    const connection = ok(ok(run.sql.Database.open("")).connect());
    const result = ok(connection.query("select * from range(10000)"));
    ok(result.next());
    ok(connection.execute("select 1"));
    expect(error(result.next())).toMatchObject({
      kind: "invalid-input",
      message: expect.stringContaining("closed pending query result"),
    });
    expect(error(result.next()).kind).toBe("invalid-input");
    run.end();
  });

  it("a statement runs again while its result is read", () => {
    const run = serve();
    const connection = ok(ok(run.sql.Database.open("")).connect());
    const statement = ok(connection.prepare("select * from range(10000)"));
    const results = Array.from({ length: 10 }, () => ok(statement.query()));
    expect(results.slice(0, -1).map((result) => result.next().tag)).toEqual(Array(9).fill("err"));
    expect(ok(results.at(-1)?.next() ?? { tag: "err", val: "none" })?.rows).toBe(2048);
    run.end();
  });

  it("an error of a query leaves nothing behind", () => {
    const run = serve();
    const database: SqlDatabase = ok(run.sql.Database.open(""));
    const connection: SqlConnection = ok(database.connect());
    const { live } = run.census;
    for (const sql of [
      "",
      "selec",
      "select * from nope",
      "select 'x'::INT",
      "select 1; select 'x'::INT",
      "select 1; selec",
    ]) {
      error(connection.query(sql));
      error(connection.execute(sql));
      expect(run.census.live).toBe(live);
    }
    error(connection.append(undefined, "nope"));
    error(run.sql.Database.open("nope"));
    expect(run.census.live).toBe(live);
    run.end();
  });
});
