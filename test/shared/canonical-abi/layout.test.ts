import { describe, expect, it } from "vitest";
import {
  discriminantSize,
  fieldOffsets,
  layoutOf,
  payloadOffset,
} from "../../../src/shared/canonical-abi/layout.ts";
import type { ValueType } from "../../../src/shared/wit/types.ts";

const u8: ValueType = { kind: "u8" };
const u16: ValueType = { kind: "u16" };
const u32: ValueType = { kind: "u32" };
const u64: ValueType = { kind: "u64" };
const text: ValueType = { kind: "string" };
const row = (length: number, element: ValueType): ValueType => ({ kind: "fixed-list", element, length });
const tuple = (...elements: ValueType[]): ValueType => ({ kind: "tuple", elements });
const variant = (...types: (ValueType | undefined)[]): ValueType => ({
  kind: "variant",
  cases: types.map((type, index) =>
    type === undefined ? { name: `c${index}` } : { name: `c${index}`, type },
  ),
});
const labels = (count: number): string[] => Array.from({ length: count }, (_, index) => `l${index}`);

describe("layout", () => {
  const table: [name: string, type: ValueType, guest: [number, number], native: [number, number]][] = [
    ["bool", { kind: "bool" }, [1, 1], [1, 1]],
    ["char", { kind: "char" }, [4, 4], [4, 4]],
    ["f64", { kind: "f64" }, [8, 8], [8, 8]],
    ["string", text, [8, 4], [16, 8]],
    ["list", { kind: "list", element: u64 }, [8, 4], [16, 8]],
    ["tuple<u8, u32>", tuple(u8, u32), [8, 4], [8, 4]],
    ["tuple<u8, u8, u16>", tuple(u8, u8, u16), [4, 2], [4, 2]],
    ["tuple<u64, u8>", tuple(u64, u8), [16, 8], [16, 8]],
    ["tuple<u8, string>", tuple(u8, text), [12, 4], [24, 8]],
    ["option<u8>", { kind: "option", element: u8 }, [2, 1], [2, 1]],
    ["option<u64>", { kind: "option", element: u64 }, [16, 8], [16, 8]],
    ["option<string>", { kind: "option", element: text }, [12, 4], [24, 8]],
    ["result", { kind: "result" }, [1, 1], [1, 1]],
    ["result<u8, u32>", { kind: "result", ok: u8, err: u32 }, [8, 4], [8, 4]],
    ["result<_, string>", { kind: "result", err: text }, [12, 4], [24, 8]],
    ["variant with u16 and u8 payloads", variant(u16, u8, undefined), [4, 2], [4, 2]],
    ["variant without payloads", variant(undefined, undefined), [1, 1], [1, 1]],
    ["variant whose size is not its payload's multiple", variant(tuple(u8, u8, u8), u16), [6, 2], [6, 2]],
    ["flags of 8", { kind: "flags", labels: labels(8) }, [1, 1], [1, 1]],
    ["flags of 9", { kind: "flags", labels: labels(9) }, [2, 2], [2, 2]],
    ["flags of 17", { kind: "flags", labels: labels(17) }, [4, 4], [4, 4]],
    ["enum of 256", { kind: "enum", labels: labels(256) }, [1, 1], [1, 1]],
    ["enum of 257", { kind: "enum", labels: labels(257) }, [2, 2], [2, 2]],
    ["list<u16, 3>", { kind: "fixed-list", element: u16, length: 3 }, [6, 2], [6, 2]],
    ["list<string, 2>", { kind: "fixed-list", element: text, length: 2 }, [16, 4], [32, 8]],
  ];

  it.each(table)("%s", (_, type, [guestSize, guestAlign], [nativeSize, nativeAlign]) => {
    expect(layoutOf(type, 4)).toEqual({ size: guestSize, align: guestAlign });
    expect(layoutOf(type, 8)).toEqual({ size: nativeSize, align: nativeAlign });
  });

  it("gives field and payload offsets", () => {
    expect(fieldOffsets([u8, text, u16, u64], 4)).toEqual([0, 4, 12, 16]);
    expect(fieldOffsets([u8, text, u16, u64], 8)).toEqual([0, 8, 24, 32]);
    expect(payloadOffset([undefined, text], 4)).toBe(4);
    expect(payloadOffset([undefined, text], 8)).toBe(8);
  });

  it.each([
    [1, 1],
    [256, 1],
    [257, 2],
    [65_536, 2],
    [65_537, 4],
  ])("a variant of %i cases has a discriminant of %i bytes", (cases, size) => {
    expect(discriminantSize(cases)).toBe(size);
  });

  it("refuses more than 32 flags", () => {
    expect(() => layoutOf({ kind: "flags", labels: labels(33) }, 4)).toThrow("33 labels");
  });

  it("refuses fixed-length lists that no memory holds, before sizes stop being numbers", () => {
    expect(layoutOf(row(2 ** 16, row(2 ** 16, u8)), 4).size).toBe(2 ** 32);
    expect(() => layoutOf(row(2 ** 16, row(2 ** 16, u16)), 4)).toThrow("8589934592 bytes");
    let type: ValueType = u8;
    for (let level = 0; level < 40; level += 1) type = row(2 ** 31, type);
    expect(() => layoutOf(type, 8)).toThrow(expect.objectContaining({ code: "WIT_INVALID" }));
  });

  it("computes a DAG that doubles at every level once per node", () => {
    let type: ValueType = u8;
    for (let level = 0; level < 40; level += 1) type = tuple(type, type);
    expect(layoutOf(type, 4).size).toBe(2 ** 40);
  });
});
