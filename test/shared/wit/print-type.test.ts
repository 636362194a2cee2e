import { describe, expect, it } from "vitest";
import { printDefinition, printFunc, printType } from "../../../src/shared/wit/print-type.ts";
import type { ValueType } from "../../../src/shared/wit/types.ts";

const point: ValueType = { kind: "record", name: "point", fields: [{ name: "x", type: { kind: "u8" } }] };
const resource = { interface: "a:b/c", name: "r" };

describe("printType", () => {
  const cases: [ValueType, string][] = [
    [{ kind: "char" }, "char"],
    [point, "point"],
    [{ kind: "list", name: "bytes", element: { kind: "u8" } }, "list<u8>"],
    [{ kind: "option", element: point }, "option<point>"],
    [{ kind: "fixed-list", element: { kind: "u8" }, length: 4 }, "list<u8, 4>"],
    [{ kind: "result", err: point }, "result<_, point>"],
    [{ kind: "record", fields: [{ name: "type", type: point }] }, "record { %type: point }"],
    [{ kind: "variant", cases: [{ name: "a" }, { name: "b", type: point }] }, "variant { a, b(point) }"],
    [{ kind: "enum", name: "list", labels: ["a"] }, "%list"],
    [{ kind: "own", resource }, "r"],
    [{ kind: "borrow", resource }, "borrow<r>"],
  ];
  it.each(cases)("%j", (type, printed) => expect(printType(type)).toBe(printed));

  it("ends what would be endless", () => {
    let type: ValueType = { kind: "u8" };
    for (let level = 0; level < 40; level++) type = { kind: "tuple", elements: [type, type] };
    const printed = printType(type);
    expect(printed.length).toBeLessThan(5000);
    expect(printed).toContain("…");
  });
});

describe("printDefinition", () => {
  it("writes a named type out", () => expect(printDefinition(point)).toBe("record point { x: u8 }"));
  it("leaves the rest as it is", () =>
    expect(printDefinition({ kind: "option", element: point })).toBe("option<point>"));
});

describe("printFunc", () => {
  const type = { params: [{ name: "from", type: point }], result: { kind: "u8" } } as const;
  it.each([
    ["greet", "greet: func(%from: point) -> u8"],
    ["use", "%use: func(%from: point) -> u8"],
    ["[static]r.make", "[static]r.make: func(%from: point) -> u8"],
  ])("%s", (name, printed) => expect(printFunc(name, type)).toBe(printed));
});
