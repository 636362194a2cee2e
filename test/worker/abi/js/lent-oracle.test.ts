/**
 * What guests pass each other as bytes, against the way through values of JavaScript: a host function that calls an export.
 * Whatever lies in the memories and whatever the allocators do, both must end alike, to the last byte.
 */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ValueType } from "../../../../src/shared/wit/types.ts";
import type { CoreFunction, StringEncoding } from "../../../../src/worker/abi/types.ts";
import { asGuestImport, coreSignature } from "../../../support/oracle/index.ts";
import { le, MEMORY } from "./hostile.ts";
import { func, TestInstance, thrownBy } from "./instance.ts";

const list = (element: ValueType): ValueType => ({ kind: "list", element });
const tuple = (...elements: ValueType[]): ValueType => ({ kind: "tuple", elements });
const u8: ValueType = { kind: "u8" };
const u16: ValueType = { kind: "u16" };
const char: ValueType = { kind: "char" };
const text: ValueType = { kind: "string" };
const NUMBERS = (["s8", "u8", "s16", "u16", "s32", "u32", "s64", "u64", "f32", "f64"] as const).map((kind) =>
  list({ kind }),
);
const TYPES: readonly ValueType[] = [
  text,
  text,
  ...NUMBERS,
  list(char),
  list({ kind: "bool" }),
  list({ kind: "enum", labels: ["a", "b", "c"] }),
  list({ kind: "flags", labels: Array.from({ length: 8 }, (_, index) => `f${index}`) }),
  list({ kind: "flags", labels: ["a", "b"] }),
  list(tuple({ kind: "u32" }, char)),
  // Padded: bytes between and behind the members stay where they are.
  list(tuple(u8, u16)),
  list(tuple(u16, u8)),
  list({ kind: "fixed-list", element: tuple(u16, u16), length: 2 }),
  list({ kind: "option", element: u8 }),
  list(text),
  list(list(u16)),
  tuple(text, list(u8)),
  { kind: "option", element: text },
  {
    kind: "record",
    fields: [
      { name: "texts", type: list(text) },
      { name: "n", type: list({ kind: "u64" }) },
    ],
  },
];

type Allocator = "bump" | "grow" | "misaligned" | "beyond" | "throw";

interface Side {
  readonly bytes: Uint8Array;
  /** What the n-th allocation is like; `bump` from there on. */
  readonly allocators: readonly Allocator[];
  /** Added to every address that may be unaligned. */
  readonly shift: number;
}

interface Case {
  readonly params: readonly ValueType[];
  readonly result: ValueType | undefined;
  readonly flat: readonly number[];
  /** Words of the block that the callee returns the address of. */
  readonly returned: readonly number[];
  readonly caller: Side;
  readonly callee: Side;
}

const BLOCK = 1024;
const RETURN_AREA = 2048;

/** Words that lengths and pointers are likely to hit, in each encoding. */
const chunks = (encoding: StringEncoding): fc.Arbitrary<Uint8Array> => {
  const encode = (value: string): Buffer => Buffer.from(value, encoding === "utf8" ? "utf8" : "utf16le");
  return fc
    .array(
      fc.oneof(
        { weight: 4, arbitrary: fc.constantFrom("a", "hello, wor", "ascii only, and more than a word") },
        { weight: 1, arbitrary: fc.constantFrom("ä", "€", "𝄞", "\u{feff}", "\u{fffd}") },
      ),
      { minLength: 4, maxLength: 12 },
    )
    .chain((texts) =>
      fc
        .array(fc.constantFrom<number[]>([], [], [0], [1, 0, 0, 0], [0xff], [0xd8], [0xc3], [0, 0xdc]), {
          minLength: texts.length,
          maxLength: texts.length,
        })
        .map((between) =>
          Uint8Array.from(texts.flatMap((each, index) => [...encode(each), ...(between[index] ?? [])])),
        ),
    );
};

const pointer = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 60 }).map((each) => each * 8) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 500 }) },
  { weight: 1, arbitrary: fc.constantFrom(MEMORY, MEMORY - 8, MEMORY - 1, MEMORY + 8, -8, -1) },
);
const length = fc.oneof(
  { weight: 9, arbitrary: fc.integer({ min: 0, max: 20 }) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 400 }) },
  { weight: 1, arbitrary: fc.constantFrom(MEMORY, 2 ** 27, 2 ** 28, -1) },
);
const words = fc
  .array(fc.tuple(pointer, length), { minLength: 8, maxLength: 8 })
  .map((pairs) => pairs.flat());

