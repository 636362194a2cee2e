import { describe, expect, it } from "vitest";
import {
  type CoreType,
  flattenLowered,
  flattenType,
  join,
} from "../../../src/shared/canonical-abi/flatten.ts";
import type { FuncType, ValueType } from "../../../src/shared/wit/types.ts";

const u8: ValueType = { kind: "u8" };
const u64: ValueType = { kind: "u64" };
const f32: ValueType = { kind: "f32" };
const f64: ValueType = { kind: "f64" };
const text: ValueType = { kind: "string" };
const tuple = (...elements: ValueType[]): ValueType => ({ kind: "tuple", elements });
const repeat = (type: ValueType, count: number): ValueType[] => Array.from({ length: count }, () => type);
const func = (params: ValueType[], result?: ValueType): FuncType => ({
  params: params.map((type, index) => ({ name: `p${index}`, type })),
  ...(result === undefined ? {} : { result }),
});

describe("flattening", () => {
  const table: [name: string, type: ValueType, flat: CoreType[] | undefined][] = [
    ["u8", u8, ["i32"]],
    ["u64", u64, ["i64"]],
    ["string", text, ["i32", "i32"]],
    ["tuple<u8, f64>", tuple(u8, f64), ["i32", "f64"]],
    ["option<f32>", { kind: "option", element: f32 }, ["i32", "f32"]],
    ["result<f32, u8>", { kind: "result", ok: f32, err: u8 }, ["i32", "i32"]],
    ["result<f32, u64>", { kind: "result", ok: f32, err: u64 }, ["i32", "i64"]],
    ["result<f32, f64>", { kind: "result", ok: f32, err: f64 }, ["i32", "i64"]],
    [
      "result<string, tuple<f64, u8, f32>>",
      { kind: "result", ok: text, err: tuple(f64, u8, f32) },
      ["i32", "i64", "i32", "f32"],
    ],
    ["enum", { kind: "enum", labels: ["a", "b"] }, ["i32"]],
    ["flags", { kind: "flags", labels: ["a"] }, ["i32"]],
    ["list<u8, 3>", { kind: "fixed-list", element: u8, length: 3 }, ["i32", "i32", "i32"]],
    ["16 fields", tuple(...repeat(f32, 16)), Array.from({ length: 16 }, (): CoreType => "f32")],
    ["17 fields", tuple(...repeat(f32, 17)), undefined],
    ["an option of 16 fields", { kind: "option", element: tuple(...repeat(u8, 16)) }, undefined],
    ["list<u8, 2000000000>", { kind: "fixed-list", element: u8, length: 2_000_000_000 }, undefined],
  ];

  it.each(table)("%s", (_, type, flat) => {
    expect(flattenType(type)).toEqual(flat);
  });

  it.each<[CoreType, CoreType, CoreType]>([
    ["i32", "i32", "i32"],
    ["i32", "f32", "i32"],
    ["f32", "i32", "i32"],
    ["f32", "f64", "i64"],
    ["i32", "i64", "i64"],
    ["f64", "f64", "f64"],
  ])("join(%s, %s) is %s", (a, b, joined) => {
    expect(join(a, b)).toBe(joined);
  });

  it("spills more than 16 parameters and more than one result", () => {
    expect(flattenLowered(func(repeat(u8, 16), u64))).toEqual({
      params: Array.from({ length: 16 }, () => "i32"),
      result: "i64",
      paramsSpilled: false,
      resultSpilled: false,
    });
    expect(flattenLowered(func(repeat(u64, 17), text))).toEqual({
      params: ["i32", "i32"],
      paramsSpilled: true,
      resultSpilled: true,
    });
    expect(flattenLowered(func(repeat(text, 8), text)).params).toHaveLength(17);
  });

  it("stops at the first type too wide to matter", () => {
    let type: ValueType = u8;
    for (let level = 0; level < 60; level += 1) type = tuple(type, type);
    expect(flattenType(type)).toBeUndefined();
  });
});
