/** Random WIT types and values for fast-check. */
import * as fc from "fast-check";
import type { Value } from "../../src/shared/value/types.ts";
import type { FuncType, PrimitiveKind, ResourceType, ValueType } from "../../src/shared/wit/types.ts";

const SCALARS: readonly PrimitiveKind[] = [
  "bool",
  "s8",
  "u8",
  "s16",
  "u16",
  "s32",
  "u32",
  "s64",
  "u64",
  "f32",
  "f64",
  "char",
];

/** WIT labels that mean something to JavaScript or C; none may break or vanish. */
const ODD_LABELS = [
  "constructor",
  "prototype",
  "proto",
  "to-string",
  "value-of",
  "has-own-property",
  "length",
  "name",
  "then",
  "ret",
  "err",
  "ok",
  "some",
  "none",
  "is-some",
  "tag",
  "val",
  "int",
  "default",
  "class",
  "await",
  "ptr",
  "len",
  "self",
  "x",
  "HTTP",
  "a1-b2",
];

function labels(count: { min: number; max: number }): fc.Arbitrary<string[]> {
  return fc
    .tuple(
      fc.uniqueArray(fc.constantFrom(...ODD_LABELS), { maxLength: count.max }),
      fc.integer({ min: count.min, max: count.max }),
    )
    .map(([odd, wanted]) => odd.concat(Array.from({ length: wanted }, (_, index) => `p${index}`)))
    .map((all) => all.slice(0, count.max));
}

/**
 * Types nested up to `depth`. Declared types (records, variants, enums, flags) have no name yet: the same
 * draw may stand in several places, so names are given afterwards by `typeNamer`. With `resources`, handles of them
 * are among the leaves.
 */
export function arbitraryType(
  depth: number,
  resources: readonly ResourceType[] = [],
): fc.Arbitrary<ValueType> {
  const scalar = fc.constantFrom(...SCALARS).map((kind): ValueType => ({ kind }));
  const leaf = fc.oneof(
    { weight: 4, arbitrary: scalar },
    { weight: 3, arbitrary: fc.constant<ValueType>({ kind: "string" }) },
    {
      weight: 1,
      arbitrary: labels({ min: 1, max: 12 }).map((names): ValueType => ({ kind: "enum", labels: names })),
    },
    {
      weight: 1,
      arbitrary: labels({ min: 1, max: 32 }).map((names): ValueType => ({ kind: "flags", labels: names })),
    },
    ...(resources.length === 0 ? [] : [{ weight: 9, arbitrary: handle(resources) }]),
  );
  if (depth === 0) return leaf;
  const inner = arbitraryType(depth - 1, resources);
  const maybe = fc.option(inner, { nil: undefined });
  return fc.oneof(
    { weight: 2, arbitrary: leaf },
    { weight: 3, arbitrary: inner.map((element): ValueType => ({ kind: "list", element })) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(inner, fc.integer({ min: 1, max: 5 }))
        .map(([element, length]): ValueType => ({ kind: "fixed-list", element, length })),
    },
    { weight: 2, arbitrary: inner.map((element): ValueType => ({ kind: "option", element })) },
    {
      weight: 2,
      arbitrary: fc.tuple(maybe, maybe).map(([ok, err]) => resultOf(ok, err)),
    },
    {
      weight: 2,
      arbitrary: fc
        .array(inner, { minLength: 1, maxLength: 4 })
        .map((elements): ValueType => ({ kind: "tuple", elements })),
    },
    {
      weight: 3,
      arbitrary: labels({ min: 1, max: 6 })
        .chain((names) => fc.tuple(...names.map((name) => inner.map((type) => ({ name, type })))))
        .map((fields): ValueType => ({ kind: "record", fields })),
    },
    {
      weight: 3,
      arbitrary: labels({ min: 1, max: 6 })
        .chain((names) =>
          fc.tuple(
            ...names.map((name) => maybe.map((type) => (type === undefined ? { name } : { name, type }))),
          ),
        )
        .map((cases): ValueType => ({ kind: "variant", cases })),
    },
  );
}

