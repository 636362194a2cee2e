/** One call into a fresh instance that our own linker makes. */
import { HostbundleError } from "../shared/errors.ts";
import { pairResources } from "../shared/wit/pair-resources.ts";
import type { FuncType } from "../shared/wit/types.ts";
import type { ResourceIndex } from "./abi/js/types.ts";
import type { FunctionPlan, ImportPlan, LinkPlan } from "../shared/protocol.ts";
import type { CompiledLoweredImport } from "./abi/types.ts";
import type { ServingAdapter } from "./adapters/serve.ts";
import type { Attempt } from "./attempt.ts";
import type { CallMeter } from "./call-meter.ts";
import {
  functionLabel,
  type HostFunction,
  type HostImports,
  type HostResource,
} from "./linker/host-imports.ts";
import type { LinkedComponent } from "./linker/linked-component.ts";
import type { LinkedInstance } from "./linker/linked-instance.ts";
import type { NativeFunctions } from "./native-functions.ts";
import { bindHostFunction, hostResourceDestructor } from "./host-binding.ts";
import type { WasiRun } from "./wasi.ts";

export function prepareOwn(component: LinkedComponent, plan: LinkPlan, servers: Servers): Attempt {
  const imports = new RunImports(component, plan, servers);
  let instance: LinkedInstance | undefined;
  return {
    codeUrl: "",
    instantiate() {
      instance = component.instantiate(imports);
    },
    call(call) {
      const name = call.kind === "command" ? "run" : call.function;
      const func = instance?.exported(call.interface, name);
      if (func === undefined) {
        const owner = call.interface === undefined ? "" : ` in ${call.interface}`;
        throw new HostbundleError("INTERNAL", `the instance has no export ${name}${owner}`);
      }
      // The style `value`: a Value, or nothing.
      return call.kind === "command" ? func() : func(...call.args);
    },
    failure: () => instance?.failure,
    memories: () => instance?.memories ?? [],
    end: () => instance?.end(),
  };
}

/** What of a run serves its imports. */
export interface Servers {
  readonly native: NativeFunctions;
  readonly wasi: WasiRun | undefined;
  /** In the plan's order. */
  readonly adapters: readonly ServingAdapter[];
  /** Where calls are limited. */
  readonly meter?: CallMeter | undefined;
}

const NOTHING: HostResource = {};
const DROPPED: HostResource = { destroy: hostResourceDestructor };

/** Who serves the imports of one run. */
class RunImports implements HostImports {
  readonly #items = new Map<string, ImportPlan>();
  readonly #compiled = new Map<string, CompiledLoweredImport>();
  readonly #resources = new Map<string, HostResource>();
  readonly #component: LinkedComponent;
  readonly #native: NativeFunctions;
  readonly #wasi: WasiRun | undefined;
  readonly #adapters: readonly ServingAdapter[];
  readonly meter: CallMeter | undefined;

  constructor(component: LinkedComponent, plan: LinkPlan, { native, wasi, adapters, meter }: Servers) {
    for (const item of plan.imports) this.#items.set(item.name, item);
    this.#component = component;
    this.#native = native;
    this.#wasi = wasi;
    this.#adapters = adapters;
    this.meter = meter;
    for (const item of plan.imports) {
      if (item.kind === "adapter-interface" || item.kind === "adapter-function")
        adapters[item.adapter]?.require(item);
    }
    // Compiled whether the guest uses them or not: a symbol that is missing is found before the guest runs.
    for (const [label, func] of nativeFunctions(plan)) this.#compiled.set(label, native.compile(label, func));
    for (const planned of plan.resources)
      this.#resources.set(functionLabel(planned.item, planned.name), native.resource(planned));
  }

  function(item: string, name: string | undefined, type: FuncType): HostFunction {
    const planned = this.#items.get(item);
    switch (planned?.kind) {
      case "wasi":
        return { kind: "js", style: "js", ...bindHostFunction(this.#wasi?.holder(item) ?? {}, name ?? "") };
      case "native-function":
      case "native-interface": {
        const label = functionLabel(item, name);
        const compiled = this.#compiled.get(label);
        if (compiled === undefined) break;
        const native = this.#native;
        if (compiled.resources.length === 0) {
          return {
            kind: "native",
            bind: (options, instance) => native.bind(label, compiled, options, instance),
          };
        }
        const indices = resourceIndices(compiled, type, this.#component.resourceIndex);
        return {
          kind: "native",
          bind: (options, instance) => {
            const resources = indices.flatMap((index) => instance.resources[index] ?? []);
            return native.bind(label, compiled, { ...options, resources }, instance);
          },
        };
      }
      case "adapter-interface":
      case "adapter-function": {
        const adapter = this.#adapters[planned.adapter];
        if (adapter === undefined) break;
        const label = functionLabel(item, name);
        return {
          kind: "js",
          style: "js",
          ...adapter.find(planned, name),
          count: this.#native.accounts(label),
          dump: this.#native.dump(label),
        };
      }
      case "types-only":
      case undefined:
    }
    throw new HostbundleError("INTERNAL", `nobody serves ${functionLabel(item, name)}`);
  }

  resource(item: string, name: string | undefined): HostResource {
    const planned = this.#items.get(item);
    if (planned?.kind === "wasi") return DROPPED;
    if (planned?.kind === "adapter-interface" && name !== undefined)
      return this.#adapters[planned.adapter]?.resource(planned.provided, name) ?? NOTHING;
    return this.#resources.get(functionLabel(item, name)) ?? NOTHING;
  }
}

const indicesOf = new WeakMap<CompiledLoweredImport, readonly number[]>();

/**
 * The component's resources behind those that a function was compiled for: by place, because the bundle's WIT and the
 * component's may name them by different versions.
 */
function resourceIndices(
  compiled: CompiledLoweredImport,
  type: FuncType,
  resourceIndex: ResourceIndex,
): readonly number[] {
  const known = indicesOf.get(compiled);
  if (known !== undefined) return known;
  const pairs = pairResources(compiled.type, type);
  const indices = compiled.resources.flatMap((resource) =>
    [...(pairs.get(resource) ?? [])].map(resourceIndex),
  );
  indicesOf.set(compiled, indices);
  return indices;
}

export function* nativeFunctions(plan: LinkPlan): Iterable<readonly [label: string, func: FunctionPlan]> {
  for (const item of plan.imports) {
    if (item.kind === "native-function") yield [item.name, item.function];
    else if (item.kind === "native-interface")
      for (const func of item.functions) yield [`${item.name}#${func.name}`, func];
  }
}
