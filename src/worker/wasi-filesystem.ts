/**
 * `wasi:filesystem` through preview2-shim, with what the shim leaves open closed:
 *
 * - read-only grants: whatever would change anything is refused with `read-only`, opening for writing,
 *   truncating, and making a second name for a file elsewhere included;
 * - a directory that the guest has opened, renamed away and replaced by a symlink would take the shim out of
 *   the preopen: every use of a directory checks that its path still is what was opened;
 * - what a run leaves open is closed with it.
 *
 * The shim resolves paths component by component and refuses `..` and symlinks that leave the preopen
 * themselves. Other processes that change a granted directory at the same time are not guarded against.
 */
import { realpathSync } from "node:fs";
import { join, sep } from "node:path";
import { HostbundleError } from "../shared/errors.ts";
import type { DirectoryGrant } from "../shared/protocol.ts";
import { loadShim, type ResourceClass, type ShimFilesystem, type ShimIo } from "./shim.ts";

/** What a descriptor of the shim may do. */
interface Holding {
  /** Real path of the preopened directory. */
  readonly root: string;
  /** Real path of what was opened. */
  readonly path: string;
  readonly readOnly: boolean;
  readonly isPreopen: boolean;
  /** All that the run has open. */
  readonly open: Set<object>;
}

type Method = (this: object, ...args: unknown[]) => unknown;
type Prototype = Record<string | symbol, Method>;

const holdings = new WeakMap<object, Holding>();
/** Streams and other things that hold resources, and the run that has them open. */
const owners = new WeakMap<object, Set<object>>();

export interface Filesystem {
  /** Imports by interface name. */
  readonly imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Closes what the guest left open. */
  close(): void;
}

/** The file system of one run. */
export async function openFilesystem(grants: readonly DirectoryGrant[]): Promise<Filesystem> {
  const shim = await loadShim("filesystem");
  const io = await loadShim("io");
  guard(shim, io.streams);
  const open = new Set<object>();
  const directories = grants.map((grant): readonly [object, string] => {
    const root = realpathSync(grant.host);
    const filesystem = shim.createFilesystem({ preopens: { [grant.guest]: root } });
    const [[descriptor] = []] = filesystem.preopens.getDirectories();
    if (descriptor === undefined) throw new HostbundleError("INTERNAL", "the shim made no preopen");
    holdings.set(descriptor, { root, path: root, readOnly: grant.readOnly, isPreopen: true, open });
    return [descriptor, grant.guest];
  });
  return {
    imports: {
      types: { ...shim.types },
      preopens: { getDirectories: () => [...directories] },
    },
    close: () => {
      for (const item of open) dispose(item);
      open.clear();
    },
  };
}

let isGuarded = false;

/** Puts the checks around the shim's methods, once per thread. */
function guard(shim: ShimFilesystem, streams: ShimIo["streams"]): void {
  if (isGuarded) return;
  isGuarded = true;
  const descriptor = prototypeOf(shim.types.Descriptor);
  const closable = [shim.types.DirectoryEntryStream, streams.InputStream, streams.OutputStream];
  for (const name of ["setSize", "setTimes", "write"]) wrap(descriptor, name, refuseReadOnly);
  for (const name of ["writeViaStream", "appendViaStream"]) wrap(descriptor, name, refuseReadOnly, track);
  wrap(descriptor, "readViaStream", admit, track);
  wrap(descriptor, "readDirectory", checkPlace, track);
  for (const name of ["createDirectoryAt", "removeDirectoryAt", "setTimesAt", "symlinkAt", "unlinkFileAt"]) {
    wrap(descriptor, name, changePlace);
  }
  for (const name of ["linkAt", "renameAt"]) wrap(descriptor, name, changeBothPlaces);
  for (const name of ["statAt", "readlinkAt", "metadataHashAt"]) wrap(descriptor, name, checkPlace);
  for (const name of ["advise", "getType", "metadataHash", "read", "sync", "syncData"])
    wrap(descriptor, name, admit);
  wrap(descriptor, "openAt", checkOpen, trackDescriptor);
  wrap(descriptor, "stat", admit);
  answerForPreopens(descriptor);
  for (const prototype of [descriptor, ...closable.map(prototypeOf)]) forgetDisposed(prototype);
}

