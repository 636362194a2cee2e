/** Random types with random values of them, for properties. Types are small; every kind comes up. */
import * as fc from "fast-check";
import type { Value } from "../../src/shared/value/types.ts";
import type { PrimitiveKind, ValueType } from "../../src/shared/wit/types.ts";

export interface TypedValue {
  readonly type: ValueType;
  readonly value: Value;
}

const PRIMITIVES: readonly PrimitiveKind[] = [
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
  "string",
];

/** Labels that have tripped somebody: keywords of WAVE and WIT, names of Object.prototype, odd but valid spellings. */
const LABELS: readonly string[] = [
  "a",
  "b2",
  "some",
  "none",
  "ok",
  "err",
  "true",
  "inf",
  "nan",
  "constructor",
  "value-of",
  "HTTP3",
  "method-GET",
  "record",
  "x-1",
];

const label = fc.constantFrom(...LABELS);
const labels = (maxLength: number): fc.Arbitrary<string[]> =>
  fc.uniqueArray(label, { minLength: 1, maxLength });

/** A case, whose payload may be left out (not: be `undefined`). */
function variantCase(name: string, type: ValueType | undefined): { name: string; type?: ValueType } {
  return type === undefined ? { name } : { name, type };
}

function resultType(ok: ValueType | undefined, err: ValueType | undefined): ValueType {
  return { kind: "result", ...(ok === undefined ? {} : { ok }), ...(err === undefined ? {} : { err }) };
}

function composite(inner: fc.Arbitrary<ValueType>): fc.Arbitrary<ValueType>[] {
  const maybe = fc.option(inner, { nil: undefined });
  const list = inner.map((element): ValueType => ({ kind: "list", element }));
  const fixedList = fc
    .tuple(inner, fc.integer({ min: 1, max: 3 }))
    .map(([element, length]): ValueType => ({ kind: "fixed-list", element, length }));
  const tuple = fc
    .array(inner, { minLength: 1, maxLength: 4 })
    .map((elements): ValueType => ({ kind: "tuple", elements }));
  const record = labels(4)
    .chain((names) => fc.tuple(...names.map((name) => inner.map((type) => ({ name, type })))))
    .map((fields): ValueType => ({ kind: "record", fields }));
  const variant = labels(4)
    .chain((names) => fc.tuple(...names.map((name) => maybe.map((type) => variantCase(name, type)))))
    .map((cases): ValueType => ({ kind: "variant", cases }));
  const option = inner.map((element): ValueType => ({ kind: "option", element }));
  const result = fc.tuple(maybe, maybe).map(([ok, err]) => resultType(ok, err));
  return [list, fixedList, tuple, record, variant, option, result];
}

/** A value type of at most `depth` levels. */
export function arbitraryType(depth = 3): fc.Arbitrary<ValueType> {
  const primitive = fc.constantFrom(...PRIMITIVES).map((kind): ValueType => ({ kind }));
  const leaf = fc.oneof(
    { weight: 6, arbitrary: primitive },
    { weight: 1, arbitrary: labels(6).map((names): ValueType => ({ kind: "enum", labels: names })) },
    { weight: 1, arbitrary: labels(12).map((names): ValueType => ({ kind: "flags", labels: names })) },
  );
  return depth <= 1 ? leaf : fc.oneof(leaf, ...composite(arbitraryType(depth - 1)));
}

const INTEGER_BITS = { s8: 8, u8: 8, s16: 16, u16: 16, s32: 32, u32: 32 } as const;

/** A value of the type, in the shape of `src/shared/value/types.ts`. */
export function arbitraryValue(type: ValueType): fc.Arbitrary<Value> {
  switch (type.kind) {
    case "bool":
      return fc.boolean();
    case "s8":
    case "s16":
    case "s32": {
      const half = 2 ** (INTEGER_BITS[type.kind] - 1);
      return fc.integer({ min: -half, max: half - 1 });
    }
    case "u8":
    case "u16":
    case "u32":
      return fc.integer({ min: 0, max: 2 ** INTEGER_BITS[type.kind] - 1 });
    case "s64":
      return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    case "u64":
      return fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    case "f32":
      return fc.float();
    case "f64":
      return fc.double();
    case "char":
      return fc.string({ unit: "binary", minLength: 1, maxLength: 1 });
    case "string":
      return fc.oneof(fc.string({ unit: "binary" }), fc.string());
    case "list":
      return type.element.kind === "u8"
        ? fc.uint8Array({ maxLength: 20 }).map((bytes) => Uint8Array.from(bytes))
        : fc.array(arbitraryValue(type.element), { maxLength: 4 });
    case "fixed-list":
      return fc.array(arbitraryValue(type.element), { minLength: type.length, maxLength: type.length });
    case "tuple":
      return fc.tuple(...type.elements.map(arbitraryValue));
    case "record":
      return fc.tuple(...type.fields.map((field) => arbitraryValue(field.type))).map((values) => {
        const record: Record<string, Value> = Object.create(null);
        for (const [index, field] of type.fields.entries()) record[field.name] = values[index] ?? null;
        return record;
      });
    case "variant":
      return fc.oneof(
        ...type.cases.map(({ name, type: payload }) =>
          payload === undefined
            ? fc.constant(name)
            : arbitraryValue(payload).map((value) => ({ [name]: value })),
        ),
      );
    case "enum":
      return fc.constantFrom(...type.labels);
    case "option": {
      const isNested = type.element.kind === "option";
      const some = arbitraryValue(type.element).map((value) => (isNested ? { some: value } : value));
      return fc.oneof(fc.constant(null), some);
    }
    case "result": {
      const payload = (of: ValueType | undefined): fc.Arbitrary<Value> =>
        of === undefined ? fc.constant(null) : arbitraryValue(of);
      return fc.oneof(
        payload(type.ok).map((ok) => ({ ok })),
        payload(type.err).map((err) => ({ err })),
      );
    }
    case "flags":
      return fc.subarray([...type.labels]);
    case "own":
    case "borrow":
      throw new TypeError("handles have no value form");
  }
}

/** A random type with a random value of it. */
export function arbitraryTypedValue(depth = 3): fc.Arbitrary<TypedValue> {
  return arbitraryType(depth).chain((type) => arbitraryValue(type).map((value) => ({ type, value })));
}
