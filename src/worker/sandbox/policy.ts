/** What a child needs of the file system, before anybody has granted anything. */
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import type { BuiltInAdapterName } from "../../shared/adapters.ts";
import type { AdapterPlan, LinkPlan, WasiGrants } from "../../shared/protocol.ts";
import type { SandboxMode, SandboxPolicy } from "../../shared/sandbox.ts";

/** Shared objects, and what the loader and the C library read about them, languages and times. */
const SYSTEM: readonly string[] = [
  "/lib",
  "/lib32",
  "/lib64",
  "/usr/lib",
  "/usr/lib32",
  "/usr/lib64",
  "/usr/local/lib",
  "/usr/local/lib64",
  "/nix/store",
  "/etc/ld.so.cache",
  "/etc/ld.so.conf",
  "/etc/ld.so.conf.d",
  "/etc/ld.so.preload",
  "/etc/localtime",
  "/etc/timezone",
  "/usr/share/zoneinfo",
  "/usr/share/locale",
  "/usr/share/i18n",
  "/etc/ssl/openssl.cnf",
  "/usr/share/p11-kit",
  "/etc/pkcs11",
];

/** How much memory and how many cores there are: databases and allocators ask. Nothing about other processes. */
const MACHINE: readonly string[] = [
  "/proc/self",
  "/proc/meminfo",
  "/proc/cpuinfo",
  "/proc/stat",
  "/proc/sys/vm/overcommit_memory",
  "/sys/devices/system/cpu",
  "/sys/devices/system/node",
  "/sys/kernel/mm/transparent_hugepage",
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
  const adapters = plan.adapters.flatMap(({ library, adapter }) => [
    ...(library === undefined ? [] : [dirname(library)]),
    ...(adapter.kind === "module" ? [dirname(adapter.path)] : []),
  ]);
  const named = plan.adapters.map(namedPaths);
  const granted = wasi.directories.filter((grant) => !grant.readOnly).map(({ host }) => host);
  const shown = wasi.directories.filter((grant) => grant.readOnly).map(({ host }) => host);
  return {
    mode,
    readable: unique([
      process.execPath,
      ...ownFolders(childFile),
      ...SYSTEM,
      ...MACHINE,
      ...SOURCES,
      // The images of all components of one cache: a child serves several.
      dirname(image.folder),
      ...libraries,
      ...adapters,
      ...shown,
      ...named.flatMap((paths) => paths.readable),
      ...readable,
    ]),
    writable: unique([...SINKS, ...granted, ...named.flatMap((paths) => paths.writable), ...writable]),
    network,
  };
}

/**
 * Keys of built-in adapters' configs that name files and folders. A database makes files beside its own: all of the folder that it is in
 * can be written.
 */
const PATH_KEYS: Readonly<
  Record<BuiltInAdapterName, Readonly<Record<"read" | "writeFolder" | "writeBeside", readonly string[]>>>
> = {
  keyvalue: { read: [], writeFolder: ["path"], writeBeside: [] },
  duckdb: { read: [], writeFolder: ["temp-directory", "allowed-paths"], writeBeside: ["path", "databases"] },
  pkcs11: { read: ["pin-file"], writeFolder: [], writeBeside: [] },
};

function namedPaths({
  adapter,
  configJson,
  configFolders,
}: AdapterPlan): Pick<SandboxPolicy, "readable" | "writable"> {
  if (adapter.kind === "module") return { readable: [], writable: [] };
  // Written by `configJson`: an object.
  const config: Readonly<Record<string, unknown>> = JSON.parse(configJson);
  const pathsOf = (key: string): string[] => {
    const folder = Object.hasOwn(configFolders, key) ? configFolders[key] : undefined;
    const paths = Object.hasOwn(config, key) ? texts(config[key]) : [];
    return paths.flatMap((path) =>
      path === ":memory:" || path === "" ? [] : [resolve(folder ?? ".", path)],
    );
  };
  const { read, writeFolder, writeBeside } = PATH_KEYS[adapter.name];
  return {
    readable: read.flatMap(pathsOf),
    writable: [...writeFolder.flatMap(pathsOf), ...writeBeside.flatMap(pathsOf).map((path) => dirname(path))],
  };
}

/** A text, or those of a list or a table. */
function texts(value: unknown): readonly string[] {
  const items = typeof value === "object" && value !== null ? Object.values(value) : [value];
  return items.filter((item) => typeof item === "string");
}

/** The installation, and the folders that Node looks for modules in. */
function ownFolders(childFile: string): readonly string[] {
  const modules = createRequire(childFile).resolve.paths("koffi") ?? [];
  return [join(dirname(childFile), "..", ".."), ...modules];
}

function unique(paths: readonly string[]): readonly string[] {
  return [...new Set(paths)].toSorted();
}