/** A class's prototype as an object of methods. */
function prototypeOf(resource: ResourceClass): Prototype {
  return resource.prototype;
}

type Check = (self: object, args: readonly unknown[]) => void;
type Then = (result: unknown, self: object, args: readonly unknown[]) => void;

function wrap(prototype: Prototype, name: string, check: Check, then?: Then): void {
  const original = prototype[name];
  if (original === undefined) throw new HostbundleError("INTERNAL", `the shim's descriptors have no ${name}`);
  prototype[name] = function (...args) {
    check(this, args);
    let result: unknown;
    try {
      result = original.apply(this, args);
    } catch (error) {
      // The shim lets through the system errors that have no code in WASI; none of them is a fault of ours.
      if (error instanceof Error && "code" in error && !("fault" in error)) throw IO;
      throw error;
    }
    then?.(result, this, args);
    return result;
  };
}

// Error codes of wasi:filesystem/types are thrown as they are: jco makes `err` of them.
const IO = "io";
const INVALID = "invalid";
const NO_ENTRY = "no-entry";
const NOT_PERMITTED = "not-permitted";
const READ_ONLY = "read-only";

function holdingOf(self: object): Holding {
  const holding = holdings.get(self);
  if (holding !== undefined) return holding;
  throw new HostbundleError("TRAP", "the guest trapped: a file descriptor that is not open");
}

const admit: Check = (self) => void holdingOf(self);

const refuseReadOnly: Check = (self) => {
  if (holdingOf(self).readOnly) throw READ_ONLY;
};

/** For methods that take paths: the directory is where it was, and no path has a NUL. */
const checkPlace: Check = (self, args) => {
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

const changePlace: Check = (self, args) => {
  refuseReadOnly(self, args);
  checkPlace(self, args);
};

const changeBothPlaces: Check = (self, args) => {
  changePlace(self, args);
  for (const arg of args)
    if (typeof arg === "object" && arg !== null && holdings.has(arg)) changePlace(arg, args);
};

const checkOpen: Check = (self, args) => {
  checkPlace(self, args);
  const [, , openFlags, descriptorFlags] = args;
  const changes =
    isSet(openFlags, "create") ||
    isSet(openFlags, "truncate") ||
    isSet(descriptorFlags, "write") ||
    isSet(descriptorFlags, "mutateDirectory");
  if (changes && holdingOf(self).readOnly) throw READ_ONLY;
};

const track: Then = (result, self) => {
  if (typeof result === "object" && result !== null) own(result, holdingOf(self).open);
};

const trackDescriptor: Then = (result, self, args) => {
  if (typeof result !== "object" || result === null) return;
  const holding = holdingOf(self);
  own(result, holding.open);
  const path = realpathSync(join(holding.path, String(args[1])));
  if (path !== holding.root && !path.startsWith(holding.root === sep ? sep : holding.root + sep)) {
    dispose(result);
    throw NOT_PERMITTED;
  }
  holdings.set(result, { ...holding, path, isPreopen: false });
};

/** The shim knows neither the flags nor the attributes of a preopen. */
function answerForPreopens(descriptor: Prototype): void {
  const { stat, statAt, getFlags } = descriptor;
  descriptor["stat"] = function () {
    return holdingOf(this).isPreopen ? statAt?.call(this, { symlinkFollow: true }, ".") : stat?.call(this);
  };
  descriptor["getFlags"] = function () {
    const { isPreopen, readOnly } = holdingOf(this);
    return isPreopen ? { read: true, mutateDirectory: !readOnly } : getFlags?.call(this);
  };
}

function own(item: object, open: Set<object>): void {
  open.add(item);
  owners.set(item, open);
}

function forgetDisposed(prototype: Prototype): void {
  const original = prototype[Symbol.dispose];
  prototype[Symbol.dispose] = function () {
    owners.get(this)?.delete(this);
    return original?.call(this);
  };
}

function dispose(item: object): void {
  const method: unknown = Reflect.get(item, Symbol.dispose);
  if (typeof method === "function") Reflect.apply(method, item, []);
}

function isSet(flags: unknown, name: string): boolean {
  return typeof flags === "object" && flags !== null && Reflect.get(flags, name) === true;
}
