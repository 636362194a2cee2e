/** `wasi:filesystem` for a guest that was granted no directory: it has nothing to call a method on. */
import { HostbundleError } from "../shared/errors.ts";
import { emptyClass, type Functions, type ResourceClass } from "./shim.ts";

const DESCRIPTOR_METHODS = [
  "advise",
  "appendViaStream",
  "createDirectoryAt",
  "getFlags",
  "getType",
  "isSameObject",
  "linkAt",
  "metadataHash",
  "metadataHashAt",
  "openAt",
  "read",
  "readDirectory",
  "readlinkAt",
  "readViaStream",
  "removeDirectoryAt",
  "renameAt",
  "setSize",
  "setTimes",
  "setTimesAt",
  "stat",
  "statAt",
  "symlinkAt",
  "sync",
  "syncData",
  "unlinkFileAt",
  "write",
  "writeViaStream",
];

/** Imports by interface name. */
export function noFiles(): Readonly<Record<string, Functions>> {
  return {
    types: {
      Descriptor: uninhabited(DESCRIPTOR_METHODS),
      DirectoryEntryStream: uninhabited(["readDirectoryEntry"]),
      // No error of a stream comes from a file.
      filesystemErrorCode: () => undefined,
    },
    preopens: { getDirectories: () => [] },
  };
}

/** A class that has the methods, for jco to look at, and no instances. */
function uninhabited(methods: readonly string[]): ResourceClass {
  const Resource = emptyClass();
  for (const name of methods) Object.defineProperty(Resource.prototype, name, { value: refuse });
  return Resource;
}

function refuse(): never {
  throw new HostbundleError("TRAP", "the guest trapped: a file descriptor that is not open");
}
