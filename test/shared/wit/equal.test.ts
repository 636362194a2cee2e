import { describe, expect, it } from "vitest";
import { sameFunc, sameType } from "../../../src/shared/wit/equal.ts";
import type { FuncType, ValueType } from "../../../src/shared/wit/types.ts";

const u8: ValueType = { kind: "u8" };
const text: ValueType = { kind: "string" };
const store = { interface: "k:v/store@1.0.0", name: "bucket" };

/** All different from each other. */
const DIFFERENT: readonly ValueType[] = [
  u8,
  { kind: "s8" },
  text,
  { kind: "list", element: u8 },
  { kind: "list", element: text },
  { kind: "option", element: u8 },
  { kind: "fixed-list", element: u8, length: 2 },
  { kind: "fixed-list", element: u8, length: 3 },
  { kind: "tuple", elements: [u8] },
  { kind: "tuple", elements: [u8, u8] },
  { kind: "tuple", elements: [u8, text] },
  { kind: "record", fields: [{ name: "a", type: u8 }] },
  { kind: "record", fields: [{ name: "b", type: u8 }] },
  { kind: "record", fields: [{ name: "a", type: text }] },
  {
    kind: "record",
    fields: [
      { name: "a", type: u8 },
      { name: "b", type: u8 },
    ],
  },
  {
    kind: "record",
    fields: [
      { name: "b", type: u8 },
      { name: "a", type: u8 },
    ],
  },
  { kind: "variant", cases: [{ name: "a" }] },
  { kind: "variant", cases: [{ name: "a", type: u8 }] },
  { kind: "variant", cases: [{ name: "a", type: text }] },
  { kind: "variant", cases: [{ name: "a" }, { name: "b" }] },
  { kind: "enum", labels: ["a"] },
  { kind: "enum", labels: ["a", "b"] },
  { kind: "enum", labels: ["b", "a"] },
  { kind: "flags", labels: ["a", "b"] },
  { kind: "result" },
  { kind: "result", ok: u8 },
  { kind: "result", err: u8 },
  { kind: "result", ok: u8, err: u8 },
  { kind: "own", resource: store },
  { kind: "borrow", resource: store },
  { kind: "own", resource: { ...store, name: "key" } },
  { kind: "own", resource: { ...store, interface: "k:v/other@1.0.0" } },
  { kind: "own", resource: { name: "bucket" } },
];

/** Written out it would have 2^60 leaves. */
const deep = (leaf: ValueType): ValueType => {
  let type = leaf;
  for (let level = 0; level < 60; level++) type = { kind: "tuple", elements: [type, type] };
  return type;
};

describe("sameType", () => {
  it("tells all different types apart and equals each to a copy of itself", () => {
    const wrong = DIFFERENT.flatMap((left, row) =>
      DIFFERENT.flatMap((right, column) =>
        sameType(left, structuredClone(right)) === (row === column) ? [] : [[left, right]],
      ),
    );
    expect(wrong).toEqual([]);
  });

  it("does not look at names of types", () => {
    expect(
      sameType({ kind: "enum", labels: ["a"], name: "x" }, { kind: "enum", labels: ["a"], name: "y" }),
    ).toBe(true);
  });

  it("does not look at the version of a resource's interface", () => {
    const newer = { ...store, interface: "k:v/store@1.2.0" };
    expect(sameType({ kind: "own", resource: store }, { kind: "own", resource: newer })).toBe(true);
  });

  it("looks at each pair once: a type that doubles 60 times over", () => {
    expect(sameType(deep(u8), deep({ kind: "u8" }))).toBe(true);
    expect(sameType(deep(u8), deep(text))).toBe(false);
  });
});

describe("sameFunc", () => {
  const base: FuncType = { params: [{ name: "a", type: u8 }], result: text };
  const others: [string, FuncType][] = [
    ["another result", { ...base, result: u8 }],
    ["no result", { params: base.params }],
    ["another parameter name", { ...base, params: [{ name: "b", type: u8 }] }],
    ["another parameter type", { ...base, params: [{ name: "a", type: text }] }],
    ["one parameter more", { ...base, params: [...base.params, { name: "b", type: u8 }] }],
    ["one parameter less", { ...base, params: [] }],
  ];
  it.each(others)("%s differs", (_, other) => {
    expect(sameFunc(base, other)).toBe(false);
    expect(sameFunc(other, base)).toBe(false);
  });

  it("equals a copy", () => expect(sameFunc(base, structuredClone(base))).toBe(true));
});