function handle(resources: readonly ResourceType[]): fc.Arbitrary<ValueType> {
  return fc
    .tuple(fc.constantFrom("own" as const, "borrow" as const), fc.constantFrom(...resources))
    .map(([kind, resource]) => ({ kind, resource }));
}

function resultOf(ok: ValueType | undefined, err: ValueType | undefined): ValueType {
  return { kind: "result", ...(ok === undefined ? {} : { ok }), ...(err === undefined ? {} : { err }) };
}

/** A namer that gives every declared type its own WIT name. */
export function typeNamer(): (type: ValueType) => ValueType {
  let count = 0;
  const nameOf = (kind: string): string => {
    count += 1;
    return `${kind}${count}`;
  };
  const named = (type: ValueType): ValueType => {
    if (type.kind === "record") {
      const fields = type.fields.map((field) => ({ name: field.name, type: named(field.type) }));
      return { ...type, name: nameOf("rec"), fields };
    }
    if (type.kind === "variant") {
      const cases = type.cases.map((one) =>
        one.type === undefined ? one : { name: one.name, type: named(one.type) },
      );
      return { ...type, name: nameOf("var"), cases };
    }
    if (type.kind === "enum") return { ...type, name: nameOf("enu") };
    if (type.kind === "flags") return { ...type, name: nameOf("fla") };
    if (type.kind === "list" || type.kind === "fixed-list" || type.kind === "option") {
      return { ...type, element: named(type.element) };
    }
    if (type.kind === "tuple") return { ...type, elements: type.elements.map(named) };
    if (type.kind === "result") {
      return resultOf(type.ok && named(type.ok), type.err && named(type.err));
    }
    return type;
  };
  return named;
}

/** The type of an echo function: one parameter comes back, several come back as a tuple. */
export function echoType(params: readonly ValueType[], paramNames: readonly string[] = []): FuncType {
  const only = params[0];
  const named = params.map((type, index) => ({ name: paramNames[index] ?? `x${index}`, type }));
  if (only === undefined) return { params: [] };
  return { params: named, result: params.length === 1 ? only : { kind: "tuple", elements: params } };
}

const CHARS: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 1 }) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 0xff }).map((code) => String.fromCodePoint(code)) },
  { weight: 2, arbitrary: fc.string({ unit: "binary", minLength: 1, maxLength: 1 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom("\0", "\u{feff}", "\u{7f}", "\u{80}", "\u{7ff}", "\u{800}", "\u{d7ff}"),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom("\u{e000}", "\u{fffd}", "\u{ffff}", "\u{10000}", "\u{10ffff}", "\u{1f600}"),
  },
);

const STRINGS: fc.Arbitrary<string> = fc.oneof(
  { weight: 1, arbitrary: fc.constant("") },
  { weight: 4, arbitrary: fc.string({ unit: CHARS, maxLength: 12 }) },
  { weight: 1, arbitrary: fc.string({ unit: "grapheme-ascii", maxLength: 80 }) },
  // Latin-1 up to the last character, where the encoding of `latin1+utf16` has to change its mind.
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.string({ unit: fc.constantFrom("a", "é", "ÿ"), maxLength: 40 }), CHARS)
      .map(([head, tail]) => head + tail),
  },
);

