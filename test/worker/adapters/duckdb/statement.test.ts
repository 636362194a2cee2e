import { describe, expect, it } from "vitest";
import type { SqlValue } from "../../../../src/worker/adapters/duckdb/bindings.ts";
import { columns, connect, error, library, ok } from "./open.ts";

/** Bound values, the SQL type they have, and how DuckDB prints them. */
const VALUES: readonly (readonly [SqlValue, sqlType: string, text: string | null])[] = [
  [{ tag: "null" }, '"NULL"', null],
  [{ tag: "boolean", val: true }, "BOOLEAN", "true"],
  [{ tag: "s8", val: -128 }, "TINYINT", "-128"],
  [{ tag: "s16", val: -32768 }, "SMALLINT", "-32768"],
  [{ tag: "s32", val: -2147483648 }, "INTEGER", "-2147483648"],
  [{ tag: "s64", val: -(2n ** 63n) }, "BIGINT", "-9223372036854775808"],
  [{ tag: "u8", val: 255 }, "UTINYINT", "255"],
  [{ tag: "u16", val: 65535 }, "USMALLINT", "65535"],
  [{ tag: "u32", val: 4294967295 }, "UINTEGER", "4294967295"],
  [{ tag: "u64", val: 2n ** 64n - 1n }, "UBIGINT", "18446744073709551615"],
  [{ tag: "f32", val: 0.5 }, "FLOAT", "0.5"],
  [{ tag: "f64", val: -1e300 }, "DOUBLE", "-1e+300"],
  [{ tag: "hugeint", val: { lower: 1n, upper: -1n } }, "HUGEINT", "-18446744073709551615"],
  [{ tag: "uhugeint", val: { lower: 0n, upper: 1n } }, "UHUGEINT", "18446744073709551616"],
  [
    { tag: "decimal", val: { width: 5, scale: 2, unscaled: { lower: 2n ** 64n - 12345n, upper: -1n } } },
    "DECIMAL(5,2)",
    "-123.45",
  ],
  [
    { tag: "decimal", val: { width: 38, scale: 37, unscaled: { lower: 1n, upper: 0n } } },
    "DECIMAL(38,37)",
    "0.0000000000000000000000000000000000001",
  ],
  [{ tag: "text", val: "Größe \0 🦆" }, "VARCHAR", "Größe \0 🦆"],
  [{ tag: "text", val: "" }, "VARCHAR", ""],
  [{ tag: "blob", val: Uint8Array.of(0, 97) }, "BLOB", String.raw`\x00a`],
  [{ tag: "blob", val: new Uint8Array() }, "BLOB", ""],
  [{ tag: "date", val: 19782 }, "DATE", "2024-02-29"],
  [{ tag: "time", val: 86_400_000_000n }, "TIME", "24:00:00"],
  [{ tag: "time-ns", val: 1n }, "TIME_NS", "00:00:00.000000001"],
  [
    { tag: "time-tz", val: { micros: 1n, offset: -57599 } },
    "TIME WITH TIME ZONE",
    "00:00:00.000001-15:59:59",
  ],
  [{ tag: "timestamp", val: -1n }, "TIMESTAMP", "1969-12-31 23:59:59.999999"],
  [{ tag: "timestamp", val: -9_223_372_022_400_000_000n }, "TIMESTAMP", "290309-12-22 (BC) 00:00:00"],
  [{ tag: "timestamp-s", val: 1n }, "TIMESTAMP_S", "1970-01-01 00:00:01"],
  [{ tag: "timestamp-ms", val: 1n }, "TIMESTAMP_MS", "1970-01-01 00:00:00.001"],
  [{ tag: "timestamp-ns", val: 1n }, "TIMESTAMP_NS", "1970-01-01 00:00:00.000000001"],
  [{ tag: "timestamp-tz", val: 0n }, "TIMESTAMP WITH TIME ZONE", "1970-01-01 00:00:00+00"],
  [
    { tag: "interval", val: { months: 1, days: -2, micros: 3n } },
    "INTERVAL",
    "1 month -2 days 00:00:00.000003",
  ],
  [
    { tag: "uuid", val: "550e8400-e29b-41d4-a716-446655440000" },
    "UUID",
    "550e8400-e29b-41d4-a716-446655440000",
  ],
  [{ tag: "uuid", val: "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF" }, "UUID", "ffffffff-ffff-ffff-ffff-ffffffffffff"],
];

