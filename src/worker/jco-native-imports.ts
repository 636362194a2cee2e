/**
 * The imports that host bundles serve, in the shape that jco's modules look for: a JavaScript function per
 * import that carries the compiled trampoline under `Symbol.for("cabiLower")`. jco binds that straight to
 * the core import; the function itself must never be called.
 */
import { HostbundleError } from "../shared/errors.ts";
import type { FunctionPlan, LinkPlan } from "../shared/protocol.ts";
import type { CanonOptions, CoreFunction, InstanceState, StringEncoding } from "./abi/types.ts";
import type { CallMeter } from "./call-meter.ts";
import type { ImportObject } from "./jco-instantiate.ts";
import { lowerCamel } from "../shared/js-names.ts";
import type { NativeFunctions } from "./native-functions.ts";

const CABI_LOWER = Symbol.for("cabiLower");

/** What jco hands to `cabiLower`: only the options that the function needs. */
interface JcoLowerOptions {
  readonly memory?: WebAssembly.Memory;
  readonly realloc?: NonNullable<CanonOptions["realloc"]>;
  /** Absent for UTF-8. */
  readonly stringEncoding?: string;
}

/** All native imports of one instance. */
export function buildNativeImports(
  plan: LinkPlan,
  functions: NativeFunctions,
  state: InstanceState,
  meter?: CallMeter,
): ImportObject {
  const bind = (label: string, func: FunctionPlan): unknown => {
    const compiled = functions.compile(label, func);
    const lower = (given: JcoLowerOptions): CoreFunction => {
      const core = functions.bind(label, compiled, canonOptions(given, label), state);
      return meter === undefined ? core : meter.metered(core, label, state);
    };
    return Object.assign(slowPath(label), { [CABI_LOWER]: lower });
  };

  const imports: Record<string, Readonly<Record<string, unknown>>> = Object.create(null);
  for (const item of plan.imports) {
    if (item.kind === "native-function") {
      imports[item.name] = { default: bind(item.name, item.function) };
    } else if (item.kind === "native-interface") {
      const members: Record<string, unknown> = Object.create(null);
      for (const func of item.functions) {
        const key = lowerCamel(func.name);
        if (key in members) throw collision(item.name, func.name, key);
        members[key] = bind(`${item.name}#${func.name}`, func);
      }
      imports[item.name] = members;
    } else if (item.kind === "types-only") {
      imports[item.name] = {};
    }
  }
  return imports;
}

function canonOptions(given: JcoLowerOptions, label: string): CanonOptions {
  return {
    stringEncoding: stringEncoding(given.stringEncoding, label),
    ...(given.memory === undefined ? {} : { memory: given.memory }),
    ...(given.realloc === undefined ? {} : { realloc: given.realloc }),
  };
}

function stringEncoding(name: string | undefined, label: string): StringEncoding {
  switch (name) {
    case undefined:
    case "utf8":
      return "utf8";
    case "utf16":
      return "utf16";
    case "compact-utf16":
    case "latin1+utf16":
      return "latin1+utf16";
    default:
      throw new HostbundleError("INTERNAL", `unknown string encoding ${name}`, { function: label });
  }
}

function slowPath(label: string): () => never {
  return () => {
    throw new HostbundleError("INTERNAL", "jco called an import of a host bundle without its trampoline", {
      function: label,
    });
  };
}

function collision(interfaceName: string, name: string, key: string): HostbundleError {
  return new HostbundleError(
    "COMPONENT_INVALID",
    `two functions of ${interfaceName} have one JavaScript name`,
    {
      findings: [{ message: `${name} and another function are both called ${key} by jco` }],
    },
  );
}