function primitive(kind: PrimitiveKind): fc.Arbitrary<Value> {
  switch (kind) {
    case "bool":
      return fc.boolean();
    case "s8":
      return fc.integer({ min: -0x80, max: 0x7f });
    case "u8":
      return fc.integer({ min: 0, max: 0xff });
    case "s16":
      return fc.integer({ min: -0x8000, max: 0x7fff });
    case "u16":
      return fc.integer({ min: 0, max: 0xffff });
    case "s32":
      return fc.integer();
    case "u32":
      return fc.integer({ min: 0, max: 0xffff_ffff });
    case "s64":
      return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    case "u64":
      return fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    case "f32":
      return fc.oneof(
        fc.float(),
        fc.constantFrom(Number.NaN, Infinity, -Infinity, 0, -0, 2 ** -149, Math.fround(3.402_823_466e38)),
      );
    case "f64":
      return fc.oneof(
        fc.double(),
        fc.constantFrom(Number.NaN, Infinity, -Infinity, 0, -0, Number.MIN_VALUE, Number.MAX_VALUE),
      );
    case "char":
      return CHARS;
    case "string":
      return STRINGS;
  }
}

/** Values of a type. Lists are short, and shorter the deeper they lie. */
export function arbitraryValue(type: ValueType, room = 6): fc.Arbitrary<Value> {
  const less = Math.max(1, room - 2);
  switch (type.kind) {
    case "list":
      return type.element.kind === "u8"
        ? fc.uint8Array({ maxLength: 40 })
        : fc.array(arbitraryValue(type.element, less), { maxLength: room });
    case "fixed-list": {
      const length = { minLength: type.length, maxLength: type.length };
      return type.element.kind === "u8"
        ? fc.uint8Array(length)
        : fc.array(arbitraryValue(type.element, less), length);
    }
    case "record":
      return fc
        .tuple(...type.fields.map((field) => arbitraryValue(field.type, less)))
        .map((values) => objectOf(type.fields.map((field, index) => [field.name, values[index] ?? null])));
    case "tuple":
      return fc.tuple(...type.elements.map((element) => arbitraryValue(element, less)));
    case "variant":
      return fc
        .constantFrom(...type.cases)
        .chain((one): fc.Arbitrary<Value> =>
          one.type === undefined
            ? fc.constant(one.name)
            : arbitraryValue(one.type, less).map((payload) => objectOf([[one.name, payload]])),
        );
    case "enum":
      return fc.constantFrom(...type.labels);
    case "option": {
      const nested = type.element.kind === "option";
      const some = arbitraryValue(type.element, room).map((value) =>
        nested ? objectOf([["some", value]]) : value,
      );
      return fc.oneof({ weight: 1, arbitrary: fc.constant(null) }, { weight: 3, arbitrary: some });
    }
    case "result": {
      const branch = (label: string, payload: ValueType | undefined): fc.Arbitrary<Value> =>
        (payload === undefined ? fc.constant(null) : arbitraryValue(payload, room)).map((value) =>
          objectOf([[label, value]]),
        );
      return fc.oneof(branch("ok", type.ok), branch("err", type.err));
    }
    case "flags":
      return fc.subarray([...type.labels]);
    case "own":
    case "borrow":
      // A rep: any number that a library may choose.
      return primitive("s32");
    case "bool":
    case "s8":
    case "u8":
    case "s16":
    case "u16":
    case "s32":
    case "u32":
    case "s64":
    case "u64":
    case "f32":
    case "f64":
    case "char":
    case "string":
      return primitive(type.kind);
  }
}

/** A null-prototype object with these own properties, whatever they are called. */
export function objectOf(entries: readonly (readonly [string, Value])[]): { [label: string]: Value } {
  const object: { [label: string]: Value } = Object.create(null);
  for (const [label, value] of entries) object[label] = value;
  return object;
}

/** Equal as WIT values: NaN equals NaN, zeros differ by sign, keys in any order. */
export function sameValue(a: Value | undefined, b: Value | undefined): boolean {
  if (a instanceof Uint8Array || b instanceof Uint8Array) {
    return a instanceof Uint8Array && b instanceof Uint8Array && Buffer.compare(a, b) === 0;
  }
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return Object.is(a, b);
  const left = Object.entries(a);
  const right = new Map(Object.entries(b));
  return (
    Array.isArray(a) === Array.isArray(b) &&
    left.length === right.size &&
    left.every(([label, value]) => right.has(label) && sameValue(value, right.get(label)))
  );
}
