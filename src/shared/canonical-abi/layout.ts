/**
 * Size, alignment and offsets of value types in memory (CanonicalABI.md, "Alignment" and "Element Size").
 *
 * One set of rules serves both sides: with 4-byte pointers it is the guest's linear memory, with 8-byte
 * pointers it is the C ABI on LP64 targets, because the Canonical ABI's records and variants are C structs
 * and tagged unions with natural alignment. Every layout is memoised by type identity: types are a DAG.
 */
import { HostbundleError } from "../errors.ts";
import type { ValueType } from "../wit/types.ts";

/** Bytes of a pointer: 4 in a wasm32 memory, 8 in native memory. */
export type PointerSize = 4 | 8;

/** Labels a flags type may have at most (CanonicalABI.md, `alignment_flags`). */
export const MAX_FLAGS = 32;

/** A 32-bit memory has no more. */
const MAX_FIXED_BYTES = 2 ** 32;

/** In bytes. `align` is 1, 2, 4 or 8. */
export interface Layout {
  readonly size: number;
  readonly align: number;
}

/** A case of a variant, option or result as the despecialised variant sees it. */
export type PayloadCases = readonly (ValueType | undefined)[];

const memo: Record<PointerSize, WeakMap<ValueType, Layout>> = { 4: new WeakMap(), 8: new WeakMap() };

/** Size and alignment of a type, in bytes. */
export function layoutOf(type: ValueType, pointer: PointerSize): Layout {
  const known = memo[pointer].get(type);
  if (known !== undefined) return known;
  const layout = computeLayout(type, pointer);
  memo[pointer].set(type, layout);
  return layout;
}

/** Offsets of the members of a record, tuple or parameter list, in bytes. */
export function fieldOffsets(members: readonly ValueType[], pointer: PointerSize): number[] {
  let offset = 0;
  return members.map((member) => {
    const layout = layoutOf(member, pointer);
    const at = alignTo(offset, layout.align);
    offset = at + layout.size;
    return at;
  });
}

/** Size and alignment of a struct with these members (`elem_size_record`). */
export function structLayout(members: readonly ValueType[], pointer: PointerSize): Layout {
  let size = 0;
  let align = 1;
  for (const member of members) {
    const layout = layoutOf(member, pointer);
    size = alignTo(size, layout.align) + layout.size;
    align = Math.max(align, layout.align);
  }
  return { size: alignTo(size, align), align };
}

/** Where the payload of a variant begins, in bytes (`max_case_alignment`). */
export function payloadOffset(cases: PayloadCases, pointer: PointerSize): number {
  return alignTo(discriminantSize(cases.length), maxCaseAlignment(cases, pointer));
}

/** Bytes of the discriminant of a variant or enum with that many cases (`discriminant_type`). */
export function discriminantSize(cases: number): 1 | 2 | 4 {
  if (cases <= 0x100) return 1;
  return cases <= 0x10000 ? 2 : 4;
}

/** Bytes of a flags type with that many labels (`elem_size_flags`). */
export function flagsSize(labels: number): 1 | 2 | 4 {
  if (labels > MAX_FLAGS) {
    throw new HostbundleError(
      "WIT_INVALID",
      `a flags type has ${labels} labels, the Component Model allows ${MAX_FLAGS}`,
    );
  }
  if (labels <= 8) return 1;
  return labels <= 16 ? 2 : 4;
}

/** The next multiple of `align` (a power of two) at or after `offset`. */
export function alignTo(offset: number, align: number): number {
  return Math.ceil(offset / align) * align;
}

/** The payloads of a variant, option or result in case order (`despecialize`); absent for other types. */
export function payloadCases(type: ValueType): PayloadCases | undefined {
  switch (type.kind) {
    case "variant":
      return type.cases.map((each) => each.type);
    case "option":
      return [undefined, type.element];
    case "result":
      return [type.ok, type.err];
    default:
      return undefined;
  }
}

/** The members of a record or tuple in order; absent for other types. */
export function structMembers(type: ValueType): readonly ValueType[] | undefined {
  switch (type.kind) {
    case "record":
      return type.fields.map((field) => field.type);
    case "tuple":
      return type.elements;
    default:
      return undefined;
  }
}

function computeLayout(type: ValueType, pointer: PointerSize): Layout {
  switch (type.kind) {
    case "bool":
    case "s8":
    case "u8":
      return scalar(1);
    case "s16":
    case "u16":
      return scalar(2);
    case "s32":
    case "u32":
    case "f32":
    case "char":
    case "own":
    case "borrow":
      return scalar(4);
    case "s64":
    case "u64":
    case "f64":
      return scalar(8);
    case "string":
    case "list":
      return { size: 2 * pointer, align: pointer };
    case "fixed-list": {
      const element = layoutOf(type.element, pointer);
      const size = type.length * element.size;
      // Nested, lengths multiply: beyond the range of exact numbers no later check of a size would hold.
      if (size > MAX_FIXED_BYTES) {
        throw new HostbundleError(
          "WIT_INVALID",
          `a list of fixed length ${type.length} takes ${size} bytes, more than a memory has`,
        );
      }
      return { size, align: element.align };
    }
    case "record":
      return structLayout(
        type.fields.map((field) => field.type),
        pointer,
      );
    case "tuple":
      return structLayout(type.elements, pointer);
    case "variant":
      return variantLayout(
        type.cases.map((each) => each.type),
        pointer,
      );
    case "option":
      return variantLayout([undefined, type.element], pointer);
    case "result":
      return variantLayout([type.ok, type.err], pointer);
    case "enum":
      return scalar(discriminantSize(type.labels.length));
    case "flags":
      return scalar(flagsSize(type.labels.length));
  }
}

function scalar(size: number): Layout {
  return { size, align: size };
}

/** `elem_size_variant` and `alignment_variant`. */
function variantLayout(cases: PayloadCases, pointer: PointerSize): Layout {
  let size = 0;
  for (const payload of cases)
    if (payload !== undefined) size = Math.max(size, layoutOf(payload, pointer).size);
  const align = Math.max(discriminantSize(cases.length), maxCaseAlignment(cases, pointer));
  return { size: alignTo(payloadOffset(cases, pointer) + size, align), align };
}

function maxCaseAlignment(cases: PayloadCases, pointer: PointerSize): number {
  let align = 1;
  for (const payload of cases)
    if (payload !== undefined) align = Math.max(align, layoutOf(payload, pointer).align);
  return align;
}
