import { describe, expect, it } from "vitest";
import type { SqlChunk } from "../../../../src/worker/adapters/duckdb/bindings.ts";
import { columns, connect, error, library, ok } from "./open.ts";

/** SQL of a value, the column it becomes, and its JSON in a row of the small interface. */
const VALUES: readonly (readonly [
  sql: string,
  kind: string,
  sqlType: string,
  value: unknown,
  json: string,
])[] = [
  ["true", "booleans", "BOOLEAN", true, "true"],
  ["(-128)::TINYINT", "s8s", "TINYINT", -128, "-128"],
  ["(-32768)::SMALLINT", "s16s", "SMALLINT", -32768, "-32768"],
  ["(-2147483648)::INTEGER", "s32s", "INTEGER", -2147483648, "-2147483648"],
  ["(-9223372036854775808)::BIGINT", "s64s", "BIGINT", -(2n ** 63n), "-9223372036854775808"],
  ["255::UTINYINT", "u8s", "UTINYINT", 255, "255"],
  ["65535::USMALLINT", "u16s", "USMALLINT", 65535, "65535"],
  ["4294967295::UINTEGER", "u32s", "UINTEGER", 4294967295, "4294967295"],
  ["18446744073709551615::UBIGINT", "u64s", "UBIGINT", 2n ** 64n - 1n, "18446744073709551615"],
  ["0.1::FLOAT", "f32s", "FLOAT", Math.fround(0.1), "0.1"],
  ["0.1::DOUBLE", "f64s", "DOUBLE", 0.1, "0.1"],
  ["'NaN'::DOUBLE", "f64s", "DOUBLE", Number.NaN, '"NaN"'],
  ["'-inf'::FLOAT", "f32s", "FLOAT", -Infinity, '"-Infinity"'],
  ["(-1)::HUGEINT", "hugeints", "HUGEINT", { lower: 2n ** 64n - 1n, upper: -1n }, "-1"],
  [
    "340282366920938463463374607431768211455::UHUGEINT",
    "uhugeints",
    "UHUGEINT",
    { lower: 2n ** 64n - 1n, upper: 2n ** 64n - 1n },
    "340282366920938463463374607431768211455",
  ],
  ["-1.5::DECIMAL(3,1)", "decimals", "DECIMAL(3,1)", -15n, "-1.5"],
  ["0.001::DECIMAL(9,3)", "decimals", "DECIMAL(9,3)", 1n, "0.001"],
  ["12345678901.25::DECIMAL(18,2)", "decimals", "DECIMAL(18,2)", 1234567890125n, "12345678901.25"],
  ["-0.05::DECIMAL(38,2)", "wide-decimals", "DECIMAL(38,2)", { lower: 2n ** 64n - 5n, upper: -1n }, "-0.05"],
  ["'duck'", "texts", "VARCHAR", "duck", '"duck"'],
  ["'twelve bytes'", "texts", "VARCHAR", "twelve bytes", '"twelve bytes"'],
  ["'thirteen byte'", "texts", "VARCHAR", "thirteen byte", '"thirteen byte"'],
  ["'🦆 Größe \"x\"' || chr(10)", "texts", "VARCHAR", '🦆 Größe "x"\n', String.raw`"🦆 Größe \"x\"\n"`],
  ["'a' || chr(0) || 'b'", "texts", "VARCHAR", "a\0b", String.raw`"a\u0000b"`],
  ["'\\x00\\xFFduck'::BLOB", "blobs", "BLOB", Uint8Array.of(0, 255, 100, 117, 99, 107), '"00ff6475636b"'],
  ["DATE '2024-02-29'", "dates", "DATE", 19782, '"2024-02-29"'],
  ["DATE '0044-03-15 (BC)'", "dates", "DATE", -735160, '"0044-03-15 (BC)"'],
  ["'infinity'::DATE", "dates", "DATE", 2147483647, '"infinity"'],
  ["TIME '23:59:59.000001'", "times", "TIME", 86399000001n, '"23:59:59.000001"'],
  ["'12:00:00.000000001'::TIME_NS", "times-ns", "TIME_NS", 43200000000001n, '"12:00:00.000000001"'],
  [
    "'12:30:00-01:30'::TIMETZ",
    "times-tz",
    "TIME WITH TIME ZONE",
    { micros: 45000000000n, offset: -5400 },
    '"12:30:00-01:30"',
  ],
  ["TIMESTAMP '1969-12-31 23:59:59.5'", "timestamps", "TIMESTAMP", -500000n, '"1969-12-31 23:59:59.5"'],
  ["'2024-01-01 00:00:01'::TIMESTAMP_S", "timestamps-s", "TIMESTAMP_S", 1704067201n, '"2024-01-01 00:00:01"'],
  [
    "'2024-01-01 00:00:00.123'::TIMESTAMP_MS",
    "timestamps-ms",
    "TIMESTAMP_MS",
    1704067200123n,
    '"2024-01-01 00:00:00.123"',
  ],
  [
    "'2024-01-01 00:00:00.000000001'::TIMESTAMP_NS",
    "timestamps-ns",
    "TIMESTAMP_NS",
    1704067200000000001n,
    '"2024-01-01 00:00:00.000000001"',
  ],
  [
    "'2024-01-01 02:00:00+02'::TIMESTAMPTZ",
    "timestamps-tz",
    "TIMESTAMP WITH TIME ZONE",
    1704067200000000n,
    '"2024-01-01 00:00:00+00"',
  ],
  ["'-infinity'::TIMESTAMP", "timestamps", "TIMESTAMP", -(2n ** 63n - 1n), '"-infinity"'],
  [
    "INTERVAL '14 months -3 days 25:00:00.5'",
    "intervals",
    "INTERVAL",
    { months: 14, days: -3, micros: 90000500000n },
    '"1 year 2 months -3 days 25:00:00.5"',
  ],
  [
    "'550e8400-e29b-41d4-a716-446655440000'::UUID",
    "uuids",
    "UUID",
    "550e8400-e29b-41d4-a716-446655440000",
    '"550e8400-e29b-41d4-a716-446655440000"',
  ],
  ["'b'::ENUM('a', 'b')", "enums", "ENUM('a', 'b')", 1, '"b"'],
  ["'0101011'::BIT", "bits", "BIT", "0101011", '"0101011"'],
  ["'{\"a\": [1]}'::JSON", "texts", "JSON", '{"a": [1]}', String.raw`"{\"a\": [1]}"`],
  ["[1, NULL, 3]", "json", "INTEGER[]", "[1,null,3]", "[1,null,3]"],
  ["[]", "json", "INTEGER[]", "[]", "[]"],
  ["[1.5, 2]::DECIMAL(2,1)[2]", "json", "DECIMAL(2,1)[2]", "[1.5,2.0]", "[1.5,2.0]"],
  [
    "{'a': 1, 'B c': ['x']}",
    "json",
    'STRUCT(a INTEGER, "B c" VARCHAR[])',
    '{"a":1,"B c":["x"]}',
    '{"a":1,"B c":["x"]}',
  ],
  [
    "MAP {'k': DATE '2024-01-01'}",
    "json",
    "MAP(VARCHAR, DATE)",
    '[{"key":"k","value":"2024-01-01"}]',
    '[{"key":"k","value":"2024-01-01"}]',
  ],
  [
    "union_value(num := 2)::UNION(num INTEGER, str VARCHAR)",
    "json",
    "UNION(num INTEGER, str VARCHAR)",
    '{"num":2}',
    '{"num":2}',
  ],
  ["[{'a': NULL}, NULL]", "json", "STRUCT(a INTEGER)[]", '[{"a":null},null]', '[{"a":null},null]'],
];

