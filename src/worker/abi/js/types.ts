/** The Canonical ABI between a guest and JavaScript: what is compiled once per function and bound once per instance. */
import type { FuncType } from "../../../shared/wit/types.ts";
import type { ComponentInstance } from "../../linker/component-instance.ts";
import type { CoreFunction, StringEncoding } from "../types.ts";

/** The canonical options of one lift or lower, bound to an instance. */
export interface GuestOptions {
  readonly instance: ComponentInstance;
  readonly encoding: StringEncoding;
  readonly memory?: WebAssembly.Memory;
  /** `realloc(originalPtr, originalSize, alignment, newSize) -> ptr` */
  readonly realloc?: (ptr: number, oldSize: number, align: number, newSize: number) => number;
}

/**
 * How values look in JavaScript.
 *
 * - `value`: `src/shared/value/types.ts`; a `result` at top level is a value like any other.
 * - `js`: what jco's users write (`src/worker/jco-values.ts`): camelCase keys, `{ tag, val }`, `undefined` for none,
 *   flags as an object of booleans, typed arrays for lists of numbers. A `result` at top level is the payload of
 *   `ok`, or the payload of `err` thrown (an `Error` with a `payload` property counts as that payload; any other
 *   `Error` is passed on as it is).
 *
 * In both, `own` and `borrow` are the resource's rep as it is: an object of the host, or a number.
 */
export type ValueStyle = "value" | "js";

/**
 * Whose JavaScript serves an import. `hostbundle`: ours, or jco's, where what is wrong with a value is our fault. `bundle`:
 * an adapter's, which returns a `result` at top level as `{ tag, val }`; what it throws or returns wrongly is the
 * fault of the host bundle that was named when it was bound.
 */
export type Responsible = "hostbundle" | "bundle";

/** How a JavaScript function that serves an import is called. */
export type Invocation =
  /** `target(...args)` */
  | { readonly kind: "function" }
  /** `new target(...args)` */
  | { readonly kind: "constructor" }
  /** `args[0][name](...rest)`; there is no target. */
  | { readonly kind: "method"; readonly name: string };

export interface FunctionSpec {
  /** `ns:pkg/iface@1.0.0#func`, for messages and stack traces. */
  readonly label: string;
  readonly type: FuncType;
}

/** The index in the plan of each resource type that occurs in a signature. */
export type ResourceIndex = (resource: object) => number;

/** Component instances to be entered by a call, outermost last; computed by the linker from who calls whom. */
export type EnteredInstances = readonly ComponentInstance[];

/** A core function and how it was lifted, in one instance. */
export interface LiftedCore {
  readonly options: GuestOptions;
  readonly core: CoreFunction;
  readonly postReturn?: CoreFunction;
  readonly entered: EnteredInstances;
}

/** `canon lift`, called from JavaScript. */
export interface CompiledExport {
  readonly source: string;
  bind(lifted: LiftedCore): (...args: readonly unknown[]) => unknown;
}

/** `canon lower` of a JavaScript function. */
export interface CompiledJsImport {
  readonly source: string;
  /** `bundle`: the name of the host bundle that is responsible for what the target does. */
  bind(options: GuestOptions, target: (...args: never[]) => unknown, bundle?: string): CoreFunction;
}

/** `canon lower` of a `canon lift`: a call from one component instance into another. */
export interface CompiledGuestCall {
  readonly source: string;
  bind(caller: GuestOptions, callee: LiftedCore): CoreFunction;
}
