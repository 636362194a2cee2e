/** One call into a fresh instance that jco's module makes. */
import { HostbundleError } from "../shared/errors.ts";
import type { Call, LinkPlan } from "../shared/protocol.ts";
import type { InstanceState } from "./abi/types.ts";
import type { Attempt } from "./attempt.ts";
import type { InstanceExports, JcoModule } from "./jco-instantiate.ts";
import { lowerCamel } from "../shared/js-names.ts";
import { buildNativeImports } from "./jco-native-imports.ts";
import { fromJco, resultValue, toJco } from "./jco-values.ts";
import { settle } from "./jco-promise.ts";
import { isComponentError } from "./outcome.ts";
import type { Servers } from "./own-call.ts";
import type { Value } from "../shared/value/types.ts";

type ExportedFunction = (...args: readonly unknown[]) => unknown;

export function prepareJco(module: JcoModule, plan: LinkPlan, { native, wasi, meter }: Servers): Attempt {
  refuseResources(plan);
  const state: InstanceState = { mayLeave: true };
  const imports = { ...buildNativeImports(plan, native, state, meter), ...wasi?.imports };
  let exports: InstanceExports | undefined;
  return {
    codeUrl: module.url,
    instantiate() {
      try {
        exports = module.instantiate(imports);
      } catch (error) {
        throw lacksSuspension(error) ? tooOld(error) : error;
      }
    },
    async call(call) {
      const func = find(exports ?? {}, call);
      if (call.kind === "command") return answer(await attempt(() => func()), call);
      const args = call.type.params.map((param, index) => toJco(call.args[index] ?? null, param.type));
      return answer(await attempt(() => func(...args)), call);
    },
    failure: () => state.failure,
    // Its core instances are out of reach.
    memories: () => [],
    end: () => undefined,
  };
}

/** The handle tables of jco's modules are their own. */
function refuseResources({ resources, libraries, adapters }: LinkPlan): void {
  const [adapter] = adapters;
  if (adapter !== undefined) {
    throw new HostbundleError(
      "LINK_FAILED",
      `jco links this component, and cannot import from the adapter of host bundle "${adapter.bundle}"`,
      {
        bundle: adapter.bundle,
        help: "`hostbundle inspect` says why hostbundle's own linker does not take the component",
      },
    );
  }
  const [first] = resources;
  if (first === undefined) return;
  const bundle = libraries[first.library]?.bundle ?? "";
  throw new HostbundleError(
    "LINK_FAILED",
    `jco links this component, and cannot import the resource ${first.name ?? first.item} of host bundle "${bundle}"`,
    { bundle, help: "`hostbundle inspect` says why hostbundle's own linker does not take the component" },
  );
}

/** What jco prints for a component with asynchronous parts asks for JavaScript Promise Integration. */
function lacksSuspension(error: unknown): boolean {
  return error instanceof TypeError && !("Suspending" in WebAssembly) && error.message.includes("Suspending");
}

function tooOld(cause: unknown): HostbundleError {
  return new HostbundleError(
    "COMPONENT_INVALID",
    "the component has asynchronous parts, for which this Node lacks WebAssembly.Suspending",
    { help: "run it with Node 24 or newer, or build the guest without async", cause },
  );
}

type Answer =
  | { readonly side: "ok"; readonly payload: unknown }
  | { readonly side: "err"; readonly payload: unknown; readonly thrown: unknown };

async function attempt(call: () => unknown): Promise<Answer> {
  try {
    return { side: "ok", payload: await settle(call) };
  } catch (error) {
    if (isComponentError(error)) return { side: "err", payload: error.payload, thrown: error };
    throw error;
  }
}

/** The Value of what a function of jco's gave or threw; `null` stands for a command's result without payload. */
function answer(given: Answer, call: Call): Value | undefined {
  if (call.kind === "command") return { [given.side]: null };
  const { result } = call.type;
  if (result?.kind === "result") return resultValue(given.side, given.payload, result);
  if (given.side === "err") throw given.thrown;
  return result === undefined ? undefined : fromJco(given.payload, result);
}

function find(exports: InstanceExports, call: Call): ExportedFunction {
  const name = call.kind === "command" ? "run" : lowerCamel(call.function);
  const holder: unknown =
    call.interface === undefined ? exports : (exports[call.interface] ?? exports[lowerCamel(call.interface)]);
  const found: unknown =
    typeof holder === "object" && holder !== null && Object.hasOwn(holder, name)
      ? Reflect.get(holder, name)
      : undefined;
  if (isFunction(found)) return found;
  const owner = call.interface === undefined ? "" : ` in ${call.interface}`;
  throw new HostbundleError("INTERNAL", `the instance has no export ${name}${owner}`);
}

function isFunction(value: unknown): value is ExportedFunction {
  return typeof value === "function";
}
