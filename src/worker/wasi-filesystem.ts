/**
 * `wasi:filesystem` through preview2-shim, with what the shim leaves open closed:
 *
 * - read-only grants: whatever would change anything is refused with `read-only`, opening for writing,
 *   truncating, and making a second name for a file elsewhere included;
 * - a directory that the guest has opened, renamed away and replaced by a symlink would take the shim out of
 *   the preopen: every use of a directory checks that its path still is what was opened;
 * - what a run leaves open is closed with it;
 * - streams are our own (`wasi-file-streams.ts`), and arguments that the shim gets wrong are put right
 *   (`wasi-file-arguments.ts`).
 *
 * The shim resolves paths component by component and refuses `..` and symlinks that leave the preopen
 * themselves. Other processes that change a granted directory at the same time are not guarded against.
 */
import { realpathSync } from "node:fs";
import { join, sep } from "node:path";
import { HostbundleError } from "../shared/errors.ts";
import type { DirectoryGrant } from "../shared/protocol.ts";
import { loadShim, type Functions, type ResourceClass, type ShimFilesystem } from "./shim.ts";
import { boundedRead, checkedStat, fileTimes, pathTimes } from "./wasi-file-arguments.ts";
import { filesystemErrorCode, FileSink, FileSource, type FileDescriptor } from "./wasi-file-streams.ts";
import { InputStream, OutputStream } from "./wasi-io.ts";

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
  /** Streams over it, which outlive the guest's handle. */
  streams: number;
  isDropped: boolean;
}

type Method = (this: object, ...args: unknown[]) => unknown;
type Prototype = Record<string | symbol, Method>;

const holdings = new WeakMap<object, Holding>();
/** Directory streams, and the run that has them open. */
const owners = new WeakMap<object, Set<object>>();

/** The file system of one run: the interfaces of `wasi:filesystem`. */
export interface Filesystem {
  readonly types: Functions;
  readonly preopens: Functions;
  /** Closes what the guest left open. */
  close(): void;
}

/** The file system of one thread. */
export interface FileService {
  open(grants: readonly DirectoryGrant[]): Filesystem;
}

/** Loads the shim, which starts a thread. */
export async function loadFiles(): Promise<FileService> {
  const shim = await loadShim("filesystem");
  guard(shim);
  const types: Functions = { ...shim.types, filesystemErrorCode };
  return {
    open(grants) {
      const open = new Set<object>();
      const directories = grants.map((grant) => preopen(shim, grant, open));
      return {
        types,
        preopens: { getDirectories: () => directories },
        close: () => {
          for (const item of open) {
            const holding = holdings.get(item);
            if (holding !== undefined) holding.streams = 0;
            dispose(item);
          }
          open.clear();
        },
      };
    },
  };
}

function preopen(
  shim: ShimFilesystem,
  grant: DirectoryGrant,
  open: Set<object>,
): readonly [descriptor: object, path: string] {
  const root = realpathSync(grant.host);
  const [[descriptor] = []] = shim
    .createFilesystem({ preopens: { [grant.guest]: root } })
    .preopens.getDirectories();
  if (descriptor === undefined) throw new HostbundleError("INTERNAL", "the shim made no preopen");
  const { readOnly } = grant;
  holdings.set(descriptor, {
    root,
    path: root,
    readOnly,
    isPreopen: true,
    open,
    streams: 0,
    isDropped: false,
  });
  return [descriptor, grant.guest];
}

let isGuarded = false;

/** Puts the checks around the shim's methods, once per thread. */
function guard(shim: ShimFilesystem): void {
  if (isGuarded) return;
  isGuarded = true;
  const descriptor = prototypeOf(shim.types.Descriptor);
  const entries = prototypeOf(shim.types.DirectoryEntryStream);
  const errorCode = errorCodes(shim);
  const wrap = (prototype: Prototype, name: string, wrapper: Wrapper): void =>
    wrapMethod(prototype, name, wrapper, errorCode);
  for (const name of ["setSize", "write"]) wrap(descriptor, name, { check: refuseReadOnly });
  wrap(descriptor, "read", { check: admit, args: boundedRead });
  wrap(descriptor, "readDirectory", { check: checkPlace, then: track });
  for (const name of ["createDirectoryAt", "removeDirectoryAt", "symlinkAt", "unlinkFileAt"]) {
    wrap(descriptor, name, { check: changePlace });
  }
  for (const name of ["linkAt", "renameAt"]) wrap(descriptor, name, { check: changeBothPlaces });
  for (const name of ["readlinkAt", "metadataHashAt"]) wrap(descriptor, name, { check: checkPlace });
  for (const name of ["advise", "getType", "metadataHash", "sync", "syncData"])
    wrap(descriptor, name, { check: admit });
  wrap(descriptor, "statAt", { check: checkPlace, result: checkedStat });
  wrap(descriptor, "stat", { check: admit, result: checkedStat });
  answerForPreopens(descriptor);
  wrap(descriptor, "setTimes", { check: refuseReadOnly, args: fileTimes });
  wrap(descriptor, "setTimesAt", { check: changePlace, args: pathTimes });
  wrap(descriptor, "openAt", { check: checkOpen, then: trackDescriptor });
  wrap(entries, "readDirectoryEntry", { check: () => undefined });
  giveStreams(descriptor, errorCode);
  forgetDisposed(entries);
  keepForStreams(descriptor);
}

