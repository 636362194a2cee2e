/**
 * Functions of WASI and of adapters, as a component binary names them, in the import objects that jco's modules take
 * too: `get-stdin` is `getStdin`, `[method]fields.get` is a method of the class `Fields`.
 */
import { HostbundleError } from "../shared/errors.ts";
import type { Invocation } from "./abi/js/types.ts";
import { lowerCamel, upperCamel } from "../shared/js-names.ts";

type HostFunction = (...args: never[]) => unknown;

export interface HostBinding {
  readonly invocation: Invocation;
  /** Of a method: what the resource's own class has under the name. */
  readonly target: HostFunction;
}

interface FunctionName {
  /** The class that has it, for what is not a plain function. */
  readonly resource: string | undefined;
  /** Absent for constructors. */
  readonly name: string | undefined;
  readonly invocation: Invocation;
}

/**
 * @param holder Functions and classes of an interface; only its own properties count.
 * @param functionName Explainer.md, "Import and Export Definitions": `now`, `[constructor]r`, `[method]r.f`, `[static]r.f`.
 * @throws HostbundleError INTERNAL where there is none.
 */
export function bindHostFunction(holder: object, functionName: string): HostBinding {
  const found = findHostFunction(holder, functionName);
  if (found !== undefined) return found;
  throw new HostbundleError("INTERNAL", `WASI has no function ${functionName} here`);
}

/** The same, or nothing where there is none. */
export function findHostFunction(holder: object, functionName: string): HostBinding | undefined {
  const { resource, name, invocation } = parse(functionName);
  const owner = resource === undefined ? holder : ownFunction(holder, resource);
  const methods = invocation.kind === "method" ? owner && prototypeOf(owner) : owner;
  const target = name === undefined ? methods : methods && ownFunction(methods, name);
  return isFunction(target) ? { invocation, target } : undefined;
}

/** The class of a resource, or nothing where there is none. */
export function findHostClass(holder: object, resource: string): HostFunction | undefined {
  return ownFunction(holder, upperCamel(resource));
}

/** What dropping an owned handle does to the host's object. */
export function hostResourceDestructor(rep: unknown): void {
  if (typeof rep !== "object" || rep === null) return;
  const dispose: unknown = Reflect.get(rep, Symbol.dispose);
  if (typeof dispose === "function") Reflect.apply(dispose, rep, []);
}

/** Names come from guests. */
const MAX_NAMES = 1024;

const names = new Map<string, FunctionName>();

function parse(functionName: string): FunctionName {
  const known = names.get(functionName);
  if (known !== undefined) return known;
  const parsed = takeApart(functionName);
  if (names.size >= MAX_NAMES) names.clear();
  names.set(functionName, parsed);
  return parsed;
}

const OF_RESOURCE = /^\[(constructor|method|static)\]([^.]+)(?:\.(.+))?$/;

function takeApart(functionName: string): FunctionName {
  const [, kind, resource, member] = OF_RESOURCE.exec(functionName) ?? [];
  if (resource === undefined) {
    return { resource: undefined, name: lowerCamel(functionName), invocation: { kind: "function" } };
  }
  const owner = upperCamel(resource);
  if (kind === "constructor")
    return { resource: owner, name: undefined, invocation: { kind: "constructor" } };
  const name = lowerCamel(member ?? "");
  return {
    resource: owner,
    name,
    invocation: kind === "method" ? { kind: "method", name } : { kind: "function" },
  };
}

function prototypeOf(resource: object): object | undefined {
  const prototype: unknown = Reflect.get(resource, "prototype");
  return typeof prototype === "object" && prototype !== null ? prototype : undefined;
}

/** Its own, or one of a class that it extends; what every object or function has does not count. */
function ownFunction(holder: object, name: string): HostFunction | undefined {
  // A prototype's own `constructor` is not a method.
  if (name === "constructor") return undefined;
  for (let owner: object | null = holder; owner !== null; owner = Reflect.getPrototypeOf(owner)) {
    if (owner === Object.prototype || owner === Function.prototype) return undefined;
    if (!Object.hasOwn(owner, name)) continue;
    const found: unknown = Reflect.get(owner, name);
    return isFunction(found) ? found : undefined;
  }
  return undefined;
}

function isFunction(value: unknown): value is HostFunction {
  return typeof value === "function";
}
