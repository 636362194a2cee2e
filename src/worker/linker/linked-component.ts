/**
 * A component ready to be instantiated many times: its plan, its compiled core modules, and every trampoline
 * compiled so far. Only memories, tables, globals and handle tables are made anew for each instance.
 */
import type { InstantiationPlan, PlannedFunction, PlannedLift } from "../../shared/component-plan.ts";
import { HostbundleError } from "../../shared/errors.ts";
import { compileExport } from "../abi/js/compile-export.ts";
import { compileGuestCall } from "../abi/js/compile-guest-call.ts";
import { compileJsImport } from "../abi/js/compile-import.ts";
import type { CompiledExport, CompiledGuestCall, CompiledJsImport } from "../abi/js/types.ts";
import { functionLabel, type HostFunction, type HostImports } from "./host-imports.ts";
import { LinkedInstance } from "./linked-instance.ts";

/** A function that the component imports. */
export type ImportedFunction = Extract<PlannedFunction, { readonly kind: "import" }>;

export class LinkedComponent {
  readonly plan: InstantiationPlan;
  readonly modules: readonly WebAssembly.Module[];
  /** By module, what its memories may grow to where that is less than it says, in bytes. */
  readonly memoryCaps: readonly (readonly number[])[];
  readonly #resourceIndices: ReadonlyMap<object, number>;
  /** The lift that an export stands for, by interface and function. */
  readonly #exports = new Map<string, number>();
  readonly #labels = new Map<number, string>();
  readonly #entered = new Map<string, readonly number[]>();
  readonly #compiledExports = new Map<number, CompiledExport>();
  readonly #compiledCalls = new Map<number, CompiledGuestCall>();
  /** By trampoline and who is responsible for what serves it: the rest of how it is called is always the same. */
  readonly #compiledImports = new Map<number, CompiledJsImport>();

  constructor(
    plan: InstantiationPlan,
    modules: readonly WebAssembly.Module[],
    memoryCaps: readonly (readonly number[])[] = [],
  ) {
    this.plan = plan;
    this.modules = modules;
    this.memoryCaps = memoryCaps;
    this.#resourceIndices = new Map(plan.resources.map((resource, index) => [resource.type, index]));
    for (const item of plan.exports) {
      const functions =
        item.kind === "function"
          ? [[exportKey(undefined, item.name), item.function] as const]
          : item.functions.map((func) => [exportKey(item.name, func.name), func.function] as const);
      for (const [key, func] of functions) {
        if (func.kind !== "lift") continue;
        this.#exports.set(key, func.lift);
        this.#labels.set(func.lift, key);
      }
    }
  }

  /** A fresh instance. Runs the guest's start functions: what they throw is thrown. */
  instantiate(imports: HostImports): LinkedInstance {
    return new LinkedInstance(this, imports);
  }

  exportedLift(item: string | undefined, name: string): number | undefined {
    return this.#exports.get(exportKey(item, name));
  }

  compiledExport(lift: number, { type }: PlannedLift): CompiledExport {
    return remember(this.#compiledExports, lift, () =>
      compileExport({
        label: this.#liftLabel(lift),
        type,
        style: "value",
        resourceIndex: this.resourceIndex,
      }),
    );
  }

  /** Whether `compiledCall` has nothing to do. */
  knowsCall(lift: number): boolean {
    return this.#compiledCalls.has(lift);
  }

  compiledCall(lift: number, { type }: PlannedLift): CompiledGuestCall {
    return remember(this.#compiledCalls, lift, () =>
      compileGuestCall({ label: this.#liftLabel(lift), type, resourceIndex: this.resourceIndex }),
    );
  }

  /** Whether `compiledImport` has nothing to do. */
  knowsImport(trampoline: number, { bundle }: Extract<HostFunction, { kind: "js" }>): boolean {
    return this.#compiledImports.has(importKey(trampoline, bundle));
  }

  compiledImport(
    trampoline: number,
    { item, function: name, type }: ImportedFunction,
    { style, invocation, bundle }: Extract<HostFunction, { kind: "js" }>,
  ): CompiledJsImport {
    const responsible = bundle === undefined ? "hostbundle" : "bundle";
    return remember(this.#compiledImports, importKey(trampoline, bundle), () =>
      compileJsImport({
        label: functionLabel(item, name),
        type,
        style,
        invocation,
        responsible,
        resourceIndex: this.resourceIndex,
      }),
    );
  }

  /** The component instances that a call enters: the callee and its ancestors, but for those that the caller is in. */
  entered(callee: number, caller: number | undefined): readonly number[] {
    const key = `${callee} ${caller ?? ""}`;
    return remember(this.#entered, key, () => {
      const outside = new Set(caller === undefined ? [] : this.#lineage(caller));
      return this.#lineage(callee).filter((each) => !outside.has(each));
    });
  }

  /** A component instance and its ancestors (`self_and_ancestors`). */
  #lineage(instance: number): readonly number[] {
    const lineage: number[] = [];
    for (let next: number | undefined = instance; next !== undefined;) {
      lineage.push(next);
      next = this.plan.instances[next]?.parent;
    }
    return lineage;
  }

  /** A name for a function that only components see: an export where there is one. */
  #liftLabel(lift: number): string {
    return this.#labels.get(lift) ?? `lift ${lift}`;
  }

  /** The index of a resource type of the plan. */
  readonly resourceIndex = (resource: object): number => {
    const index = this.#resourceIndices.get(resource);
    if (index !== undefined) return index;
    throw new HostbundleError("INTERNAL", "the plan has no index for a resource type");
  };
}

function remember<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

function exportKey(item: string | undefined, name: string): string {
  return functionLabel(item ?? name, item === undefined ? undefined : name);
}

function importKey(trampoline: number, bundle: string | undefined): number {
  return 2 * trampoline + (bundle === undefined ? 0 : 1);
}
