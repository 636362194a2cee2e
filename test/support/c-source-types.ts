/**
 * C types of WIT types by `NATIVE-ABI.md`, under the very names that `wit-bindgen c` gives them
 * (`crates/c`: push_type_name, push_ty_name, is_prim_type, to_c_ident), so that its header and what is
 * printed here can be compiled together.
 */
import type { PrimitiveKind, ValueType } from "../../src/shared/wit/types.ts";

/** Where names live: world-wide (strings, anonymous types of primitives) or in one interface. */
export interface CNamespace {
  readonly world: string;
  readonly interface: string;
}

const PRIMITIVES: Record<
  Exclude<PrimitiveKind, "string">,
  { readonly c: string; readonly encoded: string }
> = {
  bool: { c: "bool", encoded: "bool" },
  s8: { c: "int8_t", encoded: "s8" },
  u8: { c: "uint8_t", encoded: "u8" },
  s16: { c: "int16_t", encoded: "s16" },
  u16: { c: "uint16_t", encoded: "u16" },
  s32: { c: "int32_t", encoded: "s32" },
  u32: { c: "uint32_t", encoded: "u32" },
  s64: { c: "int64_t", encoded: "s64" },
  u64: { c: "uint64_t", encoded: "u64" },
  f32: { c: "float", encoded: "f32" },
  f64: { c: "double", encoded: "f64" },
  char: { c: "uint32_t", encoded: "char32" },
};

/** Words that wit-bindgen escapes with a trailing underscore: keywords of C and C++, and three macros. */
const RESERVED = new Set(
  `alignas alignof and and_eq asm atomic_cancel atomic_commit atomic_noexcept auto bitand bitor bool break case
  catch char char8_t char16_t char32_t class compl concept const consteval constexpr constinit const_cast continue
  co_await co_return co_yield decltype default delete do double dynamic_cast else enum explicit export extern false
  float for friend goto if inline int long mutable namespace new noexcept not not_eq nullptr operator or or_eq
  private protected public reflexpr register reinterpret_cast requires return short signed sizeof static
  static_assert static_cast struct switch synchronized template this thread_local throw true try typedef typeid
  typename union unsigned using virtual void volatile wchar_t while xor xor_eq ret err stdin stdout stderr`.split(
    /\s+/,
  ),
);

export function snakeCase(name: string): string {
  return name.replaceAll("-", "_").toLowerCase();
}

export function cIdentifier(name: string): string {
  return RESERVED.has(name) ? `${name}_` : snakeCase(name);
}

/** Passed and returned by value. */
export function isScalar(type: ValueType): boolean {
  switch (type.kind) {
    case "string":
    case "list":
    case "fixed-list":
    case "record":
    case "tuple":
    case "variant":
    case "option":
    case "result":
      return false;
    case "enum":
    case "flags":
    case "own":
    case "borrow":
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
      return true;
  }
}

export function cTypeName(type: ValueType, space: CNamespace): string {
  switch (type.kind) {
    case "string":
      return `${space.world}_string_t`;
    case "own":
    case "borrow":
    case "list":
    case "fixed-list":
    case "tuple":
    case "option":
    case "result":
    case "record":
    case "variant":
    case "enum":
    case "flags": {
      const prefix = isWorldWide(type) ? space.world : space.interface;
      return `${prefix}_${encodedName(type)}_t`;
    }
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
      return PRIMITIVES[type.kind].c;
  }
}

/** An anonymous type made of primitives and strings only: one definition serves all interfaces of a world. */
function isWorldWide(type: ValueType): boolean {
  if ("name" in type && type.name !== undefined) return false;
  switch (type.kind) {
    case "list":
    case "option":
    case "fixed-list":
      return isWorldWide(type.element);
    case "tuple":
      return type.elements.every(isWorldWide);
    case "record":
    case "variant":
    case "enum":
    case "flags":
    case "result":
    case "own":
    case "borrow":
      return false;
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
      return true;
  }
}

