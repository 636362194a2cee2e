/**
 * WIT as plain data: what the decoder gives, the linker compares and the ABI compiler walks.
 *
 * Types form a DAG, not a tree: one definition used in ten places is one object (structured clone keeps
 * the sharing), so every walk over types must memoise by identity or its cost is exponential for an
 * adversary. The decoder bounds depth, counts and the expanded size.
 */

/** A value type of the Component Model (Explainer.md, "Type Definitions"). */
export type ValueType =
  | PrimitiveType
  | ListType
  | FixedListType
  | RecordType
  | TupleType
  | VariantType
  | EnumType
  | OptionType
  | ResultType
  | FlagsType
  | HandleType;

export type PrimitiveKind =
  | "bool"
  | "s8"
  | "u8"
  | "s16"
  | "u16"
  | "s32"
  | "u32"
  | "s64"
  | "u64"
  | "f32"
  | "f64"
  | "char"
  | "string";

export interface PrimitiveType {
  readonly kind: PrimitiveKind;
}

/** `name` is the WIT name a type was declared under; it is for people and never decides equality. */
interface Named {
  readonly name?: string;
}

export interface ListType extends Named {
  readonly kind: "list";
  readonly element: ValueType;
}

/** `list<T, N>`: exactly `length` elements, stored inline. */
export interface FixedListType extends Named {
  readonly kind: "fixed-list";
  readonly element: ValueType;
  readonly length: number;
}

export interface RecordType extends Named {
  readonly kind: "record";
  readonly fields: readonly { readonly name: string; readonly type: ValueType }[];
}

export interface TupleType extends Named {
  readonly kind: "tuple";
  readonly elements: readonly ValueType[];
}

export interface VariantType extends Named {
  readonly kind: "variant";
  readonly cases: readonly { readonly name: string; readonly type?: ValueType }[];
}

export interface EnumType extends Named {
  readonly kind: "enum";
  readonly labels: readonly string[];
}

export interface OptionType extends Named {
  readonly kind: "option";
  readonly element: ValueType;
  /**
   * Reached through a `use` or as another name of a named option. It is the same type, but the C generator of
   * wit-bindgen passes it as a parameter in another way (`NATIVE-ABI.md`).
   */
  readonly isAlias?: true;
}

export interface ResultType extends Named {
  readonly kind: "result";
  readonly ok?: ValueType;
  readonly err?: ValueType;
}

export interface FlagsType extends Named {
  readonly kind: "flags";
  readonly labels: readonly string[];
}

/** `own<r>` or `borrow<r>`. */
export interface HandleType {
  readonly kind: "own" | "borrow";
  readonly resource: ResourceType;
}

/**
 * A resource type. Identity is the object within one `WorldType`; across worlds it is `interface` + `name`.
 * `interface` is absent for a resource of the world itself.
 */
export interface ResourceType {
  readonly interface?: string;
  readonly name: string;
}

export interface FuncType {
  readonly params: readonly { readonly name: string; readonly type: ValueType }[];
  readonly result?: ValueType;
}

/** What a function's mangled name says it is (Explainer.md, "Name Uniqueness": `[method]r.m` …). */
export type FuncRole =
  | { readonly kind: "freestanding" }
  | { readonly kind: "constructor"; readonly resource: string }
  | { readonly kind: "method" | "static"; readonly resource: string; readonly member: string };

export interface WitFunction {
  /** The name as in the binary: `greet`, `[constructor]r`, `[method]r.m`, `[static]r.m`. */
  readonly name: string;
  readonly role: FuncRole;
  readonly type: FuncType;
}

export interface InterfaceType {
  readonly functions: readonly WitFunction[];
  /** Resources that this interface itself defines (not those it `use`s). */
  readonly resources: readonly ResourceType[];
  /** Named types, for printing; `use`d ones included. */
  readonly types: readonly { readonly name: string; readonly type: ValueType }[];
}

/**
 * One import or export of a world or component. `name` is the full extern name: an interface id
 * (`ns:pkg/iface@1.0.0`) or a plain kebab name (`greet`, `store`).
 */
export type WorldItem =
  | {
      readonly kind: "interface";
      readonly name: string;
      readonly interface: InterfaceType;
      /** For a plainly named import of a declared interface (`import primary: ns:pkg/store;`): that interface's id. */
      readonly implements?: string;
    }
  | { readonly kind: "function"; readonly name: string; readonly function: WitFunction };

export interface WorldType {
  /** `example:interface/example-runtime@1.0.0` for a WIT world; the plain `root` for a component binary. */
  readonly name: string;
  readonly imports: readonly WorldItem[];
  readonly exports: readonly WorldItem[];
  /** Types and resources of the world itself, for printing; functions of the resources are among imports and exports. */
  readonly types?: InterfaceType["types"];
  readonly resources?: readonly ResourceType[];
}
