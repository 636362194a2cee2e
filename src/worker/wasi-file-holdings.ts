/** What a guest may do with each descriptor of the shim, and the checks that this takes. */
import { realpathSync } from "node:fs";
import { HostbundleError } from "../shared/errors.ts";
import type { ShimDescriptor } from "./shim.ts";

/** What a descriptor of the shim may do. */
export interface Holding {
  readonly descriptor: ShimDescriptor;
  /** Real path of the preopened directory. */
  readonly root: string;
  /** Real path of what was opened. */
  readonly path: string;
  readonly readOnly: boolean;
  readonly isPreopen: boolean;
  /** All that the run has open. */
  readonly open: Set<object>;
  /** Streams over it, which outlive the guest's handle. */
  streams: number;
  isDropped: boolean;
}

export const holdings = new WeakMap<object, Holding>();

/** Throws what the guest is refused with. */
export type Check = (self: object, args: readonly unknown[]) => void;

// Error codes of wasi:filesystem/types are thrown as they are: jco makes `err` of them.
export const IO = "io";
export const INVALID = "invalid";
export const IS_DIRECTORY = "is-directory";
const NO_ENTRY = "no-entry";
export const NOT_PERMITTED = "not-permitted";
const READ_ONLY = "read-only";

export function holdingOf(self: object): Holding {
  const holding = holdings.get(self);
  if (holding !== undefined) return holding;
  throw new HostbundleError("TRAP", "the guest trapped: a file descriptor that is not open");
}

export const admit: Check = (self) => void holdingOf(self);

export const refuseReadOnly: Check = (self) => {
  if (holdingOf(self).readOnly) throw READ_ONLY;
};

/** For methods that take paths: the directory is where it was, and no path has a NUL. */
export const checkPlace: Check = (self, args) => {
  const holding = holdingOf(self);
  if (args.some((arg) => typeof arg === "string" && arg.includes("\0"))) throw INVALID;
  let real: string;
  try {
    real = realpathSync(holding.path);
  } catch {
    // Removed, or hidden behind something else.
    throw NO_ENTRY;
  }
  if (real !== holding.path) throw NOT_PERMITTED;
};

export const changePlace: Check = (self, args) => {
  refuseReadOnly(self, args);
  checkPlace(self, args);
};

export const changeBothPlaces: Check = (self, args) => {
  changePlace(self, args);
  for (const arg of args)
    if (typeof arg === "object" && arg !== null && holdings.has(arg)) changePlace(arg, args);
};

export const checkOpen: Check = (self, args) => {
  checkPlace(self, args);
  const [, , openFlags, descriptorFlags] = args;
  const changes =
    isSet(openFlags, "create") ||
    isSet(openFlags, "truncate") ||
    isSet(descriptorFlags, "write") ||
    isSet(descriptorFlags, "mutateDirectory");
  if (changes && holdingOf(self).readOnly) throw READ_ONLY;
};

function isSet(flags: unknown, name: string): boolean {
  return typeof flags === "object" && flags !== null && Reflect.get(flags, name) === true;
}
