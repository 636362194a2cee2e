import { describe, expect, it } from "vitest";
import type { SqlCells, SqlColumn, SqlValue } from "../../../../src/worker/adapters/duckdb/bindings.ts";
import { columns, connect, error, library, ok } from "./open.ts";

const column = (cells: SqlCells, validity?: Uint8Array): SqlColumn => ({ cells, validity });

/** Cells of three rows, the type of a table's column, and what is in the table then. */
const CELLS: readonly (readonly [SqlCells, sqlType: string, texts: readonly string[]])[] = [
  [{ tag: "booleans", val: [true, false, true] }, "BOOLEAN", ["true", "false", "true"]],
  [{ tag: "s8s", val: Int8Array.of(-128, 0, 127) }, "TINYINT", ["-128", "0", "127"]],
  [{ tag: "s16s", val: Int16Array.of(-32768, 0, 1) }, "SMALLINT", ["-32768", "0", "1"]],
  [{ tag: "s32s", val: Int32Array.of(-1, 0, 1) }, "INTEGER", ["-1", "0", "1"]],
  [{ tag: "s32s", val: Int32Array.of(-1, 0, 1) }, "BIGINT", ["-1", "0", "1"]],
  [{ tag: "s64s", val: BigInt64Array.of(-1n, 0n, 2n ** 40n) }, "BIGINT", ["-1", "0", "1099511627776"]],
  [{ tag: "u8s", val: Uint8Array.of(0, 1, 255) }, "UTINYINT", ["0", "1", "255"]],
  [{ tag: "u16s", val: Uint16Array.of(0, 1, 65535) }, "USMALLINT", ["0", "1", "65535"]],
  [{ tag: "u32s", val: Uint32Array.of(0, 1, 2) }, "UINTEGER", ["0", "1", "2"]],
  [
    { tag: "u64s", val: BigUint64Array.of(0n, 1n, 2n ** 64n - 1n) },
    "UBIGINT",
    ["0", "1", String(2n ** 64n - 1n)],
  ],
  [{ tag: "f32s", val: Float32Array.of(0.5, Number.NaN, -1) }, "FLOAT", ["0.5", "nan", "-1.0"]],
  [{ tag: "f64s", val: Float64Array.of(0.1, Infinity, -1) }, "DOUBLE", ["0.1", "inf", "-1.0"]],
  [
    {
      tag: "hugeints",
      val: [
        { lower: 1n, upper: -1n },
        { lower: 0n, upper: 1n },
        { lower: 0n, upper: 0n },
      ],
    },
    "HUGEINT",
    ["-18446744073709551615", "18446744073709551616", "0"],
  ],
  [
    {
      tag: "uhugeints",
      val: [
        { lower: 1n, upper: 0n },
        { lower: 0n, upper: 2n ** 63n },
        { lower: 0n, upper: 0n },
      ],
    },
    "UHUGEINT",
    ["1", String(2n ** 127n), "0"],
  ],
  [
    { tag: "decimals", val: { width: 4, scale: 1, unscaled: BigInt64Array.of(-9999n, 0n, 5n) } },
    "DECIMAL(4,1)",
    ["-999.9", "0.0", "0.5"],
  ],
  [
    { tag: "decimals", val: { width: 9, scale: 2, unscaled: BigInt64Array.of(-1n, 0n, 5n) } },
    "DECIMAL(9,2)",
    ["-0.01", "0.00", "0.05"],
  ],
  [
    { tag: "decimals", val: { width: 18, scale: 0, unscaled: BigInt64Array.of(-1n, 0n, 10n ** 17n) } },
    "DECIMAL(18,0)",
    ["-1", "0", String(10n ** 17n)],
  ],
  [
    { tag: "decimals", val: { width: 4, scale: 1, unscaled: BigInt64Array.of(15n, 0n, 5n) } },
    "DECIMAL(20,2)",
    ["1.50", "0.00", "0.50"],
  ],
  [
    {
      tag: "wide-decimals",
      val: {
        width: 38,
        scale: 1,
        unscaled: [
          { lower: 2n ** 64n - 1n, upper: -1n },
          { lower: 0n, upper: 1n },
          { lower: 0n, upper: 0n },
        ],
      },
    },
    "DECIMAL(38,1)",
    ["-0.1", "1844674407370955161.6", "0.0"],
  ],
  [
    { tag: "texts", val: ["", "twelve bytes", "a text that is longer than that 🦆"] },
    "VARCHAR",
    ["", "twelve bytes", "a text that is longer than that 🦆"],
  ],
  [{ tag: "texts", val: ["thirteen byte", "x", "y\0z"] }, "VARCHAR", ["thirteen byte", "x", "y\0z"]],
  [{ tag: "texts", val: ["1", "2", "3"] }, "INTEGER", ["1", "2", "3"]],
  [{ tag: "texts", val: ["b", "a", "b"] }, "ENUM('a', 'b')", ["b", "a", "b"]],
  [
    { tag: "blobs", val: [Uint8Array.of(), Uint8Array.of(0), new Uint8Array(20).fill(97)] },
    "BLOB",
    ["", String.raw`\x00`, "a".repeat(20)],
  ],
  [{ tag: "dates", val: Int32Array.of(0, 19782, -1) }, "DATE", ["1970-01-01", "2024-02-29", "1969-12-31"]],
  [
    { tag: "times", val: BigInt64Array.of(0n, 1n, 86_400_000_000n) },
    "TIME",
    ["00:00:00", "00:00:00.000001", "24:00:00"],
  ],
  [
    { tag: "times-ns", val: BigInt64Array.of(0n, 1n, 2n) },
    "TIME_NS",
    ["00:00:00", "00:00:00.000000001", "00:00:00.000000002"],
  ],
  [
    {
      tag: "times-tz",
      val: [
        { micros: 0n, offset: 0 },
        { micros: 1_000_000n, offset: 3600 },
        { micros: 1n, offset: -57599 },
      ],
    },
    "TIMETZ",
    ["00:00:00+00", "00:00:01+01", "00:00:00.000001-15:59:59"],
  ],
  [
    { tag: "timestamps", val: BigInt64Array.of(0n, -1n, 2n ** 63n - 1n) },
    "TIMESTAMP",
    ["1970-01-01 00:00:00", "1969-12-31 23:59:59.999999", "infinity"],
  ],
  [
    { tag: "timestamps-s", val: BigInt64Array.of(0n, 1n, 2n) },
    "TIMESTAMP_S",
    ["1970-01-01 00:00:00", "1970-01-01 00:00:01", "1970-01-01 00:00:02"],
  ],
  [
    { tag: "timestamps-ms", val: BigInt64Array.of(0n, 1n, 2n) },
    "TIMESTAMP_MS",
    ["1970-01-01 00:00:00", "1970-01-01 00:00:00.001", "1970-01-01 00:00:00.002"],
  ],
  [
    { tag: "timestamps-ns", val: BigInt64Array.of(0n, 1n, 2n) },
    "TIMESTAMP_NS",
    ["1970-01-01 00:00:00", "1970-01-01 00:00:00.000000001", "1970-01-01 00:00:00.000000002"],
  ],
  [
    { tag: "timestamps-tz", val: BigInt64Array.of(0n, 1n, 2n) },
    "TIMESTAMPTZ",
    ["1970-01-01 00:00:00+00", "1970-01-01 00:00:00.000001+00", "1970-01-01 00:00:00.000002+00"],
  ],
  [
    {
      tag: "intervals",
      val: [
        { months: -1, days: 0, micros: 0n },
        { months: 0, days: -2, micros: 0n },
        { months: 0, days: 0, micros: -3n },
      ],
    },
    "INTERVAL",
    ["-1 month", "-2 days", "-00:00:00.000003"],
  ],
  [
    {
      tag: "uuids",
      val: [
        "00000000-0000-0000-0000-000000000000",
        "ffffffff-ffff-ffff-ffff-ffffffffffff",
        "550e8400e29b41d4a716446655440000",
      ],
    },
    "UUID",
    [
      "00000000-0000-0000-0000-000000000000",
      "ffffffff-ffff-ffff-ffff-ffffffffffff",
      "550e8400-e29b-41d4-a716-446655440000",
    ],
  ],
  [{ tag: "bits", val: ["0", "0101", "111111111"] }, "BIT", ["0", "0101", "111111111"]],
  [{ tag: "json", val: ["[1,null]", "[]", "[2]"] }, "INTEGER[]", ["[1, NULL]", "[]", "[2]"]],
  [
    { tag: "json", val: ['{"a":1,"b":"x"}', '{"a":2,"b":"y"}', '{"a":3,"b":null}'] },
    "STRUCT(a INTEGER, b VARCHAR)",
    ["{'a': 1, 'b': x}", "{'a': 2, 'b': y}", "{'a': 3, 'b': NULL}"],
  ],
];

