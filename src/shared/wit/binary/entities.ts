/**
 * What an index of a component's index spaces stands for once its definition was evaluated: its type, and where it
 * is part of an instantiation and not only of a type, what to take at run time.
 */
import type { CoreItem, PlannedFunction } from "../../component-plan.ts";
import type { FuncType, ResourceType, ValueType } from "../types.ts";
import type { ComponentBinary, Definition } from "./sections.ts";

/** A construct that is known and refused, but only where an import or export needs it. */
export interface Unsupported {
  readonly kind: "unsupported";
  readonly construct: string;
  /** Where in the type it is: `param 2 "x"`, `field "y"`; outermost first. */
  readonly place: readonly string[];
  readonly offset: number;
}

/** A resource until it is named: it has no name before an import or export of the root shows it under one. */
export type ResourceEntity = { -readonly [Key in keyof ResourceType]: ResourceType[Key] };

export type FuncEntity =
  | {
      readonly kind: "func";
      readonly type: FuncType;
      /** Absent in types. */
      readonly value?: PlannedFunction;
    }
  | Unsupported;

/** How many entries of each outer-aliasable index space a definition can see from inside. */
export type Visible = Readonly<Record<"type" | "component" | "core-type" | "core-module", number>>;

/** A component or instance type: evaluated again each time it is used, since its resources are fresh each time. */
export interface DeclaringType {
  readonly kind: "component" | "instance";
  readonly declarations: readonly Definition[];
  readonly scope: Scope;
  readonly visible: Visible;
}

export type TypeEntity =
  | { readonly kind: "value"; readonly type: ValueType }
  | { readonly kind: "resource"; readonly resource: ResourceEntity }
  | { readonly kind: "func-type"; readonly func: FuncEntity }
  | DeclaringType
  | Unsupported;

export interface InstanceEntity {
  readonly kind: "instance";
  readonly exports: ReadonlyMap<string, ExternEntity>;
}

export type ComponentEntity = {
  readonly kind: "component";
  readonly definitions: ComponentBinary["definitions"];
  readonly scope: Scope | undefined;
  readonly visible: Visible;
};

/** What can be imported, exported and passed to an instantiation. */
export type ExternEntity =
  | { readonly kind: "func"; readonly func: FuncEntity }
  | { readonly kind: "type"; readonly type: TypeEntity }
  | { readonly kind: "instance"; readonly instance: InstanceEntity }
  | { readonly kind: "component"; readonly component: ComponentEntity }
  /** `module`: index into the plan's modules; absent in types. */
  | { readonly kind: "core-module"; readonly module?: number }
  | { readonly kind: "value" };

/** An import or export with everything its name says. */
export interface NamedEntity {
  readonly name: string;
  readonly implements?: string;
  readonly entity: ExternEntity;
  readonly offset: number;
}

export type CoreInstanceEntity =
  | { readonly kind: "instance"; readonly step: number }
  | { readonly kind: "items"; readonly items: ReadonlyMap<string, CoreItem> };

/** What core instances export, one index space each. */
export type CoreItemSpace = "core-func" | "core-table" | "core-memory" | "core-global" | "core-tag";

/** The index spaces of one component, component type or instance type. */
export class Scope {
  readonly parent: Scope | undefined;
  readonly parentVisible: Visible;
  readonly types: TypeEntity[] = [];
  /** Indices of the types that have a name already: imports, exports and aliases, as against definitions. */
  readonly namedTypes = new Set<number>();
  readonly funcs: FuncEntity[] = [];
  readonly instances: InstanceEntity[] = [];
  readonly components: ComponentEntity[] = [];
  readonly coreItems: Record<CoreItemSpace, CoreItem[]> = {
    "core-func": [],
    "core-table": [],
    "core-memory": [],
    "core-global": [],
    "core-tag": [],
  };
  /** Indices into the plan's modules; absent for those that only a type declares. */
  readonly coreModules: (number | undefined)[] = [];
  readonly coreInstances: CoreInstanceEntity[] = [];
  coreTypes = 0;
  values = 0;
  /** The component instance that this is the inside of; absent for types. */
  readonly instance: number | undefined;

  constructor(parent: Scope | undefined, parentVisible: Visible, instance?: number) {
    this.parent = parent;
    this.parentVisible = parentVisible;
    this.instance = instance;
  }

  snapshot(): Visible {
    return {
      type: this.types.length,
      component: this.components.length,
      "core-type": this.coreTypes,
      "core-module": this.coreModules.length,
    };
  }

  /** Appends an import, export or alias to its index space. */
  push(entity: ExternEntity): void {
    switch (entity.kind) {
      case "func":
        this.funcs.push(entity.func);
        return;
      case "type":
        this.namedTypes.add(this.types.length);
        this.types.push(entity.type);
        return;
      case "instance":
        this.instances.push(entity.instance);
        return;
      case "component":
        this.components.push(entity.component);
        return;
      case "core-module":
        this.coreModules.push(entity.module);
        return;
      case "value":
        this.values++;
        return;
    }
  }
}
