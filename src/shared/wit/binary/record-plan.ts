/** Collects what instantiating a component takes, while the evaluator walks over its definitions. */
import type {
  CoreArgument,
  CoreExport,
  CoreItem,
  InstantiationPlan,
  InstantiationStep,
  PlannedExport,
  PlannedFunction,
  PlannedLift,
  PlannedOptions,
  PlannedResource,
  Trampoline,
} from "../../component-plan.ts";
import { childrenOf } from "../children.ts";
import type { FuncType, ValueType } from "../types.ts";
import type {
  CoreInstanceEntity,
  ExternEntity,
  FuncEntity,
  NamedEntity,
  ResourceEntity,
} from "./entities.ts";
import { LIMITS } from "./limits.ts";
import type { Trail } from "./trail.ts";

/** Why our own linker does not take a component that may be a good one. */
export interface Refusal {
  readonly reason: string;
  /** Byte of the component that it is about. */
  readonly offset: number;
}

/** How to instantiate a component, or why our own linker does not and jco must. */
export type Linking =
  | { readonly kind: "own"; readonly plan: InstantiationPlan }
  | { readonly kind: "jco"; readonly refusal: Refusal };

export class PlanRecorder {
  #refusal: Refusal | undefined;
  readonly #trail: Trail;
  readonly #modules: { start: number; end: number }[] = [];
  readonly #moduleAt = new Map<number, number>();
  readonly #instances: { parent?: number }[] = [];
  readonly #resources: PlannedResource[] = [];
  readonly #resourceIndices = new Map<object, number>();
  readonly #trampolines: Trampoline[] = [];
  readonly #lifts: PlannedLift[] = [];
  readonly #steps: InstantiationStep[] = [];
  readonly #arguments = new Map<CoreInstanceEntity, CoreArgument>();
  #itemsGiven = 0;

  constructor(trail: Trail) {
    this.#trail = trail;
  }

  /** Notes what our own linker cannot do; only the first is kept. */
  refuse(reason: string, offset: number): void {
    this.#refusal ??= { reason, offset };
  }

  module(start: number, end: number): number {
    const known = this.#moduleAt.get(start);
    if (known !== undefined) return known;
    this.#moduleAt.set(start, this.#modules.length);
    return this.#modules.push({ start, end }) - 1;
  }