describe.skipIf(library === undefined)("appender (needs @duckdb/node-bindings)", () => {
  it.each(CELLS)("columns: %o into %s", (cells, sqlType, texts) => {
    const connection = connect();
    ok(connection.execute(`create table t(x ${sqlType}, y ${sqlType})`));
    const appender = ok(connection.append(undefined, "t"));
    ok(appender.appendColumns([column(cells), column(cells, Uint8Array.of(0b101))]));
    ok(appender.close());
    const [x, y] = columns(connection, "select x::VARCHAR, y::VARCHAR from t");
    expect(x?.values).toEqual(texts);
    expect(y?.values).toEqual([texts[0], null, texts[2]]);
  });

  it.each(CELLS)("rows: what is read of %o can be appended", (cells, sqlType, texts) => {
    const connection = connect();
    ok(connection.execute(`create table t(x ${sqlType}); create table u(x ${sqlType}, i INTEGER)`));
    const first = ok(connection.append(undefined, "t"));
    ok(first.appendColumns([column(cells)]));
    ok(first.close());
    const second = ok(connection.append("main", "u"));
    for (const [row, value] of rowsOf(cells).entries())
      ok(second.appendRow([value, { tag: "s32", val: row }]));
    ok(second.appendRow([{ tag: "null" }, { tag: "s32", val: 3 }]));
    ok(second.close());
    expect(columns(connection, "select x::VARCHAR from u order by rowid")[0]?.values).toEqual([
      ...texts,
      null,
    ]);
  });

  it("takes many rows at once, with NULLs", () => {
    const connection = connect();
    ok(connection.execute("create table t(i BIGINT, s VARCHAR)"));
    const appender = ok(connection.append(undefined, "t"));
    const count = 300_001;
    const numbers = BigInt64Array.from({ length: count }, (_, row) => BigInt(row));
    const texts = Array.from({ length: count }, (_, row) => `number ${row} of many`);
    const validity = new Uint8Array(Math.ceil(count / 8)).fill(0b0111_1111);
    ok(
      appender.appendColumns([
        column({ tag: "s64s", val: numbers }),
        column({ tag: "texts", val: texts }, validity),
      ]),
    );
    ok(appender.close());
    const all = columns(
      connection,
      "select count(*), count(s), sum(i)::BIGINT, max(s), count(*) filter (s is not null and s <> 'number ' || i || ' of many') from t",
    );
    const valid = texts.filter((_, row) => row % 8 !== 7);
    expect(all.map(({ values }) => values[0])).toEqual([
      BigInt(count),
      BigInt(valid.length),
      (BigInt(count) * BigInt(count - 1)) / 2n,
      valid.toSorted().at(-1),
      0n,
    ]);
  });

  it("keeps the order of rows, whatever way they come", () => {
    const connection = connect();
    ok(connection.execute("create table t(i INTEGER)"));
    const appender = ok(connection.append(undefined, "t"));
    for (let row = 0; row < 5000; row += 1) {
      // Every hundredth is converted by DuckDB.
      const value: SqlValue = row % 100 === 0 ? { tag: "text", val: String(row) } : { tag: "s32", val: row };
      ok(appender.appendRow([value]));
    }
    ok(appender.appendColumns([column({ tag: "s32s", val: Int32Array.of(5000, 5001) })]));
    ok(appender.appendRow([{ tag: "s32", val: 5002 }]));
    ok(appender.flush());
    expect(columns(connection, "select i from t")[0]?.values).toEqual(
      Array.from({ length: 5003 }, (_, row) => row),
    );
  });

  it("describes the table", () => {
    const connection = connect();
    ok(connection.execute('create schema s; create table s.t(a INTEGER, "B c" VARCHAR, d DECIMAL(9,2))'));
    const appender = ok(connection.append("s", "t"));
    expect(appender.columns()).toEqual([
      { name: "a", kind: "s32s", sqlType: "INTEGER" },
      { name: "B c", kind: "texts", sqlType: "VARCHAR" },
      { name: "d", kind: "decimals", sqlType: "DECIMAL(9,2)" },
    ]);
  });

  it("leaves out generated columns", () => {
    const connection = connect();
    ok(connection.execute("create table t(a INTEGER, b INTEGER AS (a + 1), c VARCHAR)"));
    const appender = ok(connection.append(undefined, "t"));
    expect(appender.columns()).toEqual([
      { name: "", kind: "s32s", sqlType: "INTEGER" },
      { name: "", kind: "texts", sqlType: "VARCHAR" },
    ]);
    ok(
      appender.appendRow([
        { tag: "s32", val: 1 },
        { tag: "text", val: "x" },
      ]),
    );
    ok(appender.close());
    expect(columns(connection, "select a || b || c from t")[0]?.values).toEqual(["12x"]);
  });

  it("an error of a conversion leaves the chunks before it", () => {
    const connection = connect();
    ok(connection.execute("create table t(a INTEGER)"));
    const appender = ok(connection.append(undefined, "t"));
    const texts = Array.from({ length: 5000 }, (_, row) => (row === 3000 ? "x" : String(row)));
    expect(error(appender.appendColumns([column({ tag: "texts", val: texts })])).kind).toBe("invalid-input");
    ok(appender.close());
    expect(columns(connection, "select count(*), max(a) from t").map(({ values }) => values)).toEqual([
      [2048n],
      [2047],
    ]);
  });

  it("refuses what does not fit", () => {
    const connection = connect();
    ok(connection.execute("create table t(a INTEGER, b VARCHAR)"));
    expect(error(connection.append(undefined, "nope")).kind).toBe("catalog");
    expect(error(connection.append("nope", "t")).kind).toBe("catalog");
    expect(error(connection.append(undefined, "t\0")).kind).toBe("misuse");
    expect(error(connection.append("s\0", "t")).kind).toBe("misuse");
    const appender = ok(connection.append(undefined, "t"));
    const one: SqlValue = { tag: "s32", val: 1 };
    const numbers = column({ tag: "s32s", val: Int32Array.of(1, 2) });
    const texts = column({ tag: "texts", val: ["a", "b"] });
    expect(error(appender.appendRow([one])).message).toBe("1 values for 2 columns");
    expect(error(appender.appendColumns([numbers])).message).toBe("1 columns for the 2 of the table");
    expect(error(appender.appendColumns([numbers, column({ tag: "texts", val: ["a"] })])).message).toBe(
      "column 1 has 1 rows, column 0 has 2",
    );
    expect(error(appender.appendColumns([numbers, { ...texts, validity: new Uint8Array() }])).message).toBe(
      "the validity of column 1 has 0 bytes for 2 rows",
    );
    expect(
      error(appender.appendColumns([column({ tag: "enums", val: Uint32Array.of(0, 1) }), texts])).kind,
    ).toBe("misuse");
    expect(error(appender.appendColumns([texts, texts])).message).toContain("expected INTEGER");
    expect(error(appender.appendRow([{ tag: "text", val: "x" }, { tag: "null" }])).message).toContain(
      "expected INTEGER",
    );
    expect(error(appender.appendRow([{ tag: "s64", val: 2n ** 40n }, { tag: "null" }])).kind).toBe(
      "invalid-input",
    );
    // Nothing of all that is in the table, and the appender works.
    ok(appender.appendColumns([numbers, texts]));
    ok(appender.appendRow([one, { tag: "text", val: "c" }]));
    ok(appender.close());
    expect(columns(connection, "select string_agg(a || ifnull(b, '-'), ',') from t")[0]?.values).toEqual([
      "1a,2b,1c",
    ]);
    expect(error(appender.appendRow([one, one])).kind).toBe("misuse");
    expect(error(appender.appendColumns([numbers, texts])).kind).toBe("misuse");
    expect(error(appender.flush()).kind).toBe("misuse");
    expect(error(appender.close()).kind).toBe("misuse");
  });

  it("gives errors of constraints at flush, and goes on without those rows", () => {
    const connection = connect();
    ok(connection.execute("create table t(a INTEGER PRIMARY KEY)"));
    const appender = ok(connection.append(undefined, "t"));
    ok(appender.appendColumns([column({ tag: "s32s", val: Int32Array.of(1, 1) })]));
    expect(error(appender.flush()).kind).toBe("constraint");
    ok(appender.appendRow([{ tag: "s32", val: 2 }]));
    ok(appender.flush());
    expect(columns(connection, "select a from t")[0]?.values).toEqual([2]);
  });

  it("loses what was not flushed when it is dropped", () => {
    const connection = connect();
    ok(connection.execute("create table t(a INTEGER)"));
    const appender = ok(connection.append(undefined, "t"));
    ok(appender.appendRow([{ tag: "s32", val: 1 }]));
    ok(appender.flush());
    ok(appender.appendRow([{ tag: "s32", val: 2 }]));
    ok(appender.appendColumns([column({ tag: "s32s", val: Int32Array.of(3) })]));
    appender[Symbol.dispose]?.();
    expect(columns(connection, "select a from t")[0]?.values).toEqual([1]);
  });

  it("takes no rows at all, and columns of no rows", () => {
    const connection = connect();
    ok(connection.execute("create table t(a INTEGER, b VARCHAR)"));
    const appender = ok(connection.append(undefined, "t"));
    ok(
      appender.appendColumns([
        column({ tag: "s32s", val: new Int32Array() }),
        column({ tag: "texts", val: [] }),
      ]),
    );
    ok(appender.close());
    expect(columns(connection, "select count(*) from t")[0]?.values).toEqual([0n]);
  });

  it("survives a table that is dropped meanwhile", () => {
    const connection = connect();
    ok(connection.execute("create table t(a INTEGER)"));
    const appender = ok(connection.append(undefined, "t"));
    ok(appender.appendRow([{ tag: "s32", val: 1 }]));
    ok(connection.execute("drop table t"));
    expect(error(appender.close()).kind).toBe("catalog");
    expect(columns(connection, "select 42")[0]?.values).toEqual([42]);
  });
});

