/**
 * A component binary as plain data, before any index is looked up: definitions in the order of the file
 * (Binary.md). Index spaces interleave, so the order is part of the meaning. Every item keeps the offset of its
 * first byte.
 */
import type { PrimitiveKind } from "../types.ts";

export type CoreSort = "func" | "table" | "memory" | "global" | "tag" | "type" | "module" | "instance";
export type ComponentSort = "func" | "value" | "type" | "component" | "instance";
export type Sort = ComponentSort | `core-${CoreSort}`;

/** What a value type's immediate says: a primitive, or an index into the type space. */
export type ValueTypeRef = PrimitiveKind | "error-context" | number;

export interface Labelled {
  readonly name: string;
  readonly type: ValueTypeRef;
}

/** `deftype`, Binary.md "Type Definitions". */
export type TypeShape =
  | { readonly kind: "primitive"; readonly primitive: PrimitiveKind | "error-context" }
  | { readonly kind: "record"; readonly fields: readonly Labelled[] }
  | {
      readonly kind: "variant";
      readonly cases: readonly { readonly name: string; readonly type?: ValueTypeRef }[];
    }
  | { readonly kind: "list" | "option"; readonly element: ValueTypeRef }
  | { readonly kind: "fixed-list"; readonly element: ValueTypeRef; readonly length: number }
  | { readonly kind: "tuple"; readonly elements: readonly ValueTypeRef[] }
  | { readonly kind: "flags" | "enum"; readonly labels: readonly string[] }
  | { readonly kind: "result"; readonly ok?: ValueTypeRef; readonly err?: ValueTypeRef }
  | { readonly kind: "own" | "borrow"; readonly resource: number }
  /** Part of the async proposals: refused where an import or export needs it. */
  | { readonly kind: "unsupported"; readonly construct: string }
  | {
      readonly kind: "func";
      readonly async: boolean;
      readonly params: readonly Labelled[];
      readonly result?: ValueTypeRef;
    }
  | { readonly kind: "component" | "instance"; readonly declarations: readonly Definition[] }
  | { readonly kind: "resource"; readonly destructor?: number };

export type ExternType =
  | { readonly kind: "func" | "component" | "instance" | "core-module"; readonly index: number }
  | {
      readonly kind: "type";
      readonly bound: { readonly kind: "eq"; readonly index: number } | { readonly kind: "resource" };
    }
  | { readonly kind: "value" };

export interface SortIndex {
  readonly sort: Sort;
  readonly index: number;
}

export interface NamedSortIndex extends SortIndex {
  readonly name: string;
}

export type AliasTarget =
  | { readonly kind: "export"; readonly instance: number; readonly name: string }
  | { readonly kind: "core-export"; readonly instance: number; readonly name: string }
  | { readonly kind: "outer"; readonly count: number; readonly index: number };

export type StringEncoding = "utf8" | "utf16" | "latin1+utf16";

export interface CanonOptions {
  readonly encoding?: StringEncoding;
  readonly memory?: number;
  readonly realloc?: number;
  readonly postReturn?: number;
  /** Part of the async proposals. */
  readonly async?: true;
}

export type Canon =
  | {
      readonly kind: "lift";
      readonly coreFunc: number;
      readonly options: CanonOptions;
      readonly type: number;
    }
  | { readonly kind: "lower"; readonly func: number; readonly options: CanonOptions }
  | { readonly kind: "resource.new" | "resource.drop" | "resource.rep"; readonly type: number }
  /** Defines a core function like the others; its immediates are left out. */
  | { readonly kind: "async-builtin"; readonly name: string };

export type CoreInstanceExpression =
  | {
      readonly kind: "instantiate";
      readonly module: number;
      readonly args: readonly { readonly name: string; readonly instance: number }[];
    }
  | { readonly kind: "exports"; readonly exports: readonly NamedSortIndex[] };

export type InstanceExpression =
  | { readonly kind: "instantiate"; readonly component: number; readonly args: readonly NamedSortIndex[] }
  | { readonly kind: "exports"; readonly exports: readonly NamedSortIndex[] };

/** An extern name and the attributes that matter here. */
export interface ExternName {
  readonly name: string;
  /** The interface that a plainly named instance implements. */
  readonly implements?: string;
}

export interface CoreFuncType {
  readonly kind: "func";
  readonly params: readonly number[];
  readonly results: readonly number[];
}

type DefinitionShape =
  /** Bytes `start` to `end` are a core module. */
  | { readonly kind: "core-module"; readonly start: number; readonly end: number }
  | { readonly kind: "core-instance"; readonly expression: CoreInstanceExpression }
  | { readonly kind: "core-type"; readonly type: CoreFuncType | { readonly kind: "module" } }
  | { readonly kind: "component"; readonly component: ComponentBinary }
  | { readonly kind: "instance"; readonly expression: InstanceExpression }
  | { readonly kind: "alias"; readonly sort: Sort; readonly target: AliasTarget }
  | { readonly kind: "type"; readonly type: TypeShape }
  | { readonly kind: "canon"; readonly canon: Canon }
  | { readonly kind: "import"; readonly name: ExternName; readonly type: ExternType }
  | {
      readonly kind: "export";
      readonly name: ExternName;
      readonly item: SortIndex;
      readonly type?: ExternType;
    }
  /** An export of a component or instance *type*: it declares, it does not define. */
  | { readonly kind: "export-declaration"; readonly name: ExternName; readonly type: ExternType };

export type Definition = DefinitionShape & { readonly offset: number };

export interface ComponentBinary {
  readonly start: number;
  readonly end: number;
  readonly definitions: readonly Definition[];
}
