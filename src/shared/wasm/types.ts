/** The types of a core module's imports and exports (WebAssembly, "External Types"). */

/** A value type as the text format prints it: `i32`, `funcref`, `(ref null 3)`. */
export type CoreValueType = string;

export interface CoreFuncType {
  readonly params: readonly CoreValueType[];
  readonly results: readonly CoreValueType[];
  /**
   * Whether another module's function type is the same type just when it prints the same. It is not for members
   * of a larger recursion group, for subtypes, and where a module's own type index is in it.
   */
  readonly isStructural: boolean;
}

/** Bounds of a memory in pages, of a table in elements. Above 2^53 they are only approximate. */
export interface CoreLimits {
  readonly min: number;
  readonly max?: number;
  readonly isShared: boolean;
  /** Addressed by `i64`. */
  readonly is64: boolean;
  /** Base-2 logarithm of the size of a page; absent: 16. */
  readonly pageSizeLog2?: number;
}

export interface CoreTableType {
  readonly element: CoreValueType;
  readonly limits: CoreLimits;
}

export interface CoreGlobalType {
  readonly value: CoreValueType;
  readonly isMutable: boolean;
}

/** What is imported or exported. Without a `type` it is there, but its type is none that is known here. */
export type CoreExtern =
  | { readonly kind: "func"; readonly type?: CoreFuncType }
  | { readonly kind: "table"; readonly type?: CoreTableType }
  | { readonly kind: "memory"; readonly type?: CoreLimits }
  | { readonly kind: "global"; readonly type?: CoreGlobalType }
  | { readonly kind: "tag"; readonly type?: CoreFuncType };

export interface CoreModuleImport {
  readonly namespace: string;
  readonly name: string;
  readonly extern: CoreExtern;
  /** Its first byte in the file. */
  readonly offset: number;
}

export interface CoreModuleExport {
  readonly extern: CoreExtern;
  /** Its first byte in the file. */
  readonly offset: number;
}

export interface CoreModule {
  /** Its first byte in the file. */
  readonly start: number;
  readonly imports: readonly CoreModuleImport[];
  /** The memories it defines. */
  readonly memories: readonly CoreLimits[];
  /** Elements that the tables it defines have at first, together. */
  readonly tableElements: number;
  readonly exports: ReadonlyMap<string, CoreModuleExport>;
}
