/** The core side of a component: core instances, and the functions that cross between core and component level. */
import type { CoreExport, CoreItem } from "../../component-plan.ts";
import type { CoreInstanceEntity, FuncEntity, Scope } from "./entities.ts";
import { ASYNC_FUNCTION } from "./evaluate-types.ts";
import { isCoreItem, type Lookup } from "./lookup.ts";
import { type PlanRecorder, plannedOptions } from "./record-plan.ts";
import type { Canon, CanonOptions, CoreInstanceExpression, NamedSortIndex } from "./sections.ts";
import { quote, type Trail } from "./trail.ts";

export class CoreEvaluator {
  readonly #plan: PlanRecorder;
  readonly #lookup: Lookup;
  readonly #trail: Trail;
  readonly #step: (offset: number, cost: number) => void;

  /** `step` counts what evaluating costs. */
  constructor(plan: PlanRecorder, lookup: Lookup, step: (offset: number, cost: number) => void) {
    this.#plan = plan;
    this.#lookup = lookup;
    this.#trail = lookup.trail;
    this.#step = step;
  }

  /** `core:instance` */
  instance(expression: CoreInstanceExpression, scope: Scope, offset: number): void {
    scope.coreInstances.push(this.#instance(expression, scope, offset));
  }

  #instance(expression: CoreInstanceExpression, scope: Scope, offset: number): CoreInstanceEntity {
    if (expression.kind === "exports") return this.#items(expression.exports, scope, offset);
    const { module: index } = expression;
    this.#lookup.check("core-module", index, scope, offset);
    this.#step(offset, expression.args.length);
    const args = new Map<string, CoreInstanceEntity>();
    for (const { name, instance: given } of expression.args) {
      const instance =
        scope.coreInstances[given] ?? this.#lookup.outOfRange("core-instance", given, scope, offset);
      if (args.has(name)) this.#trail.fail(`the name ${quote(name)} occurs twice`, offset);
      args.set(name, instance);
    }
    const module = scope.coreModules[index];
    // A module that only a type declares: nothing will be instantiated.
    if (module === undefined || scope.instance === undefined) {
      this.#plan.refuse("it instantiates a core module that it imports", offset);
      return { kind: "items", items: new Map() };
    }
    const named = Array.from(args, ([name, instance]) => ({ name, instance }));
    return this.#plan.step(module, scope.instance, named, offset);
  }

  #items(exports: readonly NamedSortIndex[], scope: Scope, offset: number): CoreInstanceEntity {
    this.#step(offset, exports.length);
    const items = new Map<string, CoreItem>();
    for (const { name, sort, index } of exports) {
      if (!isCoreItem(sort))
        return this.#trail.fail(`a ${sort.replace("-", " ")} cannot be in a core instance`, offset);
      if (items.has(name)) this.#trail.fail(`the name ${quote(name)} occurs twice`, offset);
      items.set(name, this.#lookup.coreItem(sort, index, scope, offset));
    }
    return { kind: "items", items };
  }

  /** `canon` */
  canon(canon: Canon, scope: Scope, offset: number): void {
    if (canon.kind === "lift") {
      const type = this.#lookup.type(canon.type, scope, offset);
      if (type.kind !== "func-type")
        return this.#trail.fail(`canon lift: type ${canon.type} is not a function type`, offset);
      scope.funcs.push(this.#lift(canon, type.func, scope, offset));
      return;
    }
    scope.coreItems["core-func"].push(this.#coreFunc(canon, scope, offset));
  }

  #lift(canon: Extract<Canon, { kind: "lift" }>, func: FuncEntity, scope: Scope, offset: number): FuncEntity {
    const core = this.#lookup.coreItem("core-func", canon.coreFunc, scope, offset);
    const options = this.#options(canon.options, scope, offset);
    if (func.kind === "unsupported" || scope.instance === undefined) return func;
    if (canon.options.async === true) this.#plan.refuse("it lifts a function with the async option", offset);
    return { ...func, value: this.#plan.lift({ instance: scope.instance, core, options, type: func.type }) };
  }

  #coreFunc(canon: Exclude<Canon, { kind: "lift" }>, scope: Scope, offset: number): CoreItem {
    // In types there are no definitions; where there is no instance, nothing of this is kept.
    const { instance = 0 } = scope;
    switch (canon.kind) {
      case "lower": {
        const func = scope.funcs[canon.func] ?? this.#lookup.outOfRange("func", canon.func, scope, offset);
        const options = this.#options(canon.options, scope, offset);
        if (canon.options.async === true)
          this.#plan.refuse("it lowers a function with the async option", offset);
        if (func.kind === "unsupported") {
          const what =
            func.construct === ASYNC_FUNCTION ? func.construct : `a function that uses ${func.construct}`;
          this.#plan.refuse(`it calls ${what}`, offset);
          return this.#plan.trampoline({ kind: "async-builtin", instance, name: func.construct });
        }
        if (func.value === undefined) {
          this.#plan.refuse("it lowers a function of a component that it imports", offset);
          return this.#plan.trampoline({ kind: "async-builtin", instance, name: "an unknown function" });
        }
        return this.#plan.trampoline({ kind: "lower", instance, function: func.value, options });
      }
      case "async-builtin":
        return this.#plan.trampoline({ kind: "async-builtin", instance, name: canon.name });
      case "resource.new":
      case "resource.drop":
      case "resource.rep": {
        const type = this.#lookup.type(canon.type, scope, offset);
        if (type.kind !== "resource")
          return this.#trail.fail(`canon ${canon.kind}: type ${canon.type} is not a resource`, offset);
        return this.#plan.resourceTrampoline(canon.kind, type.resource, instance, offset);
      }
    }
  }

  #options(options: CanonOptions, scope: Scope, offset: number): ReturnType<typeof plannedOptions> {
    const func = (index: number | undefined): CoreItem | undefined =>
      index === undefined ? undefined : this.#lookup.coreItem("core-func", index, scope, offset);
    return plannedOptions({
      encoding: options.encoding ?? "utf8",
      memory: this.#memory(options.memory, scope, offset),
      realloc: func(options.realloc),
      postReturn: func(options.postReturn),
    });
  }

  #memory(index: number | undefined, scope: Scope, offset: number): CoreExport | undefined {
    if (index === undefined) return undefined;
    const memory = this.#lookup.coreItem("core-memory", index, scope, offset);
    return memory.kind === "core-export" ? memory : this.#trail.fail("a function is no memory", offset);
  }
}
