import { describe, expect, it } from "vitest";
import { decodeComponent } from "../../../../src/shared/wit/binary/decode-world.ts";
import { LIMITS } from "../../../../src/shared/wit/binary/limits.ts";
import { BinaryFault } from "../../../../src/shared/wit/binary/trail.ts";
import {
  component,
  definitions,
  leb,
  name,
  section,
  SECTION,
  typeIndex,
  vector,
} from "../../../support/component-bytes.ts";

function messageOf(bytes: Uint8Array): string {
  try {
    decodeComponent(bytes);
  } catch (error) {
    if (error instanceof BinaryFault) return error.message;
    throw error;
  }
  return "accepted";
}

const U8 = 0x7d;
const list = (type: readonly number[]): number[] => [0x70, ...type];
const tuple = (...types: readonly (readonly number[])[]): number[] => [0x6f, ...vector(types)];
const func = (...params: readonly (readonly number[])[]): number[] => [
  0x40,
  ...vector(params.map((type, index) => name(`p${index}`).concat(type))),
  0x01,
  0x00,
];
const importFunc = (type: number): number[] =>
  definitions(SECTION.import, [0x00, ...name("f"), 0x01, ...leb(type)]);
/** `count` types, each made from the index of the one before it. */
const chain = (count: number, next: (index: number) => number[]): number[][] =>
  Array.from({ length: count }, (_, index) => (index === 0 ? [U8] : next(index - 1)));

const deep = (depth: number): Uint8Array =>
  component(
    definitions(SECTION.type, ...chain(depth, (index) => list(typeIndex(index))), func(typeIndex(depth - 1))),
    importFunc(depth),
  );
const doubling = (steps: number): Uint8Array =>
  component(
    definitions(
      SECTION.type,
      ...chain(steps, (index) => tuple(typeIndex(index), typeIndex(index))),
      func(typeIndex(steps - 1)),
    ),
    importFunc(steps),
  );
const fixed = (length: number): Uint8Array =>
  component(definitions(SECTION.type, [0x67, U8, ...leb(length)], func([0])), importFunc(1));

describe("types that grow", () => {
  it("a chain of lists is fine up to the depth, and refused beyond", () => {
    // The primitive at the end of the chain is a level too.
    expect(messageOf(deep(LIMITS.depth))).toBe("accepted");
    expect(messageOf(deep(LIMITS.depth + 2))).toContain("nests deeper than 100");
    expect(messageOf(deep(50_000))).toContain("nests deeper than 100");
  });

  it("a type that doubles at each step is refused before anybody walks it", () => {
    expect(messageOf(doubling(19))).toBe("accepted");
    expect(messageOf(doubling(21))).toContain("more than 1000000 parts");
    expect(messageOf(doubling(90))).toContain("more than 1000000 parts");
  });

  it("a fixed-length list counts its length", () => {
    expect(messageOf(fixed(1000))).toBe("accepted");
    expect(messageOf(fixed(0xffff_ffff))).toContain("more than 1000000 parts");
  });

  it("parameters count together", () => {
    const big = chain(19, (index) => tuple(typeIndex(index), typeIndex(index)));
    const bytes = component(definitions(SECTION.type, ...big, func([18], [18], [18])), importFunc(19));
    expect(messageOf(bytes)).toContain("more than 1000000 parts");
  });
});

const nested = (
  depth: number,
  inner: readonly number[],
  wrap: (inner: readonly number[]) => number[],
): number[] => {
  let bytes = [...inner];
  for (let level = 0; level < depth; level++) bytes = wrap(bytes);
  return bytes;
};
const inComponent = (inner: readonly number[]): number[] => [
  ...section(SECTION.component, [...component(inner)]),
];
const inInstanceType = (inner: readonly number[]): number[] => [0x42, ...vector([[0x01, ...inner]])];
// Component n: alias component n-1 of the parent, instantiate it.
const instantiateBefore = (index: number, times: number): number[] => [
  ...component(
    definitions(SECTION.alias, [0x04, 0x02, ...leb(1), ...leb(index)]),
    definitions(SECTION.instance, ...Array.from({ length: times }, () => [0x00, 0x00, 0x00])),
  ),
];

