/** What the runs of a child need of the file system, and what was granted to them. */
import { createRequire } from "node:module";
import { homedir, tmpdir } from "node:os";
import { dirname, isAbsolute, join, parse } from "node:path";
import type { LibraryPlan } from "../../shared/protocol.ts";
import type { FileGrants, SandboxGrants, SandboxPolicy } from "../../shared/sandbox.ts";

/** Shared objects, and what the loader and the C library read about them, languages and times. */
const SYSTEM = words(`
  /lib /lib32 /lib64 /usr/lib /usr/lib32 /usr/lib64 /usr/local/lib /usr/local/lib64 /nix/store
  /etc/ld.so.cache /etc/ld.so.conf /etc/ld.so.conf.d /etc/ld.so.preload
  /etc/localtime /etc/timezone /usr/share/zoneinfo /usr/share/locale /usr/share/i18n
  /etc/ssl/openssl.cnf /etc/pki/tls/openssl.cnf /etc/crypto-policies
`);

/** How much memory and how many cores there are: databases and allocators ask. Nothing about other processes. */
const MACHINE = words(`
  /proc/self /proc/meminfo /proc/cpuinfo /proc/stat /proc/sys/vm/overcommit_memory
  /sys/devices/system/cpu /sys/devices/system/node /sys/kernel/mm/transparent_hugepage /sys/fs/cgroup
`);

/** What a program that speaks to others looks up. */
const NETWORK = words(`
  /etc/resolv.conf /etc/hosts /etc/host.conf /etc/nsswitch.conf /etc/gai.conf /etc/services /etc/protocols
  /etc/ssl/certs /etc/pki/ca-trust /usr/share/ca-certificates
`);

const SOURCES: readonly string[] = ["/dev/zero", "/dev/random", "/dev/urandom"];
const SINKS: readonly string[] = ["/dev/null", "/dev/full"];

/** A library, of a bundle or of its adapter. */
export type PlannedLibrary = Pick<LibraryPlan, "path" | "folder">;

/** What a child needs for its runs. */
export interface SandboxNeeds {
  readonly libraries: readonly PlannedLibrary[];
  /** What adapters say that they work on, and what guests were given. */
  readonly files: FileGrants;
  /** Where images of components lie. */
  readonly imageFolder: string;
  /** Of the child. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** @param childFile The child's program, an absolute path. */
export function policyFor(
  { libraries, files, imageFolder, env }: SandboxNeeds,
  childFile: string,
  { readable, writable, network }: SandboxGrants,
): SandboxPolicy {
  const searched = (env["LD_LIBRARY_PATH"] ?? "").split(":").filter((path) => isAbsolute(path));
  return {
    readable: unique(
      [SYSTEM, MACHINE, SOURCES, searched, network ? NETWORK : [], ownFolders(childFile), [imageFolder]],
      [libraries.flatMap(libraryPlaces), files.readable, readable],
    ),
    writable: unique([SINKS, files.writable, writable]),
    network,
  };
}

/** The bundle, and where the library finds others beside it; a folder that holds all kinds of things is not shown for one library. */
function libraryPlaces({ path, folder }: PlannedLibrary): readonly string[] {
  const beside = dirname(path);
  const isShared = [parse(path).root, homedir(), tmpdir()].includes(beside);
  return [isShared ? path : beside, ...(folder === undefined ? [] : [folder])];
}

/** The installation, and the folders that Node looks for modules in. */
function ownFolders(childFile: string): readonly string[] {
  const modules = createRequire(childFile).resolve.paths("koffi") ?? [];
  return [join(dirname(childFile), "..", ".."), ...modules];
}

function unique(...groups: readonly (readonly (readonly string[])[])[]): readonly string[] {
  return [...new Set(groups.flat(2))].toSorted();
}

function words(text: string): readonly string[] {
  return text.split(/\s+/u).filter((word) => word !== "");
}
