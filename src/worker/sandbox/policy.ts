/** What a child needs of the file system, before anybody has granted anything. */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { LinkPlan, WasiGrants } from "../../shared/protocol.ts";
import type { SandboxMode, SandboxPolicy } from "../../shared/sandbox.ts";

/** Shared objects, and what the loader and the C library read about them, languages and times. */
const SYSTEM: readonly string[] = [
  ...["/lib", "/lib32", "/lib64", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/local/lib", "/usr/local/lib64"],
  ...["/nix/store", "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/ld.so.preload"],
  ...["/etc/localtime", "/etc/timezone", "/usr/share/zoneinfo", "/usr/share/locale", "/usr/share/i18n"],
  ...["/etc/ssl/openssl.cnf", "/usr/share/p11-kit", "/etc/pkcs11"],
];

/** How much memory and how many cores there are: databases and allocators ask. Nothing about other processes. */
const MACHINE: readonly string[] = [
  ...["/proc/self", "/proc/meminfo", "/proc/cpuinfo", "/proc/stat", "/proc/sys/vm/overcommit_memory"],
  ...["/sys/devices/system/cpu", "/sys/devices/system/node", "/sys/kernel/mm/transparent_hugepage"],
  "/sys/fs/cgroup",
];

const SOURCES: readonly string[] = ["/dev/zero", "/dev/random", "/dev/urandom"];
const SINKS: readonly string[] = ["/dev/null", "/dev/full"];

/** What a user grants to all runs of a host. */
export interface SandboxGrants {
  readonly mode: SandboxMode;
  readonly readable: readonly string[];
  readonly writable: readonly string[];
  readonly network: boolean;
}

/** What a run itself needs. */
export interface SandboxNeeds {
  readonly plan: Pick<LinkPlan, "libraries" | "adapters">;
  readonly wasi: Pick<WasiGrants, "directories">;
  readonly image: { readonly folder: string };
}

/**
 * The policy of the child that such runs need; nothing where the sandbox is off. Runs whose policies are equal as JSON may share a child.
 * @param childFile The child's program, an absolute path.
 */
export function policyFor(
  { plan, wasi, image }: SandboxNeeds,
  childFile: string,
  { mode, readable, writable, network }: SandboxGrants,
): SandboxPolicy | undefined {
  if (mode === "off") return undefined;
  const libraries = plan.libraries.map(({ path }) => dirname(path));
  const adapters = plan.adapters.flatMap(({ library, adapter, configFolders }) => [
    ...(library === undefined ? [] : [dirname(library)]),
    ...(adapter.kind === "module" ? [dirname(adapter.path)] : []),
    ...Object.values(configFolders),
  ]);
  const granted = wasi.directories.filter((grant) => !grant.readOnly).map(({ host }) => host);
  const shown = wasi.directories.filter((grant) => grant.readOnly).map(({ host }) => host);
  return {
    mode,
    readable: unique([
      ...[process.execPath, ...ownFolders(childFile), ...SYSTEM, ...MACHINE, ...SOURCES],
      // The images of all components of one cache: a child serves several.
      ...[dirname(image.folder), ...libraries, ...adapters, ...shown, ...readable],
    ]),
    writable: unique([...SINKS, ...granted, ...writable]),
    network,
  };
}

/** The installation, and the folders that Node looks for modules in. */
function ownFolders(childFile: string): readonly string[] {
  const modules = createRequire(childFile).resolve.paths("koffi") ?? [];
  return [join(dirname(childFile), "..", ".."), ...modules];
}

function unique(paths: readonly string[]): readonly string[] {
  return [...new Set(paths)].toSorted();
}