function encodedName(type: ValueType): string {
  if ("name" in type && type.name !== undefined) return snakeCase(type.name);
  switch (type.kind) {
    case "string":
      return "string";
    case "list":
      return `list_${encodedName(type.element)}`;
    case "fixed-list":
      return `fixed${type.length}_${encodedName(type.element)}`;
    case "option":
      return `option_${encodedName(type.element)}`;
    case "tuple":
      return [`tuple${type.elements.length}`, ...type.elements.map(encodedName)].join("_");
    case "result":
      return `result_${type.ok === undefined ? "void" : encodedName(type.ok)}_${
        type.err === undefined ? "void" : encodedName(type.err)
      }`;
    case "own":
    case "borrow":
      return `${type.kind}_${snakeCase(type.resource.name)}`;
    case "record":
    case "variant":
    case "enum":
    case "flags":
      throw new TypeError(`a ${type.kind} needs a name`);
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
      return PRIMITIVES[type.kind].encoded;
  }
}

/** `uint8_t` up to 256 cases, then `uint16_t`, then `uint32_t`. */
export function tagType(cases: number): string {
  if (cases <= 2 ** 8) return "uint8_t";
  return cases <= 2 ** 16 ? "uint16_t" : "uint32_t";
}

export function flagsType(labels: number): string {
  if (labels <= 8) return "uint8_t";
  return labels <= 16 ? "uint16_t" : "uint32_t";
}

/** A member of a struct (or of its `val` union): its C type and the path from the struct. */
export interface CMember {
  readonly type: ValueType;
  readonly path: string;
}

/** The members that hold further values, in order; for lists see `element`. */
export function membersOf(type: ValueType): readonly CMember[] {
  if (type.kind === "record") {
    return type.fields.map((field) => ({ type: field.type, path: cIdentifier(field.name) }));
  }
  if (type.kind === "tuple") {
    return type.elements.map((element, index) => ({ type: element, path: `f${index}` }));
  }
  if (type.kind === "variant") {
    return type.cases.flatMap((one) =>
      one.type === undefined ? [] : [{ type: one.type, path: `val.${cIdentifier(one.name)}` }],
    );
  }
  if (type.kind === "option") return [{ type: type.element, path: "val" }];
  if (type.kind !== "result") return [];
  return [
    ...(type.ok === undefined ? [] : [{ type: type.ok, path: "val.ok" }]),
    ...(type.err === undefined ? [] : [{ type: type.err, path: "val.err" }]),
  ];
}

/** Types directly inside a type. */
export function childrenOf(type: ValueType): readonly ValueType[] {
  if (type.kind === "list" || type.kind === "fixed-list") return [type.element];
  return membersOf(type).map((member) => member.type);
}

/** The typedef of one type, without those it depends on; empty for primitives. */
export function typedefOf(type: ValueType, space: CNamespace): string {
  const name = cTypeName(type, space);
  const member = (inner: ValueType, label: string): string => `${cTypeName(inner, space)} ${label};`;
  switch (type.kind) {
    case "string":
      return `typedef struct { uint8_t *ptr; size_t len; } ${name};`;
    case "list":
      return `typedef struct { ${member(type.element, "*ptr")} size_t len; } ${name};`;
    case "fixed-list":
      return `typedef struct { ${member(type.element, `items[${type.length}]`)} } ${name};`;
    case "record":
      return `typedef struct { ${type.fields.map((field) => member(field.type, cIdentifier(field.name))).join(" ")} } ${name};`;
    case "tuple":
      return `typedef struct { ${type.elements.map((element, index) => member(element, `f${index}`)).join(" ")} } ${name};`;
    case "variant": {
      const payloads = type.cases.flatMap((one) =>
        one.type === undefined ? [] : [member(one.type, cIdentifier(one.name))],
      );
      return `typedef struct { ${tagType(type.cases.length)} tag; ${unionOf(payloads)} } ${name};`;
    }
    case "option":
      return `typedef struct { bool is_some; ${member(type.element, "val")} } ${name};`;
    case "result": {
      const payloads = [
        ...(type.ok === undefined ? [] : [member(type.ok, "ok")]),
        ...(type.err === undefined ? [] : [member(type.err, "err")]),
      ];
      return `typedef struct { bool is_err; ${unionOf(payloads)} } ${name};`;
    }
    case "enum":
      return `typedef ${tagType(type.labels.length)} ${name};`;
    case "flags":
      return `typedef ${flagsType(type.labels.length)} ${name};`;
    case "own":
    case "borrow":
      return `typedef struct { int32_t __handle; } ${name};`;
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
      return "";
  }
}

function unionOf(members: readonly string[]): string {
  return members.length === 0 ? "" : `union { ${members.join(" ")} } val;`;
}
