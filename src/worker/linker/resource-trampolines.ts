/** The core functions by which a guest deals with handles (CanonicalABI.md, `canon resource.*`). */
import { HostbundleError } from "../../shared/errors.ts";
import type { CoreFunction } from "../abi/types.ts";
import { Violation } from "../abi/violation.ts";
import type { ComponentInstance } from "./component-instance.ts";
import type { Resource } from "./resource.ts";

/** `canon_resource_new` */
export function resourceNew(instance: ComponentInstance, resource: Resource): CoreFunction {
  const label = `resource.new ${resource.name}`;
  return (rep) => {
    if (!instance.mayLeave) throw refuse(instance, label);
    try {
      return instance.handles.add(resource, Number(rep), undefined);
    } catch (error) {
      // First, without a call: a guest may have used up the stack.
      instance.mayLeave = false;
      throw fail(instance, label, error);
    }
  };
}

/** `canon_resource_rep` */
export function resourceRep(instance: ComponentInstance, resource: Resource): CoreFunction {
  const label = `resource.rep ${resource.name}`;
  return (index) => {
    try {
      // Only the implementer has this function, and its reps are the numbers that it gave.
      return Number(instance.handles.get(Number(index) >>> 0, resource).rep);
    } catch (error) {
      // First, without a call: a guest may have used up the stack.
      instance.mayLeave = false;
      throw fail(instance, label, error);
    }
  };
}

/** `canon_resource_drop` */
export function resourceDrop(instance: ComponentInstance, resource: Resource): CoreFunction {
  const label = `resource.drop ${resource.name}`;
  return (index) => {
    if (!instance.mayLeave) throw refuse(instance, label);
    try {
      const handle = instance.handles.get(Number(index) >>> 0, resource);
      // A guest may have used up the stack: from here on the handle is in the table, or noted, until its end has come.
      if (resource.isAtomic === true && handle.scope === undefined) instance.dropping = handle;
      const { scope, rep } = instance.handles.remove(Number(index) >>> 0, resource);
      if (scope === undefined) resource.destroy?.(rep, instance);
      else scope.borrows -= 1;
      instance.dropping = undefined;
    } catch (error) {
      // First, without a call: a guest may have used up the stack.
      instance.mayLeave = false;
      throw fail(instance, label, error);
    }
    return undefined;
  };
}

/** A function that the host does not have. */
export function unavailable(instance: ComponentInstance, name: string): CoreFunction {
  return () => {
    const error = new HostbundleError(
      "TRAP",
      `the guest called ${name}, which belongs to the async proposals`,
      {
        help: "build the guest without async; hostbundle runs synchronous components (WASI 0.2)",
      },
    );
    throw fail(instance, name, error);
  };
}

/** A call out of an instance that must not be left now: from `realloc` or post-return. */
function refuse(instance: ComponentInstance, label: string): unknown {
  const violation = new Violation(
    "the guest called an import while it must not leave its component instance",
  );
  return fail(instance, label, violation);
}

/** Notes what ended the instance, and gives what is to be thrown. */
function fail(instance: ComponentInstance, label: string, error: unknown): unknown {
  const failure =
    error instanceof Violation ? new HostbundleError("TRAP", `${label}: ${error.message}`) : error;
  instance.mayLeave = false;
  instance.failure ??= failure;
  return failure;
}