  instance(parent: number | undefined, offset: number): number {
    if (this.#instances.length >= LIMITS.instances)
      this.#trail.fail(`more than ${LIMITS.instances} component instances`, offset);
    return this.#instances.push(parent === undefined ? {} : { parent }) - 1;
  }

  step(
    module: number,
    instance: number,
    args: readonly { readonly name: string; readonly instance: CoreInstanceEntity }[],
    offset: number,
  ): CoreInstanceEntity {
    if (this.#steps.length >= LIMITS.instances)
      this.#trail.fail(`more than ${LIMITS.instances} core instances`, offset);
    const named = args.map((arg) => ({ name: arg.name, arg: this.#coreArgument(arg.instance, offset) }));
    return { kind: "instance", step: this.#steps.push({ module, instance, args: named }) - 1 };
  }

  /** Shared by all that are given the same instance: a plan is no larger than the component it is of. */
  #coreArgument(instance: CoreInstanceEntity, offset: number): CoreArgument {
    if (instance.kind === "instance") return instance;
    // Each time it is given, an object of that many properties is made.
    this.#itemsGiven += instance.items.size;
    if (this.#itemsGiven > LIMITS.items)
      this.#trail.fail(`core modules are given more than ${LIMITS.items} items`, offset);
    const known = this.#arguments.get(instance);
    if (known !== undefined) return known;
    const items = Array.from(instance.items, ([name, item]) => ({ name, item }));
    const argument: CoreArgument = { kind: "items", items };
    this.#arguments.set(instance, argument);
    return argument;
  }

  /** An import of the component itself: its functions and resources are the host's. */
  rootImport(name: string, entity: ExternEntity, offset: number): ExternEntity {
    switch (entity.kind) {
      case "func":
        return { kind: "func", func: imported(entity.func, { item: name }) };
      case "type":
        if (entity.type.kind === "resource") this.#importResource(entity.type.resource, name, undefined);
        return entity;
      case "instance": {
        const exports = new Map<string, ExternEntity>();
        for (const [member, value] of entity.instance.exports) {
          if (value.kind === "type" && value.type.kind === "resource")
            this.#importResource(value.type.resource, name, member);
          exports.set(
            member,
            value.kind === "func"
              ? { kind: "func", func: imported(value.func, { item: name, function: member }) }
              : value,
          );
        }
        return { kind: "instance", instance: { kind: "instance", exports } };
      }
      case "component":
      case "core-module":
      case "value":
        this.refuse(`it imports a ${entity.kind.replace("-", " ")}`, offset);
        return entity;
    }
  }

  #importResource(resource: ResourceEntity, item: string, name: string | undefined): void {
    // Another import may `use` what an earlier one declares.
    if (this.#resourceIndices.has(resource)) return;
    this.#resourceIndices.set(resource, this.#resources.length);
    this.#resources.push({ kind: "import", type: resource, item, ...(name === undefined ? {} : { name }) });
  }

  defineResource(resource: ResourceEntity, instance: number, destructor: CoreItem | undefined): void {
    this.#resourceIndices.set(resource, this.#resources.length);
    this.#resources.push({
      kind: "defined",
      type: resource,
      instance,
      ...(destructor === undefined ? {} : { destructor }),
    });
  }

  lift(lift: PlannedLift): PlannedFunction {
    return { kind: "lift", lift: this.#lifts.push(lift) - 1 };
  }

  trampoline(trampoline: Trampoline): CoreItem {
    return { kind: "trampoline", index: this.#trampolines.push(trampoline) - 1 };
  }

  /** `canon resource.*`: only what an instantiation made or imports has handles. */
  resourceTrampoline(
    kind: "resource.new" | "resource.drop" | "resource.rep",
    resource: ResourceEntity,
    instance: number,
    offset: number,
  ): CoreItem {
    const index = this.#resourceIndices.get(resource);
    if (index === undefined) {
      this.refuse(`canon ${kind} of a resource type that no instance defines`, offset);
      return this.trampoline({ kind: "async-builtin", instance, name: kind });
    }
    const planned = this.#resources[index];
    if (kind !== "resource.drop" && (planned?.kind !== "defined" || planned.instance !== instance))
      this.#trail.fail(`canon ${kind}: the resource is not defined by this component`, offset);
    return this.trampoline({ kind, instance, resource: index });
  }

  /** The plan, once all definitions were seen. */
  finish(exports: readonly NamedEntity[]): Linking {
    const planned = exports.flatMap((item): PlannedExport[] => {
      if (item.entity.kind === "func") {
        const func = this.#exported(item.entity.func, item.offset);
        return func === undefined ? [] : [{ kind: "function", name: item.name, function: func }];
      }
      if (item.entity.kind !== "instance") return [];
      const functions = [...item.entity.instance.exports].flatMap(([name, value]) => {
        const func = value.kind === "func" ? this.#exported(value.func, item.offset) : undefined;
        return func === undefined ? [] : [{ name, function: func }];
      });
      return [{ kind: "interface", name: item.name, functions }];
    });
    this.#checkResources();
    if (this.#refusal !== undefined) return { kind: "jco", refusal: this.#refusal };
    const plan = {
      modules: this.#modules,
      instances: this.#instances,
      resources: this.#resources,
      trampolines: this.#trampolines,
      lifts: this.#lifts,
      steps: this.#steps,
      exports: planned,
    };
    return { kind: "own", plan };
  }

  #exported(func: FuncEntity, offset: number): PlannedFunction | undefined {
    if (func.kind === "unsupported") return undefined;
    if (func.value?.kind !== "lift") this.refuse("it exports a function that it imports", offset);
    return func.value;
  }

  /** Every handle in a signature that will be compiled is of a resource that has an index. */
  #checkResources(): void {
    const seen = new Set<ValueType>();
    const visit = (type: ValueType): void => {
      if (seen.has(type)) return;
      seen.add(type);
      if ((type.kind === "own" || type.kind === "borrow") && !this.#resourceIndices.has(type.resource))
        this.refuse("a function takes or gives handles of a resource that no instance defines", 0);
      for (const child of childrenOf(type)) visit(child);
    };
    for (const { type } of this.#functions()) {
      for (const param of type.params) visit(param.type);
      if (type.result !== undefined) visit(type.result);
    }
  }

  *#functions(): Iterable<{ readonly type: FuncType }> {
    yield* this.#lifts;
    for (const trampoline of this.#trampolines) {
      if (trampoline.kind === "lower" && trampoline.function.kind === "import") yield trampoline.function;
    }
  }
}

/** `undefined` members are left out: the plan is compared and stored. */
export function plannedOptions(options: {
  readonly encoding: PlannedOptions["encoding"];
  readonly memory: CoreExport | undefined;
  readonly realloc: CoreItem | undefined;
  readonly postReturn: CoreItem | undefined;
}): PlannedOptions {
  const { encoding, memory, realloc, postReturn } = options;
  return {
    encoding,
    ...(memory === undefined ? {} : { memory }),
    ...(realloc === undefined ? {} : { realloc }),
    ...(postReturn === undefined ? {} : { postReturn }),
  };
}

function imported(func: FuncEntity, path: { readonly item: string; readonly function?: string }): FuncEntity {
  if (func.kind === "unsupported") return func;
  return { ...func, value: { kind: "import", ...path, type: func.type } };
}
