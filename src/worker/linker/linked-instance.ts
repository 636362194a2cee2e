/** The instantiation of a component: core modules in the order of the plan, and what lies between them. */
import type {
  CoreItem,
  InstantiationStep,
  PlannedLift,
  PlannedOptions,
  Trampoline,
} from "../../shared/component-plan.ts";
import { type CoreType, flattenLifted, type FlatSignature } from "../../shared/canonical-abi/flatten.ts";
import { HostbundleError } from "../../shared/errors.ts";
import type { Value } from "../../shared/value/types.ts";
import type { GuestOptions, LiftedCore } from "../abi/js/types.ts";
import type { CoreFunction } from "../abi/types.ts";
import { Violation } from "../abi/violation.ts";
import type { CappedMemory } from "../limits.ts";
import { ComponentInstance } from "./component-instance.ts";
import { functionLabel, type HostImports } from "./host-imports.ts";
import type { ImportedFunction, LinkedComponent } from "./linked-component.ts";
import type { Resource } from "./resource.ts";
import { resourceDrop, resourceNew, resourceRep, unavailable } from "./resource-trampolines.ts";

/** A function that the component exports; takes and gives values of style `value`. */
export type ExportedFunction = (...args: readonly Value[]) => Value | undefined;

type LowerTrampoline = Extract<Trampoline, { readonly kind: "lower" }>;

/** One instance of a component, with all the component instances inside it. */
export class LinkedInstance {
  readonly #linked: LinkedComponent;
  readonly #imports: HostImports;
  /** Exports of the core instances, by step. */
  readonly #cores: WebAssembly.Exports[] = [];
  readonly #instances: readonly ComponentInstance[];
  readonly #trampolines: (CoreFunction | undefined)[] = [];
  readonly #lifted: (LiftedCore | undefined)[] = [];

  constructor(linked: LinkedComponent, imports: HostImports) {
    const { plan, modules } = linked;
    this.#linked = linked;
    this.#imports = imports;
    const resources: Resource[] = [];
    this.#instances = plan.instances.map(() => new ComponentInstance(resources));
    for (const planned of plan.resources) {
      const { interface: owner, name: own } = planned.type;
      const name = owner === undefined ? own : `${owner}#${own}`;
      if (planned.kind === "import") {
        const { destroy, isAtomic, accepts } = imports.resource(planned.item, planned.name);
        resources.push({ name, implementer: undefined, destroy, isAtomic, accepts });
      } else {
        const implementer = this.#instance(planned.instance);
        const { destructor } = planned;
        const destroy = destructor === undefined ? undefined : this.#destructor(planned.instance, destructor);
        resources.push({ name, implementer, destroy });
      }
    }
    try {
      this.#instantiate(plan.steps, modules);
    } catch (error) {
      // Start functions may have made resources.
      this.end();
      throw error;
    }
  }