/** Values that are none of their type. DuckDB takes them as they are, and reads beyond its tables when it prints them. */
const UNFIT: readonly SqlValue[] = [
  { tag: "date", val: -(2 ** 31) },
  { tag: "time", val: -1n },
  { tag: "time", val: 86_400_000_001n },
  { tag: "time", val: 2n ** 63n - 1n },
  { tag: "time-ns", val: -1n },
  { tag: "time-ns", val: 86_400_000_000_001n },
  { tag: "time-tz", val: { micros: -1n, offset: 0 } },
  { tag: "time-tz", val: { micros: 0n, offset: 57600 } },
  { tag: "time-tz", val: { micros: 0n, offset: -57600 } },
  { tag: "timestamp", val: -(2n ** 63n) },
  { tag: "timestamp-tz", val: -9_223_372_022_400_000_001n },
  { tag: "timestamp-s", val: 2n ** 62n },
  { tag: "timestamp-ms", val: -(2n ** 62n) },
  { tag: "timestamp-ns", val: -(2n ** 63n) },
  { tag: "interval", val: { months: -(2 ** 31), days: 0, micros: 0n } },
  { tag: "interval", val: { months: 0, days: 0, micros: -(2n ** 63n) } },
  { tag: "decimal", val: { width: 0, scale: 0, unscaled: { lower: 0n, upper: 0n } } },
  { tag: "decimal", val: { width: 39, scale: 0, unscaled: { lower: 0n, upper: 0n } } },
  { tag: "decimal", val: { width: 3, scale: 4, unscaled: { lower: 0n, upper: 0n } } },
  { tag: "decimal", val: { width: 3, scale: 0, unscaled: { lower: 1000n, upper: 0n } } },
  { tag: "decimal", val: { width: 3, scale: 0, unscaled: { lower: 0n, upper: 2n ** 62n } } },
  { tag: "uuid", val: "550e8400-e29b-41d4-a716-44665544000" },
  { tag: "uuid", val: "550e8400-e29b-41d4-a716-44665544000g" },
];

