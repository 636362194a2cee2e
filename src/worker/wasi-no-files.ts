/** `wasi:filesystem` for a guest that was granted no directory: it has nothing to call a method on. */
import { uninhabited, type Functions } from "./shim.ts";

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
export const NO_FILES = {
  types: {
    Descriptor: uninhabited(DESCRIPTOR_METHODS),
    DirectoryEntryStream: uninhabited(["readDirectoryEntry"]),
    // No error of a stream comes from a file.
    filesystemErrorCode: () => undefined,
  },
  preopens: { getDirectories: () => [] },
} satisfies Readonly<Record<string, Functions>>;