  #instantiate(steps: readonly InstantiationStep[], modules: readonly WebAssembly.Module[]): void {
    for (const step of steps) {
      const given: WebAssembly.Imports = Object.create(null);
      for (const { name, arg } of step.args) {
        given[name] = arg.kind === "instance" ? this.#core(arg.step) : this.#items(arg.items);
      }
      const module = modules[step.module];
      if (module === undefined) throw missing(`core module ${step.module}`);
      this.#cores.push(new WebAssembly.Instance(module, given).exports);
    }
  }

  /** A function that the component exports; `item` is the interface's extern name. Absent: there is none. */
  exported(item: string | undefined, name: string): ExportedFunction | undefined {
    const index = this.#linked.exportedLift(item, name);
    if (index === undefined) return undefined;
    const planned = this.#planned(index);
    const func = this.#linked.compiledExport(index, planned).bind(this.#lift(index, planned, undefined));
    // Compiled for the style `value`.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    return func as ExportedFunction;
  }

  /** Drops the host's resources that are left. Gives what the first destructor that failed has thrown. */
  end(): unknown {
    let first: unknown;
    for (const instance of this.#instances) {
      const thrown = instance.dropAll();
      first ??= thrown;
    }
    return first;
  }

  /** The memories that core instances export and that may grow less than their modules say. */
  get memories(): readonly CappedMemory[] {
    const seen = new Set<WebAssembly.Memory>();
    return this.#cores.flatMap((core, step) => {
      const caps = this.#linked.memoryCaps[this.#linked.plan.steps[step]?.module ?? -1] ?? [];
      return Object.values(core).flatMap((item) => {
        // Of the core instances that export a memory, the first has made it.
        if (!(item instanceof WebAssembly.Memory) || seen.has(item)) return [];
        seen.add(item);
        const bytes = item.buffer.byteLength;
        // Which of several it is shows where it is full.
        const capBytes = caps.length === 1 ? caps[0] : caps.find((cap) => cap === bytes);
        return capBytes === undefined ? [] : [{ bytes, capBytes }];
      });
    });
  }

  /** The first trap or fault, also where the guest has caught it. */
  get failure(): unknown {
    return this.#instances.find(({ failure }) => failure !== undefined)?.failure;
  }

  #planned(lift: number): PlannedLift {
    const planned = this.#linked.plan.lifts[lift];
    if (planned === undefined) throw missing(`lift ${lift}`);
    return planned;
  }

  #instance(index: number): ComponentInstance {
    const instance = this.#instances[index];
    if (instance === undefined) throw missing(`component instance ${index}`);
    return instance;
  }

  #core(step: number): WebAssembly.Exports {
    const core = this.#cores[step];
    if (core === undefined) throw missing(`core instance ${step}`);
    return core;
  }

  #items(items: readonly { readonly name: string; readonly item: CoreItem }[]): WebAssembly.Exports {
    // Without a prototype: a module may import any name.
    const given: WebAssembly.Exports = Object.create(null);
    for (const { name, item } of items) given[name] = this.#item(item);
    return given;
  }

  #item(item: CoreItem): WebAssembly.ImportValue {
    if (item.kind === "trampoline") return this.#trampoline(item.index);
    const value = this.#core(item.step)[item.name];
    if (value !== undefined) return value;
    throw new HostbundleError("COMPONENT_INVALID", `core instance ${item.step} exports no "${item.name}"`);
  }

  #function(item: CoreItem): CoreFunction {
    const value = this.#item(item);
    if (isCoreFunction(value)) return value;
    throw new HostbundleError("COMPONENT_INVALID", "a core instance exports something else than a function");
  }

  #trampoline(index: number): CoreFunction {
    const known = this.#trampolines[index];
    if (known !== undefined) return known;
    const trampoline = this.#linked.plan.trampolines[index];
    if (trampoline === undefined) throw missing(`trampoline ${index}`);
    const made = this.#make(trampoline, index);
    this.#trampolines[index] = made;
    return made;
  }

  #make(trampoline: Trampoline, index: number): CoreFunction {
    const instance = this.#instance(trampoline.instance);
    switch (trampoline.kind) {
      case "lower":
        return this.#lower(trampoline, index);
      case "resource.new":
        return resourceNew(instance, this.#resource(trampoline.resource));
      case "resource.rep":
        return resourceRep(instance, this.#resource(trampoline.resource));
      case "resource.drop":
        return resourceDrop(instance, this.#resource(trampoline.resource));
      case "async-builtin":
        return unavailable(instance, trampoline.name);
    }
  }

  /** Interpreters import far more than they call: what was never called is compiled and bound when it is. */
  #lower({ instance, function: func, options }: LowerTrampoline, index: number): CoreFunction {
    if (func.kind === "lift") {
      const bind = (): CoreFunction => {
        const planned = this.#planned(func.lift);
        const lifted = this.#lift(func.lift, planned, instance);
        return this.#linked.compiledCall(func.lift, planned).bind(this.#options(instance, options), lifted);
      };
      return this.#linked.knowsCall(func.lift) ? bind() : deferred(bind);
    }
    const core = this.#lowerImport(func, () => this.#options(instance, options), index);
    const { meter } = this.#imports;
    if (meter === undefined) return core;
    return meter.metered(core, functionLabel(func.item, func.function), this.#instance(instance));
  }

  #lowerImport(func: ImportedFunction, options: () => GuestOptions, index: number): CoreFunction {
    const host = this.#imports.function(func.item, func.function, func.type);
    if (host.kind === "js") {
      const bind = (): CoreFunction => {
        const compiled = this.#linked.compiledImport(index, func, host);
        host.dump?.(compiled.source);
        const core = compiled.bind(options(), host.target, host.bundle);
        return host.count === undefined ? core : host.count(core);
      };
      return this.#linked.knowsImport(index, host) ? bind() : deferred(bind);
    }
    const { encoding: stringEncoding, memory, realloc, instance: state } = options();
    return host.bind(
      {
        stringEncoding,
        ...(memory === undefined ? {} : { memory }),
        ...(realloc === undefined ? {} : { realloc }),
      },
      state,
    );
  }

  /** `caller`: the component instance that calls; absent for the host. */
  #lift(index: number, planned: PlannedLift, caller: number | undefined): LiftedCore {
    const { postReturn } = planned.options;
    const entered = this.#entered(planned.instance, caller);
    const known = this.#lifted[index];
    if (known !== undefined) return { ...known, entered };
    const lifted: LiftedCore = {
      options: this.#options(planned.instance, planned.options),
      core: this.#liftable(planned.core, flattenLifted(planned.type)),
      ...(postReturn === undefined ? {} : { postReturn: this.#function(postReturn) }),
      entered,
    };
    this.#lifted[index] = lifted;
    return lifted;
  }

  #entered(callee: number, caller: number | undefined): readonly ComponentInstance[] {
    return this.#linked.entered(callee, caller).map((each) => this.#instance(each));
  }

  #options(instance: number, { encoding, memory, realloc }: PlannedOptions): GuestOptions {
    return {
      instance: this.#instance(instance),
      encoding,
      ...(memory === undefined ? {} : { memory: this.#memory(memory) }),
      ...(realloc === undefined ? {} : { realloc: this.#realloc(realloc) }),
    };
  }

  /** A core function to be lifted: one of ours takes and gives core values, as the engine would see to it. */
  #liftable(item: CoreItem, signature: FlatSignature): CoreFunction {
    const core = this.#function(item);
    return item.kind === "trampoline" ? coerced(core, signature) : core;
  }

  #realloc(item: CoreItem): NonNullable<GuestOptions["realloc"]> {
    const value = this.#item(item);
    if (isRealloc(value)) return value;
    throw new HostbundleError("COMPONENT_INVALID", "a core instance exports something else than a function");
  }

  #memory(item: CoreItem): WebAssembly.Memory {
    const value = this.#item(item);
    if (value instanceof WebAssembly.Memory) return value;
    throw new HostbundleError("COMPONENT_INVALID", "a core instance exports something else than a memory");
  }

  #resource(index: number): Resource {
    const resource = this.#instances[0]?.resources[index];
    if (resource === undefined) throw missing(`resource ${index}`);
    return resource;
  }

  /** A guest's destructor is a function lifted by the component that implements the resource. */
  #destructor(instance: number, item: CoreItem): NonNullable<Resource["destroy"]> {
    return (rep, caller) => {
      const entered = this.#entered(instance, this.#instances.indexOf(caller));
      if (entered.some(({ mayEnter }) => !mayEnter)) {
        throw new Violation("the destructor of the resource would re-enter a component instance");
      }
      for (const each of entered) each.mayEnter = false;
      this.#liftable(item, DESTRUCTOR)(Number(rep));
      const failed = entered.find(({ failure }) => failure !== undefined);
      if (failed !== undefined) throw failed.failure;
      for (const each of entered) each.mayEnter = true;
    };
  }
}