describe.skipIf(library === undefined)("typed columns (needs @duckdb/node-bindings)", () => {
  it.each(VALUES)("%s", (sql, kind, sqlType, value, json) => {
    const connection = connect();
    const [column] = columns(connection, `select ${sql} as x`);
    expect(column).toEqual({ name: "x", kind, sqlType, values: [value] });
    // A NULL beside it, and a row of a later chunk.
    const [more] = columns(
      connection,
      `select x from range(5000) t(i) left join (select ${sql} as x) on i % 3 <> 1 order by i`,
    );
    expect(more?.values.length).toBe(5000);
    expect(more?.values[0]).toEqual(value);
    expect(more?.values[4]).toBeNull();
    expect(more?.values[4998]).toEqual(value);

    const { runtime } = connection.run;
    ok(runtime.open(""));
    expect(ok(runtime.query(`select ${sql}, null, ${sql}`))).toEqual([`[${json},null,${json}]`]);
  });

  it("what DuckDB writes as text is what JSON strings hold", () => {
    const connection = connect();
    for (const [sql, , sqlType, , json] of VALUES) {
      if (!json.startsWith('"') || ["BLOB", "JSON"].includes(sqlType)) continue;
      if (/NaN|inf/u.test(sql) && !sqlType.startsWith("TIME") && sqlType !== "DATE") continue;
      const [column] = columns(connection, `select (${sql})::VARCHAR`);
      expect(column?.values).toEqual([JSON.parse(json)]);
    }
  });

  it("gives nothing of what lies at NULL rows", () => {
    const connection = connect();
    ok(
      connection.execute(
        "create table t as select i, i * 7 + 1 as v, 'text number ' || i as s from range(3000) t(i)",
      ),
    );
    const result = ok(
      connection.query("select case when i % 2 = 0 then v end, case when i % 2 = 0 then s end from t"),
    );
    let rows = 0;
    for (let chunk: SqlChunk | undefined; (chunk = ok(result.next())) !== undefined;) {
      const [numbers, texts] = chunk.columns;
      for (let row = 0; row < chunk.rows; row += 1) {
        if ((rows + row) % 2 === 0) continue;
        expect(numbers?.cells.tag === "s64s" && numbers.cells.val[row]).toBe(0n);
        expect(texts?.cells.tag === "texts" && texts.cells.val[row]).toBe("");
      }
      rows += chunk.rows;
    }
    expect(rows).toBe(3000);
  });

  it("says of types that it does not deliver how to get them", () => {
    const connection = connect();
    const result = ok(
      connection.query("select 12345678901234567890123456789012345678901234567890::BIGNUM as n"),
    );
    expect(result.columns()).toEqual([{ name: "n", kind: "other", sqlType: "BIGNUM" }]);
    expect(error(result.next())).toMatchObject({
      kind: "misuse",
      message: expect.stringContaining("::VARCHAR"),
    });
    expect(
      columns(connection, "select '1234567890123456789012345678901234567890'::BIGNUM::VARCHAR")[0]?.values,
    ).toEqual(["1234567890123456789012345678901234567890"]);
  });

  it("tells the labels of an ENUM", () => {
    const connection = connect();
    ok(connection.execute("create type mood as enum ('sad', 'it''s ok', 'happy')"));
    const result = ok(connection.query("select 'happy'::mood, 1"));
    expect(result.columns()[0]).toEqual({
      name: expect.any(String),
      kind: "enums",
      sqlType: "ENUM('sad', 'it''s ok', 'happy')",
    });
    expect(result.labels(0)).toEqual(["sad", "it's ok", "happy"]);
    expect(result.labels(1)).toEqual([]);
    expect(result.labels(99)).toEqual([]);
  });

  it("decodes many strings of all lengths", () => {
    const connection = connect();
    const [made, wide] = columns(
      connection,
      "select repeat('x', (i % 40)::INT) || i, repeat('ü', (i % 9)::INT) || i from range(5000) t(i)",
    );
    expect(made?.values).toEqual(Array.from({ length: 5000 }, (_, i) => "x".repeat(i % 40) + i));
    expect(wide?.values).toEqual(Array.from({ length: 5000 }, (_, i) => "ü".repeat(i % 9) + i));
  });

  it("bounds the text of a chunk", () => {
    const connection = connect({ "max-chunk-bytes": 10_000 });
    const result = ok(connection.query("select repeat('x', 1000) from range(11)"));
    expect(error(result.next()).kind).toBe("limit");
    expect(error(result.next()).kind).toBe("limit");
    const lists = ok(connection.query("select range(100000)"));
    expect(error(lists.next()).kind).toBe("limit");
  });
});
