import { assert, bigInt, integer, property, record, uint8Array } from "fast-check";
import { describe, expect, it } from "vitest";
import type { SqlCells, SqlColumn } from "../../../../src/worker/adapters/duckdb/bindings.ts";
import { columns, connect, library, ok } from "./open.ts";

const S64_MAX = 2n ** 63n - 1n;
const FIRST = -9_223_372_022_400_000_000n;

/** Types whose JSON is a string of what SQL writes, with values of their whole range. */
const TEXTS: readonly (readonly [sqlType: string, make: (seed: bigint) => SqlCells])[] = [
  [
    "DATE",
    (seed) => ({
      tag: "dates",
      val: Int32Array.of(Number(BigInt.asIntN(31, seed)), Number(BigInt.asIntN(20, seed))),
    }),
  ],
  ["TIME", (seed) => ({ tag: "times", val: BigInt64Array.of(BigInt.asUintN(64, seed) % 86_400_000_001n) })],
  [
    "TIME_NS",
    (seed) => ({ tag: "times-ns", val: BigInt64Array.of(BigInt.asUintN(64, seed) % 86_400_000_000_001n) }),
  ],
  [
    "TIMETZ",
    (seed) => ({
      tag: "times-tz",
      val: [
        {
          micros: BigInt.asUintN(64, seed) % 86_400_000_000n,
          offset: Number(BigInt.asIntN(64, seed) % 960n) * 60,
        },
      ],
    }),
  ],
  [
    "TIMESTAMP",
    (seed) => ({
      tag: "timestamps",
      val: BigInt64Array.of(seed < FIRST ? FIRST : seed, BigInt.asIntN(56, seed), BigInt.asIntN(40, seed)),
    }),
  ],
  [
    "TIMESTAMP_S",
    (seed) => ({
      tag: "timestamps-s",
      val: BigInt64Array.of(BigInt.asIntN(43, seed), BigInt.asIntN(32, seed)),
    }),
  ],
  [
    "TIMESTAMP_MS",
    (seed) => ({
      tag: "timestamps-ms",
      val: BigInt64Array.of(BigInt.asIntN(53, seed), BigInt.asIntN(42, seed)),
    }),
  ],
  [
    "TIMESTAMP_NS",
    (seed) => ({
      tag: "timestamps-ns",
      val: BigInt64Array.of(BigInt.asIntN(63, seed), BigInt.asIntN(55, seed)),
    }),
  ],
  [
    "INTERVAL",
    (seed) => ({
      tag: "intervals",
      val: [
        {
          months: Number(BigInt.asIntN(31, seed)),
          days: Number(BigInt.asIntN(30, seed >> 5n)),
          micros: BigInt.asIntN(62, seed),
        },
        {
          months: Number(BigInt.asIntN(5, seed)),
          days: Number(BigInt.asIntN(3, seed >> 5n)),
          micros: BigInt.asIntN(40, seed),
        },
        { months: 0, days: 0, micros: BigInt.asIntN(20, seed) },
      ],
    }),
  ],
];

const unscaled = (value: bigint) => ({ lower: BigInt.asUintN(64, value), upper: value >> 64n });

const column = (cells: SqlCells): SqlColumn => ({ cells, validity: undefined });

describe.skipIf(library === undefined)("values as JSON (needs @duckdb/node-bindings)", () => {
  it.each(TEXTS)("%s is written as SQL writes it", (sqlType, make) => {
    const connection = connect();
    const { runtime } = connection.run;
    ok(connection.execute(`create table t(x ${sqlType})`));
    const appender = ok(connection.append(undefined, "t"));
    assert(
      property(bigInt(-(2n ** 63n), S64_MAX), (seed) => {
        ok(appender.appendColumns([column(make(seed))]));
      }),
      { seed: 4, numRuns: 300 },
    );
    ok(appender.close());
    // The lists of a query go through the JSON of this adapter, the texts are DuckDB's own.
    const [ours, own] = columns(connection, "select [x], x::VARCHAR from t");
    expect(ours?.values.length).toBeGreaterThanOrEqual(300);
    expect(ours?.values).toEqual(own?.values.map((text) => JSON.stringify([text])));
    runtime.close();
  });

  it("has all types that DuckDB knows", () => {
    const connection = connect();
    const { runtime } = connection.run;
    ok(runtime.open(""));
    const [names, types] = columns(
      connection,
      "select column_name, data_type from duckdb_columns() where false union all select column_name, column_type from (describe from test_all_types())",
    );
    expect(names?.values.length).toBeGreaterThan(50);
    for (const [index, name] of (names?.values ?? []).entries()) {
      const asText = ["BIGNUM", "GEOMETRY", "VARIANT"].some((type) =>
        String(types?.values[index]).startsWith(type),
      );
      const quoted = `"${String(name)}"`;
      const rows = ok(
        runtime.query(`select ${asText ? `${quoted}::VARCHAR` : quoted} from test_all_types()`),
      );
      expect(rows).toHaveLength(3);
      for (const row of rows) expect(JSON.parse(row)).toHaveLength(1);
      expect(rows[2]).toBe("[null]");
    }
  });

  it("integers and decimals have all their digits", () => {
    const connection = connect();
    ok(connection.execute("create table t(h HUGEINT, u UHUGEINT, d DECIMAL(38,10), e DECIMAL(18,17))"));
    const digits = bigInt(-(10n ** 38n) + 1n, 10n ** 38n - 1n);
    const words = record({ lower: bigInt(0n, 2n ** 64n - 1n), upper: bigInt(-(2n ** 63n), S64_MAX) });
    const appender = ok(connection.append(undefined, "t"));
    assert(
      property(words, digits, bigInt(-(10n ** 18n) + 1n, 10n ** 18n - 1n), (hugeint, wide, narrow) => {
        ok(
          appender.appendRow([
            { tag: "hugeint", val: hugeint },
            { tag: "uhugeint", val: { lower: hugeint.lower, upper: BigInt.asUintN(64, hugeint.upper) } },
            { tag: "decimal", val: { width: 38, scale: 10, unscaled: unscaled(wide) } },
            { tag: "decimal", val: { width: 18, scale: 17, unscaled: unscaled(narrow) } },
          ]),
        );
      }),
      { seed: 4, numRuns: 200 },
    );
    ok(appender.close());
    const [ours, own] = columns(
      connection,
      "select {h: h, u: u, d: d, e: e}, '{\"h\":' || h || ',\"u\":' || u || ',\"d\":' || d || ',\"e\":' || e || '}' from t",
    );
    expect(ours?.values).toEqual(own?.values);
  });

  it("floats give the same number again", () => {
    const connection = connect();
    ok(connection.execute("create table t(f FLOAT, d DOUBLE)"));
    const appender = ok(connection.append(undefined, "t"));
    assert(
      property(uint8Array({ minLength: 8, maxLength: 8 }), integer(), (bytes, number) => {
        const given = new Float64Array(bytes.slice().buffer);
        ok(
          appender.appendColumns([
            column({ tag: "f32s", val: Float32Array.of(given[0] ?? 0, number / 1000) }),
            column({ tag: "f64s", val: Float64Array.of(given[0] ?? 0, number / 1000) }),
          ]),
        );
      }),
      { seed: 4, numRuns: 200 },
    );
    ok(appender.close());
    const [lists, floats, doubles] = columns(connection, "select {f: f, d: d}, f, d from t");
    for (const [row, text] of (lists?.values ?? []).entries()) {
      const { f, d } = JSON.parse(String(text));
      expect([Math.fround(Number(f)), Number(d)]).toEqual([floats?.values[row], doubles?.values[row]]);
    }
  });
});