describe.skipIf(library === undefined)("prepared statements (needs @duckdb/node-bindings)", () => {
  it("binds values of all types", () => {
    const connection = connect();
    for (const [value, sqlType, text] of VALUES) {
      const [type] = columns(connection, "select typeof($1)", value);
      const [printed] = columns(connection, "select $1::VARCHAR", value);
      expect([type?.values, printed?.values]).toEqual([[sqlType], [text]]);
    }
  });

  it.each(UNFIT)("refuses %o", (value) => {
    const connection = connect();
    const statement = ok(connection.prepare("select $1::VARCHAR"));
    expect(error(statement.bind(1, value)).kind).toBe("misuse");
  });

  it("tells parameters and columns before it runs", () => {
    const connection = connect();
    ok(connection.execute("create table t(a integer, b decimal(9,2), c varchar[])"));
    const statement = ok(connection.prepare("select a, b as bee, c from t where a > $low and b < $high"));
    expect(statement.parameters()).toEqual([
      { name: "low", sqlType: "INTEGER" },
      { name: "high", sqlType: "DECIMAL(9,2)" },
    ]);
    expect(statement.columns()).toEqual([
      { name: "a", kind: "s32s", sqlType: "INTEGER" },
      { name: "bee", kind: "decimals", sqlType: "DECIMAL(9,2)" },
      { name: "c", kind: "json", sqlType: "VARCHAR[]" },
    ]);
    const open = ok(connection.prepare("select $1, a from t"));
    expect(open.parameters()).toEqual([{ name: "1", sqlType: "UNKNOWN" }]);
    expect(open.columns()).toEqual([]);
    expect(ok(connection.prepare("insert into t values (?, ?, ?)")).parameters()).toEqual([
      { name: "1", sqlType: "INTEGER" },
      { name: "2", sqlType: "DECIMAL(9,2)" },
      { name: "3", sqlType: "VARCHAR[]" },
    ]);
  });

  it("binds by name, keeps bindings, and clears them", () => {
    const connection = connect();
    ok(connection.execute("create table t as select i::INT as i from range(10) r(i)"));
    const statement = ok(connection.prepare("delete from t where i >= $from and i < $to"));
    ok(statement.bindNamed("from", { tag: "s32", val: 2 }));
    ok(statement.bindNamed("to", { tag: "s32", val: 5 }));
    expect(ok(statement.execute())).toBe(3n);
    expect(ok(statement.execute())).toBe(0n);
    ok(statement.bindNamed("to", { tag: "s32", val: 8 }));
    expect(ok(statement.execute())).toBe(3n);
    statement.clearBindings();
    expect(error(statement.execute()).kind).toBe("invalid-input");
    expect(columns(connection, "select count(*) from t")[0]?.values).toEqual([4n]);
  });

  it("refuses what does not fit its parameters", () => {
    const connection = connect();
    const statement = ok(connection.prepare("select $1 + $2"));
    const one: SqlValue = { tag: "s32", val: 1 };
    expect(error(statement.bind(0, one))).toMatchObject({ kind: "misuse" });
    expect(error(statement.bind(3, one))).toMatchObject({ kind: "misuse" });
    expect(error(statement.bind(2 ** 32 - 1, one))).toMatchObject({ kind: "misuse" });
    expect(error(statement.bindNamed("x", one))).toMatchObject({ kind: "misuse" });
    expect(error(statement.bindNamed("1\0", one))).toMatchObject({ kind: "misuse" });
    expect(error(statement.bindAll([one]))).toMatchObject({ kind: "misuse" });
    expect(error(statement.query()).message).toContain("Values were not provided");
    ok(statement.bindAll([one, { tag: "text", val: "x" }]));
    expect(error(statement.query()).kind).toBe("binder");
  });

  it("runs step by step, and is interrupted between steps", () => {
    const connection = connect();
    const sql = "select sum(i * i % 7) from range(3000000) t(i)";
    const statement = ok(connection.prepare(sql));
    const pending = ok(statement.start());
    let steps = 0;
    while (ok(pending.step()) === "running") steps += 1;
    expect(steps).toBeGreaterThan(2);
    const result = ok(pending.finish());
    expect(ok(result.next())?.rows).toBe(1);
    expect(ok(result.next())).toBeUndefined();
    expect(error(pending.step()).kind).toBe("misuse");
    expect(error(pending.finish()).kind).toBe("misuse");

    const stopped = ok(statement.start());
    ok(stopped.step());
    connection.interrupt();
    const outcomes = [stopped.step(), stopped.step(), stopped.step()];
    expect(outcomes.map((each) => each.tag === "err" && each.val.kind)).toContain("interrupt");
    expect(error(stopped.finish()).message).toContain("Interrupted");
    // The connection is as good as before.
    expect(columns(connection, "select 42")[0]?.values).toEqual([42]);
  });

  it("can be dropped half way", () => {
    const connection = connect();
    const pending = ok(ok(connection.prepare("select sum(i) from range(3000000) t(i)")).start());
    ok(pending.step());
    pending[Symbol.dispose]?.();
    expect(columns(connection, "select 42")[0]?.values).toEqual([42]);
  });

  it("ends what takes longer than query-timeout", () => {
    const connection = connect({ "query-timeout": 20 });
    const sql = "select sum(a.i % b.i) from range(1, 200000) a(i), range(1, 200000) b(i)";
    expect(error(connection.query(sql))).toEqual({
      kind: "timeout",
      message: "the query takes longer than 20 ms",
    });
    expect(error(ok(connection.prepare(sql)).execute()).kind).toBe("timeout");
    expect(columns(connection, "select 42")[0]?.values).toEqual([42]);
  });

  it("prepares one statement", () => {
    const connection = connect();
    expect(error(connection.prepare("select 1; select 2")).kind).toBe("misuse");
    expect(error(connection.prepare("")).message).toContain("no statement");
    expect(error(connection.prepare("-- nothing")).message).toContain("no statement");
    expect(error(connection.prepare("select $x from")).kind).toBe("parser");
  });
});
