/**
 * How to instantiate a component, as plain data: everything that indices, aliases, nested components and
 * instantiation arguments stand for has been looked up. Types are shared objects (structured clone and
 * `v8.serialize` keep that), and a resource type is its object's identity.
 */
import type { FuncType, ResourceType } from "./wit/types.ts";
import type { StringEncoding } from "./wit/binary/sections.ts";

export type CoreItemSort = "func" | "table" | "memory" | "global" | "tag";

/** Something that a core instance exports. */
export interface CoreExport {
  readonly kind: "core-export";
  /** Index into `InstantiationPlan.steps`. */
  readonly step: number;
  readonly sort: CoreItemSort;
  readonly name: string;
}

/** Index into `InstantiationPlan.trampolines`. */
export interface TrampolineRef {
  readonly kind: "trampoline";
  readonly index: number;
}

export type CoreItem = CoreExport | TrampolineRef;

/** What one namespace of a core module's imports is. */
export type CoreArgument =
  /** All exports of a core instance. */
  | { readonly kind: "instance"; readonly step: number }
  | { readonly kind: "items"; readonly items: readonly { readonly name: string; readonly item: CoreItem }[] };

/** One core module to instantiate. Steps run in order. */
export interface InstantiationStep {
  /** Index into `InstantiationPlan.modules`. */
  readonly module: number;
  /** The component instance it belongs to. */
  readonly instance: number;
  readonly args: readonly { readonly name: string; readonly arg: CoreArgument }[];
}

/** `canonopt`s of a lift or lower, looked up. */
export interface PlannedOptions {
  readonly encoding: StringEncoding;
  readonly memory?: CoreExport;
  readonly realloc?: CoreItem;
  readonly postReturn?: CoreItem;
}

/** A core function lifted to a component function. */
export interface PlannedLift {
  /** The component instance that it runs in. */
  readonly instance: number;
  readonly core: CoreItem;
  readonly options: PlannedOptions;
  readonly type: FuncType;
}

/** A component function: one of the component's own imports, or a lift. */
export type PlannedFunction =
  | {
      readonly kind: "import";
      /** Extern name of the component's import. */
      readonly item: string;
      /** The function in it; absent where the import is the function itself. */
      readonly function?: string;
      readonly type: FuncType;
    }
  /** Index into `InstantiationPlan.lifts`. */
  | { readonly kind: "lift"; readonly lift: number };

/** A core function that the linker makes. */
export type Trampoline =
  | {
      readonly kind: "lower";
      readonly instance: number;
      readonly function: PlannedFunction;
      readonly options: PlannedOptions;
    }
  | {
      readonly kind: "resource.new" | "resource.drop" | "resource.rep";
      readonly instance: number;
      /** Index into `InstantiationPlan.resources`. */
      readonly resource: number;
    }
  /** Of the async proposals; interpreters import them without ever calling them. */
  | { readonly kind: "async-builtin"; readonly instance: number; readonly name: string };

/** A resource type of one instantiation. */
export type PlannedResource =
  | {
      readonly kind: "import";
      readonly type: ResourceType;
      /** Extern name of the component's import that declares it. */
      readonly item: string;
      /** Its name there; absent where the import is the type itself. */
      readonly name?: string;
    }
  | {
      readonly kind: "defined";
      readonly type: ResourceType;
      /** The component instance that implements it. */
      readonly instance: number;
      readonly destructor?: CoreItem;
    };

/** A function or an instance of functions that the component exports. */
export type PlannedExport =
  | { readonly kind: "function"; readonly name: string; readonly function: PlannedFunction }
  | {
      readonly kind: "interface";
      readonly name: string;
      readonly functions: readonly { readonly name: string; readonly function: PlannedFunction }[];
    };

export interface InstantiationPlan {
  /** The core modules' bytes in the component file; each is compiled once. */
  readonly modules: readonly { readonly start: number; readonly end: number }[];
  /** Component instances; the first is the component itself, `parent` is the one whose definition instantiates it. */
  readonly instances: readonly { readonly parent?: number }[];
  readonly resources: readonly PlannedResource[];
  readonly trampolines: readonly Trampoline[];
  readonly lifts: readonly PlannedLift[];
  readonly steps: readonly InstantiationStep[];
  readonly exports: readonly PlannedExport[];
}
