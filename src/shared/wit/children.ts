import type { HandleType, PrimitiveKind, PrimitiveType, ValueType } from "./types.ts";

/** Types made of other types or labels; a name can be given to them. */
export type CompoundType = Exclude<ValueType, PrimitiveType | HandleType>;

const PRIMITIVE_KINDS: Readonly<Record<PrimitiveKind, true>> = {
  bool: true,
  s8: true,
  u8: true,
  s16: true,
  u16: true,
  s32: true,
  u32: true,
  s64: true,
  u64: true,
  f32: true,
  f64: true,
  char: true,
  string: true,
};

export function isPrimitive(type: ValueType): type is PrimitiveType {
  return type.kind in PRIMITIVE_KINDS;
}

/** Whether a declaration's name stays with the type: primitives are one object each, handles belong to a resource. */
export function isCompound(type: ValueType): type is CompoundType {
  return !isPrimitive(type) && type.kind !== "own" && type.kind !== "borrow";
}

/** The types a type is made of, in order. */
export function childrenOf(type: ValueType): readonly ValueType[] {
  if (!isCompound(type)) return [];
  switch (type.kind) {
    case "list":
    case "fixed-list":
    case "option":
      return [type.element];
    case "record":
      return type.fields.map((field) => field.type);
    case "tuple":
      return type.elements;
    case "variant":
      return type.cases.flatMap((item) => item.type ?? []);
    case "result":
      return [type.ok, type.err].flatMap((item) => item ?? []);
    case "enum":
    case "flags":
      return [];
  }
}