describe("structures that grow", () => {
  it("components in components", () => {
    expect(messageOf(component(nested(90, [], inComponent)))).toBe("accepted");
    expect(messageOf(component(nested(300, [], inComponent)))).toContain("components nest deeper than 100");
  });

  it("types in types", () => {
    expect(messageOf(component(definitions(SECTION.type, nested(90, [U8], inInstanceType))))).toBe(
      "accepted",
    );
    expect(messageOf(component(definitions(SECTION.type, nested(300, [U8], inInstanceType))))).toContain(
      "types nest deeper than 100",
    );
  });

  it("a component that is instantiated by the next one, and so on", () => {
    const leaf = [...component()];
    const chainOf = (count: number): Uint8Array =>
      component(
        section(SECTION.component, leaf),
        ...Array.from({ length: count }, (_, index) =>
          section(SECTION.component, instantiateBefore(index, 1)),
        ),
        definitions(SECTION.instance, [0x00, ...leb(count), 0x00]),
      );
    expect(messageOf(chainOf(50))).toBe("accepted");
    expect(messageOf(chainOf(5000))).toContain("instantiations nest deeper than 100");
  });

  it("a component that instantiates the one before it twice makes too many instances, not forever", () => {
    const bytes = component(
      section(SECTION.component, [...component()]),
      ...Array.from({ length: 60 }, (_, index) => section(SECTION.component, instantiateBefore(index, 2))),
      definitions(SECTION.instance, [0x00, 60, 0x00]),
    );
    expect(messageOf(bytes)).toContain("more than 10000 component instances");
  });

  it("an instance type used twice by the next one takes too many steps, not forever", () => {
    const types: number[][] = [[0x42, 0x00]];
    for (let index = 0; index < 60; index++) {
      types.push([
        0x42,
        ...vector([
          [0x02, 0x03, 0x02, ...leb(1), ...leb(index)],
          [0x04, 0x00, ...name("a"), 0x05, 0x00],
          [0x04, 0x00, ...name("b"), 0x05, 0x00],
        ]),
      ]);
    }
    const bytes = component(
      definitions(SECTION.type, ...types),
      definitions(SECTION.import, [0x00, ...name("i"), 0x05, ...leb(60)]),
    );
    expect(messageOf(bytes)).toContain("too many steps");
  });

  it("a type cannot see itself", () => {
    const bytes = component(
      definitions(SECTION.type, [
        0x42,
        ...vector([
          [0x02, 0x03, 0x02, ...leb(1), 0x00],
          [0x04, 0x00, ...name("a"), 0x05, 0x00],
        ]),
      ]),
      definitions(SECTION.import, [0x00, ...name("i"), 0x05, 0x00]),
    );
    expect(messageOf(bytes)).toBe('import "i": outer type index 0 is out of range');
  });
});

describe("indices and names that don't fit", () => {
  const cases: [what: string, bytes: Uint8Array, says: string][] = [
    ["a type index", component(importFunc(7)), 'import "f": type index 7 is out of range (there are 0)'],
    [
      "a type of another sort",
      component(definitions(SECTION.type, [U8]), importFunc(0)),
      "type 0 is not the type of a func",
    ],
    [
      "a handle to a number",
      component(definitions(SECTION.type, [U8], [0x69, 0x00])),
      "type 1: type 0 is not a resource",
    ],
    [
      "a function as a field",
      component(definitions(SECTION.type, func(), list([0x00]))),
      "type 1: element: type 0 is not a value type",
    ],
    [
      "an export index",
      component(definitions(SECTION.export, [0x00, ...name("f"), 0x01, 0x03, 0x00])),
      "func index 3 is out of range",
    ],
    [
      "a module index",
      component(definitions(SECTION.coreInstance, [0x00, 0x02, 0x00])),
      "core module index 2 is out of range",
    ],
    [
      "a missing argument",
      component(
        section(SECTION.component, [...component(definitions(SECTION.type, func()), importFunc(0))]),
        definitions(SECTION.instance, [0x00, 0x00, 0x00]),
      ),
      'instance 0: import "f": the instantiation passes nothing for it',
    ],
    [
      "two imports of one name",
      component(
        definitions(SECTION.type, func()),
        definitions(SECTION.import, [0x00, ...name("f"), 0x01, 0x00], [0x00, ...name("f"), 0x01, 0x00]),
      ),
      "there are two imports of this name",
    ],
    [
      "two labels that differ in case",
      component(definitions(SECTION.type, [0x6d, ...vector([name("a"), name("A")])])),
      'the label "A" occurs twice',
    ],
    [
      "too many flags",
      component(
        definitions(SECTION.type, [
          0x6e,
          ...vector(Array.from({ length: 33 }, (_, index) => name(`f${index}`))),
        ]),
      ),
      "33 flags",
    ],
    [
      "a method without its resource",
      component(
        definitions(SECTION.type, func()),
        definitions(SECTION.import, [0x00, ...name("[method]r.m"), 0x01, 0x00]),
      ),
      "there is no resource r before it",
    ],
    [
      "an interface id that is none",
      component(
        definitions(SECTION.type, [0x42, 0x00]),
        definitions(SECTION.import, [0x00, ...name("a:b/\u001b"), 0x05, 0x00]),
      ),
      'import[0] interface "a:b/\\u001b": this is not a name for an interface',
    ],
    [
      "a start function",
      component(section(SECTION.start, [0x00, 0x00, 0x00])),
      "a component start function is not supported",
    ],
    ["values", component(section(SECTION.value, [0x00])), "component values are not supported"],
    ["an unknown section", component(section(77, [])), "unknown section 0x4d"],
    [
      "a section too long",
      component(section(SECTION.type, [0x01, U8, 0x00])),
      "a section is longer than what it holds",
    ],
    ["a section cut short", component([SECTION.type, 0x50]), "80 bytes are announced, 0 are left"],
  ];
  it.each(cases)("%s", (_, bytes, says) => expect(messageOf(bytes)).toContain(says));
});