const TAGS: Readonly<Partial<Record<SqlCells["tag"], SqlValue["tag"]>>> = {
  booleans: "boolean",
  "times-ns": "time-ns",
  "times-tz": "time-tz",
  "timestamps-s": "timestamp-s",
  "timestamps-ms": "timestamp-ms",
  "timestamps-ns": "timestamp-ns",
  "timestamps-tz": "timestamp-tz",
  bits: "text",
  json: "text",
};

/** The same as single values. */
function rowsOf(cells: SqlCells): SqlValue[] {
  if (cells.tag === "decimals" || cells.tag === "wide-decimals") {
    const { width, scale } = cells.val;
    return Array.from<bigint | { lower: bigint; upper: bigint }, SqlValue>(cells.val.unscaled, (value) => ({
      tag: "decimal",
      val: {
        width,
        scale,
        unscaled:
          typeof value === "bigint" ? { lower: BigInt.asUintN(64, value), upper: value >> 63n } : value,
      },
    }));
  }
  const tag = TAGS[cells.tag] ?? cells.tag.slice(0, -1);
  const values: SqlValue[] = [];
  // The table of tags pairs each kind of cells with the value of the same payload.
  for (const val of cells.val) values.push(Object.assign({ tag: "null" as const }, { tag, val }));
  return values;
}
