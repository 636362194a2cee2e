/** What becomes of an instance when a call goes wrong: dead for good, with the first failure noted. */
import { HostbundleError, isHostbundleError } from "../../../shared/errors.ts";
import type { ComponentInstance } from "../../linker/component-instance.ts";
import { Violation } from "../violation.ts";
import { Misfit } from "./misfit.ts";
import type { EnteredInstances } from "./types.ts";

/** One compiled function, for messages. */
export interface Site {
  readonly label: string;
  /** What a step number stands for: a parameter, or the result. */
  readonly places: readonly string[];
}

/** Begins a call into these instances (`may_enter`); `caller` is the guest that calls, if one does. */
export function enter(entered: EnteredInstances, site: Site, caller?: ComponentInstance): void {
  for (const instance of entered) if (!instance.mayEnter) refuseEntry(site, caller);
  for (const instance of entered) instance.mayEnter = false;
}

export function leave(entered: EnteredInstances): void {
  for (const instance of entered) instance.mayEnter = true;
}

function refuseEntry({ label }: Site, caller: ComponentInstance | undefined): never {
  const error = new HostbundleError("TRAP", `${label}: cannot enter component instance`, { function: label });
  if (caller !== undefined) poison(caller, error);
  throw error;
}

/** A guest that calls out while it must not: from inside `realloc` or post-return, or after a failure that it caught. */
export function refuseLeave({ label }: Site, caller: ComponentInstance): never {
  const error =
    caller.failure ??
    new HostbundleError(
      "TRAP",
      `${label}: the guest called an import from inside its own realloc or post-return`,
      {
        function: label,
      },
    );
  poison(caller, error);
  throw error;
}

/** What a core function swallowed: something thrown inside it that ended the call. */
export function swallowed({ label }: Site, { failure }: ComponentInstance): unknown {
  return (
    failure ??
    new HostbundleError("TRAP", `${label}: the guest went on after a call that failed`, { function: label })
  );
}

/**
 * Notes why a call failed on everybody concerned, and gives the error to throw: the first one. `instance` is the guest
 * that was called, or the one that called the host; `caller` the guest that called another. What calls this sets
 * `mayLeave` false itself: where the guest has used up the stack, this call may be one too many.
 */
export function fail(
  thrown: unknown,
  site: Site,
  step: number,
  entered: EnteredInstances,
  instance: ComponentInstance,
  caller?: ComponentInstance,
): unknown {
  const concerned = [instance, ...entered, ...(caller === undefined ? [] : [caller])];
  const first = concerned.find(({ failure }) => failure !== undefined);
  const error = first === undefined ? explain(thrown, site, step) : first.failure;
  for (const each of concerned) poison(each, error);
  return error;
}

/**
 * What an adapter has thrown, or the value it returned that is none of the type's: its host bundle's fault.
 * @param isCall The adapter itself was running.
 */
export function blamed(
  thrown: unknown,
  bundle: string,
  { label, places }: Site,
  step: number,
  isCall: boolean,
): unknown {
  if (thrown instanceof Misfit) {
    const text = `${label}: ${places[step] ?? ""}${thrown.path}: ${thrown.message}`;
    return hostFault(`host bundle "${bundle}" returned a bad value: ${text}`, bundle, label, thrown);
  }
  // Deep recursion of a guest may end anywhere.
  if (!isCall || isHostbundleError(thrown) || isExhaustion(thrown)) return thrown;
  const reason = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return hostFault(
    `${label}: the adapter of host bundle "${bundle}" failed: ${reason}`,
    bundle,
    label,
    thrown,
  );
}

function hostFault(message: string, bundle: string, label: string, cause: unknown): HostbundleError {
  return new HostbundleError("HOST_FAULT", message.replaceAll(/\s*\n\s*/g, "; "), {
    function: label,
    bundle,
    cause,
    help: "the adapter breaks its contract; see docs/authoring-guide.md",
  });
}

function isExhaustion(thrown: unknown): boolean {
  return thrown instanceof RangeError && thrown.message.includes("call stack");
}

function poison(instance: ComponentInstance, error: unknown): void {
  instance.mayLeave = false;
  instance.mayEnter = false;
  instance.failure ??= error;
}

function explain(thrown: unknown, { label, places }: Site, step: number): unknown {
  if (thrown instanceof Violation) {
    const text = `${label}: ${places[step] ?? ""}${thrown.path}: ${thrown.message}`;
    return new HostbundleError(thrown instanceof Misfit ? "INTERNAL" : "TRAP", text, { function: label });
  }
  // A guest's exception does not cross into another component (`call_and_trap_on_throw`).
  if (isGuestException(thrown)) {
    return new HostbundleError("TRAP", `${label}: the guest threw an exception`, {
      function: label,
      cause: thrown,
    });
  }
  return (
    thrown ?? new HostbundleError("INTERNAL", `${label}: ${String(thrown)} was thrown`, { function: label })
  );
}

/** An exception of core WebAssembly. */
export function isGuestException(thrown: unknown): boolean {
  return thrown instanceof WebAssembly.Exception;
}