const side = (encoding: StringEncoding): fc.Arbitrary<Side> =>
  fc.record({
    bytes: chunks(encoding),
    allocators: fc.array(
      fc.oneof(
        { weight: 12, arbitrary: fc.constant<Allocator>("bump") },
        { weight: 3, arbitrary: fc.constant<Allocator>("grow") },
        { weight: 1, arbitrary: fc.constantFrom<Allocator>("misaligned", "beyond", "throw") },
      ),
      { maxLength: 4 },
    ),
    shift: fc.integer({ min: 0, max: 7 }),
  });

const cases = (from: StringEncoding, to: StringEncoding): fc.Arbitrary<Case> =>
  fc.record({
    params: fc.array(fc.constantFrom(...TYPES), { maxLength: 3 }),
    result: fc.option(fc.constantFrom(...TYPES), { nil: undefined }),
    flat: words,
    returned: words,
    caller: side(from),
    callee: side(to),
  });

function open(encoding: StringEncoding, { bytes, allocators, shift }: Side, log: string[]): TestInstance {
  const instance = new TestInstance(encoding);
  const { guest } = instance;
  for (let at = 0; at + bytes.length < 16_384; at += bytes.length) instance.put(bytes, at);
  let next = TestInstance.scratch;
  let calls = 0;
  instance.realloc = (old, oldSize, align, size) => {
    const kind = allocators[calls++] ?? "bump";
    log.push(`${encoding} realloc ${old} ${oldSize} ${align} ${size}: ${kind}`);
    if (kind === "throw") throw new RangeError("out of memory");
    if (kind === "grow") guest.memory.grow(1);
    if (kind === "beyond") return guest.bytes.length - size + align;
    const at = Math.ceil((next + shift) / align) * align;
    next = at + size;
    return kind === "misaligned" ? at + 1 : at;
  };
  return instance;
}

interface Ending {
  readonly thrown: string;
  readonly log: readonly string[];
  readonly memories: readonly Buffer[];
}

/** How a call ends, and all that it leaves behind. */
function run(each: Case, [from, to]: readonly [StringEncoding, StringEncoding], isLent: boolean): Ending {
  const log: string[] = [];
  const [caller, callee] = [open(from, each.caller, log), open(to, each.callee, log)];
  callee.put(le(...each.returned), BLOCK);
  const type = func(each.params, each.result);
  const core: CoreFunction = (...flat) => {
    log.push(`called with ${flat.join()}`);
    return BLOCK;
  };
  const byValues = (): CoreFunction =>
    caller.imported(type, callee.exported(type, core, { style: "js" }), { style: "js" });
  const called = asGuestImport(type, isLent ? caller.importedFrom(callee, type, core) : byValues());
  const { params, spilledResult } = coreSignature(type);
  const flat = params.map((_, index) => each.flat[index] ?? 0);
  if (spilledResult) flat[flat.length - 1] = RETURN_AREA;
  const thrown = thrownBy(() => called(...flat));
  return { thrown, log, memories: [caller, callee].map(({ guest }) => Buffer.from(guest.bytes)) };
}

const PAIRS = [
  ["utf8", "utf8"],
  ["utf16", "utf16"],
  ["utf8", "utf16"],
] as const;

const ENDINGS = [
  "nothing",
  "is not well-formed",
  "is not #-aligned",
  "exceeds the memory",
  "exceeds #",
  "is not one of # cases",
  "realloc gave # bytes",
  "realloc gave #, which",
  "out of memory",
];

describe.each(PAIRS)("from %s to %s", (...pair) => {
  it("a call ends as it does through values", () => {
    const endings = new Set<string>();
    const property = fc.property(cases(...pair), (each) => {
      const lent = run(each, pair, true);
      const byValues = run(each, pair, false);
      expect([lent.thrown, lent.log]).toEqual([byValues.thrown, byValues.log]);
      const areSame = lent.memories.map((memory, index) => byValues.memories[index]?.equals(memory));
      expect(areSame).toEqual([true, true]);
      endings.add(lent.thrown.replaceAll(/0x[0-9a-f]+|\d+/gu, "#"));
    });
    fc.assert(property, { seed: 5, numRuns: 1000, endOnFailure: true });
    // All of them happen, or the comparison says little.
    const missing = ENDINGS.filter((wanted) => ![...endings].some((each) => each.includes(wanted)));
    expect(missing).toEqual([]);
  });
});