const DESTRUCTOR: FlatSignature = { params: ["i32"], paramsSpilled: false, resultSpilled: false };

/** WebAssembly JavaScript Interface, "ToWebAssemblyValue": where no module is between two functions of ours. */
function coerced(core: CoreFunction, { params, result }: FlatSignature): CoreFunction {
  return (...args) => {
    const given = core(...params.map((type, index) => toCore(type, args[index] ?? 0)));
    return result === undefined ? undefined : toCore(result, given ?? 0);
  };
}

function toCore(type: CoreType, value: number | bigint): number | bigint {
  switch (type) {
    case "i32":
      return Number(value) | 0;
    case "i64":
      return BigInt.asIntN(64, BigInt(value));
    case "f32":
      return Math.fround(Number(value));
    case "f64":
      return Number(value);
  }
}

/** A function that is made by its first call. */
function deferred(make: () => CoreFunction): CoreFunction {
  let made: CoreFunction | undefined;
  return (...args) => (made ??= make())(...args);
}

/** What core functions take and give is numbers and bigints; how many was checked when the component was loaded. */
function isCoreFunction(value: WebAssembly.ImportValue): value is CoreFunction {
  return typeof value === "function";
}

function isRealloc(value: WebAssembly.ImportValue): value is NonNullable<GuestOptions["realloc"]> {
  return typeof value === "function";
}

/** A plan that does not fit itself: ours is wrong. */
function missing(what: string): HostbundleError {
  return new HostbundleError("INTERNAL", `the plan refers to ${what}, which there is not`);
}
