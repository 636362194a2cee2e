/** Handles between a guest's table and the reps that JavaScript has (CanonicalABI.md, `lift_own` … `lower_borrow`). */
import type { Resource } from "../../linker/resource.ts";
import type { Guest } from "./guest.ts";
import { misfit } from "./misfit.ts";

/** `lift_own` */
export function liftOwn(guest: Guest, index: number, resource: number): unknown {
  return guest.instance.handles.take(index, resourceOf(guest, resource));
}

/** `lift_borrow`: the handle stays, lent until the call has delivered its result. */
export function liftBorrow(guest: Guest, index: number, resource: number): unknown {
  const handle = guest.instance.handles.get(index, resourceOf(guest, resource));
  guest.lend(handle);
  return handle.rep;
}

/** `lower_own` */
export function lowerOwn(guest: Guest, rep: unknown, index: number): number {
  const resource = resourceOf(guest, index);
  checkRep(rep, resource);
  return guest.instance.handles.add(resource, rep, undefined);
}

/** `lower_borrow`: the implementer gets its own rep, anybody else a handle to be dropped before the call ends. */
export function lowerBorrow(guest: Guest, rep: unknown, index: number): number {
  const resource = resourceOf(guest, index);
  const number = checkRep(rep, resource);
  if (resource.implementer === guest.instance) return number;
  const handle = guest.instance.handles.add(resource, rep, guest.call);
  guest.call.borrows += 1;
  return handle;
}

function resourceOf(guest: Guest, index: number): Resource {
  const resource = guest.instance.resources[index];
  if (resource === undefined) throw new RangeError(`the instantiation has no resource ${index}`);
  return resource;
}

/** A guest's resource is an i32 there; what the host keeps for one of its own is its own business. */
function checkRep(rep: unknown, { implementer, name, accepts }: Resource): number {
  if (typeof rep === "number" && ((rep | 0) === rep || rep >>> 0 === rep)) return rep;
  if (implementer !== undefined || accepts?.(rep) === false) return misfit(`the rep of a ${name}`, rep);
  return 0;
}
