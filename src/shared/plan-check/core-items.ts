/** What the core items of a plan are: from a `CoreItem` to its kind and type. */
import type {
  CoreExport,
  CoreItem,
  InstantiationPlan,
  PlannedFunction,
  Trampoline,
} from "../component-plan.ts";
import { HostbundleError } from "../errors.ts";
import { decodeCoreModule } from "../wasm/core-module.ts";
import type { CoreExtern, CoreFuncType, CoreModule, CoreModuleExport } from "../wasm/types.ts";
import { LIMITS } from "../wit/binary/limits.ts";
import { BinaryReader } from "../wit/binary/reader.ts";
import { quote, Trail } from "../wit/binary/trail.ts";
import { coreFuncType, type FlatFunc, flatFuncOf } from "./flat-func.ts";

/** Throws BinaryFault for the first module that cannot be read. */
export class CoreItems {
  readonly plan: InstantiationPlan;
  readonly #modules: readonly CoreModule[];
  /** Of lifts that are exports. */
  readonly #exportNames = new Map<number, string>();

  constructor(bytes: Uint8Array, plan: InstantiationPlan) {
    this.plan = plan;
    const trail = new Trail();
    // Shared: a component may have many modules.
    const budget = { items: LIMITS.items as number };
    this.#modules = plan.modules.map(({ start, end }, index) =>
      trail.within(`core module ${index}`, () =>
        decodeCoreModule(new BinaryReader(bytes, trail, start, end, budget)),
      ),
    );
    const note = (func: PlannedFunction, name: string): void => {
      if (func.kind === "lift") this.#exportNames.set(func.lift, `export ${name}`);
    };
    for (const planned of plan.exports) {
      const name = quote(planned.name);
      if (planned.kind === "function") note(planned.function, name);
      else for (const each of planned.functions) note(each.function, `${name} ${quote(each.name)}`);
    }
  }

  moduleOf(step: number): CoreModule {
    const planned = this.plan.steps[step];
    const module = planned === undefined ? undefined : this.#modules[planned.module];
    return module ?? missing(`core instance ${step}`);
  }

  export({ step, name }: CoreExport): CoreModuleExport | undefined {
    return this.moduleOf(step).exports.get(name);
  }

  trampoline(index: number): Trampoline {
    return this.plan.trampolines[index] ?? missing(`trampoline ${index}`);
  }

  /** What the type of a function says about the core functions around it. */
  flat(func: PlannedFunction): FlatFunc {
    if (func.kind === "import") return flatFuncOf(func.type);
    return flatFuncOf((this.plan.lifts[func.lift] ?? missing(`lift ${func.lift}`)).type);
  }

  /** What a function of ours takes and gives; absent: it does not matter, since it only traps. */
  signature(index: number): CoreFuncType | undefined {
    const trampoline = this.trampoline(index);
    switch (trampoline.kind) {
      case "lower":
        return this.flat(trampoline.function).lowered;
      case "resource.new":
      case "resource.rep":
        return coreFuncType(["i32"], ["i32"]);
      case "resource.drop":
        return coreFuncType(["i32"], []);
      case "async-builtin":
        return undefined;
    }
  }

  /** Kind and type of an item; absent: its core instance has no such export. */
  extern(item: CoreItem): CoreExtern | undefined {
    if (item.kind === "core-export") return this.export(item)?.extern;
    const type = this.signature(item.index);
    return type === undefined ? { kind: "func" } : { kind: "func", type };
  }

  /** For messages. */
  name(item: CoreItem): string {
    if (item.kind === "core-export") return `core instance ${item.step}: export ${quote(item.name)}`;
    const trampoline = this.trampoline(item.index);
    if (trampoline.kind === "lower") return this.lowerName(trampoline.function);
    return trampoline.kind === "async-builtin" ? `canon ${trampoline.name}` : `canon ${trampoline.kind}`;
  }

  lowerName(func: PlannedFunction): string {
    if (func.kind === "lift")
      return `canon lower of ${this.#exportNames.get(func.lift) ?? `lift ${func.lift}`}`;
    const member = func.function === undefined ? "" : ` ${quote(func.function)}`;
    return `canon lower of import ${quote(func.item)}${member}`;
  }

  liftName(lift: number): string {
    return `canon lift of ${this.#exportNames.get(lift) ?? `lift ${lift}`}`;
  }
}

/** A plan that does not fit itself: ours is wrong. */
function missing(what: string): never {
  throw new HostbundleError("INTERNAL", `the plan refers to ${what}, which there is not`);
}
