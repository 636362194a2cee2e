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
import {
  loadShim,
  type Functions,
  type ResourceClass,
  type ShimDescriptor,
  type ShimFilesystem,
} from "./shim.ts";
import { boundedRead, checkedStat, fileTimes, pathTimes } from "./wasi-file-arguments.ts";
import {
  admit,
  changeBothPlaces,
  changePlace,
  checkOpen,
  checkPlace,
  holdingOf,
  holdings,
  INVALID,
  IO,
  IS_DIRECTORY,
  NOT_PERMITTED,
  refuseReadOnly,
  type Check,
  type Holding,
} from "./wasi-file-holdings.ts";
import { filesystemErrorCode, FileSink, FileSource } from "./wasi-file-streams.ts";
import { InputStream, OutputStream } from "./wasi-io.ts";

type Method = (this: object, ...args: unknown[]) => unknown;
type Prototype = Record<string | symbol, Method>;

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
    descriptor,
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
  wrap(descriptor, "readDirectory", { check: checkPlace, afterwards: track });
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
  wrap(descriptor, "openAt", { check: checkOpen, afterwards: trackDescriptor });
  wrap(entries, "readDirectoryEntry", { check: () => undefined });
  giveStreams(descriptor);
  forgetDisposed(entries);
  keepForStreams(descriptor);
}

/** A class's prototype as an object of methods. */
function prototypeOf(resource: ResourceClass): Prototype {
  return resource.prototype;
}

/** What goes around a method of the shim. */
interface Wrapper {
  /** Throws what the guest is refused with. */
  readonly check: Check;
  /** The arguments that the shim is given. */
  readonly args?: (self: ShimDescriptor, args: readonly unknown[]) => unknown[];
  /** What the guest is given. */
  readonly result?: (result: unknown) => unknown;
  readonly afterwards?: Then;
}

type Then = (result: unknown, self: object, args: readonly unknown[]) => void;

type ErrorCode = (error: unknown) => unknown;

function wrapMethod(prototype: Prototype, name: string, wrapper: Wrapper, errorCode: ErrorCode): void {
  const original = prototype[name];
  if (original === undefined) throw new HostbundleError("INTERNAL", `the shim's descriptors have no ${name}`);
  const { check, args: adapt, result: give, afterwards } = wrapper;
  prototype[name] = function (...args) {
    check(this, args);
    let result: unknown;
    try {
      result = original.apply(this, adapt === undefined ? args : adapt(holdingOf(this).descriptor, args));
    } catch (error) {
      throw errorCode(error);
    }
    afterwards?.(result, this, args);
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
function giveStreams(descriptor: Prototype): void {
  descriptor["readViaStream"] = function (offset) {
    const { file, onClose } = enterStream(holdingOf(this));
    return new InputStream(new FileSource(file, typeof offset === "bigint" ? offset : 0n, onClose));
  };
  for (const name of ["writeViaStream", "appendViaStream"]) {
    descriptor[name] = function (offset) {
      refuseReadOnly(this, []);
      const { file, onClose } = enterStream(holdingOf(this));
      return new OutputStream(new FileSink(file, typeof offset === "bigint" ? offset : undefined, onClose));
    };
  }
}

function enterStream(holding: Holding): { readonly file: ShimDescriptor; readonly onClose: () => void } {
  // oxlint-disable-next-line typescript/only-throw-error
  if (holding.isPreopen) throw IS_DIRECTORY;
  holding.streams += 1;
  const onClose = (): void => {
    holding.streams -= 1;
    if (holding.isDropped && holding.streams === 0) dispose(holding.descriptor);
  };
  return { file: holding.descriptor, onClose };
}

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
  // Of the shim's class, by the method that gave it.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const descriptor = result as ShimDescriptor;
  holdings.set(result, { ...holding, descriptor, path, isPreopen: false, streams: 0, isDropped: false });
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
