import { HostbundleError } from "../errors.ts";
import { printType } from "../wit/print-type.ts";
import type { ValueType } from "../wit/types.ts";

/** A value of our own that does not have the shape of its type: whoever made it has a bug. */
export function mismatch(type: ValueType): HostbundleError {
  return new HostbundleError("INTERNAL", `a value does not have the shape of its type ${printType(type)}`, {
    help: "this is a bug of hostbundle: please report it",
  });
}