/** A class's prototype as an object of methods. */
function prototypeOf(resource: ResourceClass): Prototype {
  return resource.prototype;
}

type Check = (self: object, args: readonly unknown[]) => void;

/** What goes around a method of the shim. */
interface Wrapper {
  /** Throws what the guest is refused with. */
  readonly check: Check;
  /** The arguments that the shim is given. */
  readonly args?: (self: object, args: readonly unknown[]) => unknown[];
  /** What the guest is given. */
  readonly result?: (result: unknown) => unknown;
  readonly then?: Then;
}

type Then = (result: unknown, self: object, args: readonly unknown[]) => void;

type ErrorCode = (error: unknown) => unknown;

function wrapMethod(prototype: Prototype, name: string, wrapper: Wrapper, errorCode: ErrorCode): void {
  const original = prototype[name];
  if (original === undefined) throw new HostbundleError("INTERNAL", `the shim's descriptors have no ${name}`);
  const { check, args: adapt, result: give, then } = wrapper;
  prototype[name] = function (...args) {
    check(this, args);
    let result: unknown;
    try {
      result = original.apply(this, adapt === undefined ? args : adapt(this, args));
    } catch (error) {
      throw errorCode(error);
    }
    then?.(result, this, args);
    return give === undefined ? result : give(result);
  };
}

/** Gives the `error-code` of a system error that the shim lets through: none of them is a fault of ours. */
function errorCodes(shim: ShimFilesystem): ErrorCode {
  return (error) => {
    if (!(error instanceof Error && "code" in error) || "fault" in error) return error;
    // Node's own checks: an offset or a time that no file has.
    if (String(error.code).startsWith("ERR_")) return INVALID;
    try {
      return shim.types.filesystemErrorCode({ payload: error });
    } catch {
      // It throws what it does not know.
      return IO;
    }
  };
}

/** Streams that keep the file open until they are dropped themselves. */
function giveStreams(descriptor: Prototype, errorCode: ErrorCode): void {
  const streamOf = (self: object, offset: unknown, isRead: boolean): object => {
    const holding = holdingOf(self);
    if (holding.isPreopen) throw errorCode(IS_DIRECTORY);
    const file = self as FileDescriptor; // A descriptor of the shim's class: `holdings` has no others.
    const onClose = (): void => {
      holding.streams -= 1;
      if (holding.isDropped && holding.streams === 0) dispose(self);
    };
    holding.streams += 1;
    const start = typeof offset === "bigint" ? offset : undefined;
    return isRead
      ? new InputStream(new FileSource(file, start ?? 0n, onClose))
      : new OutputStream(new FileSink(file, start, onClose));
  };
  descriptor["readViaStream"] = function (offset) {
    admit(this, []);
    return streamOf(this, offset, true);
  };
  for (const name of ["writeViaStream", "appendViaStream"]) {
    descriptor[name] = function (offset) {
      refuseReadOnly(this, []);
      return streamOf(this, offset, false);
    };
  }
}

// Error codes of wasi:filesystem/types are thrown as they are: jco makes `err` of them.
const IO = "io";
const INVALID = "invalid";
const IS_DIRECTORY = "is-directory";
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
  holdings.set(result, { ...holding, path, isPreopen: false, streams: 0, isDropped: false });
};

/** The shim knows neither the flags nor the attributes of a preopen. */
function answerForPreopens(descriptor: Prototype): void {
  const { stat, statAt, getFlags, metadataHash, metadataHashAt } = descriptor;
  descriptor["stat"] = function () {
    return holdingOf(this).isPreopen ? statAt?.call(this, FOLLOW, ".") : stat?.call(this);
  };
  descriptor["metadataHash"] = function () {
    return holdingOf(this).isPreopen ? metadataHashAt?.call(this, FOLLOW, ".") : metadataHash?.call(this);
  };
  descriptor["getFlags"] = function () {
    const { isPreopen, readOnly } = holdingOf(this);
    return isPreopen ? { read: true, mutateDirectory: !readOnly } : getFlags?.call(this);
  };
}

const FOLLOW = { symlinkFollow: true };

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

/** The guest may drop a descriptor before the streams over it. */
function keepForStreams(prototype: Prototype): void {
  const original = prototype[Symbol.dispose];
  prototype[Symbol.dispose] = function () {
    const holding = holdings.get(this);
    if (holding !== undefined && holding.streams > 0) {
      holding.isDropped = true;
      return undefined;
    }
    holding?.open.delete(this);
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
