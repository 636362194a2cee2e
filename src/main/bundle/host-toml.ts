import { join, resolve } from "node:path";
import type { Finding, Location } from "../../shared/errors.ts";
import { type Declaration, type DeclaredName, readDeclaration, readFunctions } from "./entry.ts";
import {
  adapterByName,
  adapterWit,
  findAdapterLibrary,
  needsLibrary,
  refuseLibrary,
  resolveAdapter,
} from "./adapter.ts";
import { type LibraryDeclaration, resolveLibrary } from "./library/resolve.ts";
import type { Machine } from "./library/inspect.ts";
import { lookAt } from "./paths.ts";
import { TableReader } from "./table.ts";
import { isFinding, readToml } from "./toml.ts";
import type { BundleAdapter, BundleLibrary, ResolvedBundle } from "./types.ts";

/** What an entry of a manifest puts over the bundle's own declaration. */
export interface Override {
  readonly name: string;
  readonly where: Location;
  readonly declaration: Declaration;
  readonly functions: ResolvedBundle["functions"];
  readonly serves?: readonly string[];
  /** The manifest's folder. */
  readonly folder: string;
  /** Turns a path of the manifest into an absolute one. */
  readonly toPath: (text: string) => string;
}

/** Reads and checks a bundle's folder; every fault goes to `findings`, and then there is no bundle. */
export function readBundle(
  folder: string,
  machine: Machine,
  findings: Finding[],
  names: DeclaredName[],
  override?: Override,
): ResolvedBundle | undefined {
  const known = findings.length;
  const document = openBundle(folder, findings);
  if (document === undefined) return undefined;
  const root = new TableReader(document, [], document.data, findings);
  if (!root.has("host"))
    root.fault("there is no [host] table", { file: document.file }, "a bundle begins with [host]");
  const table = root.subtable("host");
  const functions = readFunctions(root);
  root.finish();
  if (table === undefined) return undefined;
  const declared = readDeclaration(table);
  const { name } = declared;
  const over = override?.declaration;
  const adapter = bundleAdapter(folder, declared, findings, override);
  // Asked for by name, so that the messages name the key; an entry of the manifest may supply the library instead.
  if (over?.library === undefined && needsLibrary(adapter)) {
    table.require("lib", '"lib/libexample.so", or name one in the [[host]] entry of a hosts.toml');
  }
  if (adapter?.kind !== "built-in") table.require("wit", '"wit/example.wit"');
  table.finish();
  const library = bundleLibrary({ folder, declared, machine, override, adapter }, findings);
  const witPath =
    declared.wit === undefined
      ? adapterWit(adapter)
      : checkWit(resolve(folder, declared.wit.text), declared.wit.where, findings);
  if (name !== undefined && override === undefined) names.push(name);
  if (findings.length > known || witPath === undefined || name === undefined) return undefined;
  const world = over?.world ?? declared.world;
  const free = over?.free ?? declared.free;
  return {
    name: override?.name ?? name.text,
    folder,
    witPath,
    ...(world === undefined ? {} : { world }),
    ...(library === undefined ? {} : { library }),
    ...(adapter === undefined ? {} : { adapter }),
    ...(free === undefined ? {} : { free }),
    threadsafe: over?.threadsafe ?? declared.threadsafe ?? false,
    config: { ...declared.config, ...over?.config },
    configFolders: new Map([
      ...Object.keys(declared.config).map((key) => [key, folder] as const),
      ...Object.keys(over?.config ?? {}).map((key) => [key, override?.folder ?? folder] as const),
    ]),
    functions: new Map([...functions, ...(override?.functions ?? [])]),
    ...(override?.serves === undefined ? {} : { serves: override.serves }),
    where: override?.where ?? name.where,
  };
}

function openBundle(
  folder: string,
  findings: Finding[],
): Exclude<ReturnType<typeof readToml>, Finding> | undefined {
  const stats = lookAt(folder);
  if (stats === undefined || !stats.isDirectory()) {
    findings.push({
      message: stats === undefined ? "the bundle does not exist" : "a bundle is a folder, this is a file",
      where: { file: folder },
      help: "--host-bundle takes the folder that holds host.toml; a hosts.toml goes with --host-config",
    });
    return undefined;
  }
  const document = readToml(join(folder, "host.toml"));
  if (!isFinding(document)) return document;
  const isMissing = lookAt(document.where?.file ?? "") === undefined;
  const help = "a host bundle is a folder with a host.toml, WIT and a library";
  findings.push(
    isMissing ? { message: "this folder has no host.toml", where: { file: folder }, help } : document,
  );
  return undefined;
}

/** What the manifest's entry asks for, or the bundle, or the bundle's name. */
function bundleAdapter(
  folder: string,
  { adapter, name, library }: Declaration,
  findings: Finding[],
  override: Override | undefined,
): BundleAdapter | undefined {
  const over = override?.declaration;
  if (override !== undefined && over?.adapter !== undefined)
    return resolveAdapter({ ...over.adapter, toPath: override.toPath }, findings);
  if (adapter !== undefined)
    return resolveAdapter({ ...adapter, toPath: (text) => resolve(folder, text), inside: folder }, findings);
  const hasLibrary = library !== undefined || over?.library !== undefined;
  return name === undefined ? undefined : adapterByName(name.text, hasLibrary, name.where);
}

interface LibraryContext {
  readonly folder: string;
  readonly declared: Declaration;
  readonly machine: Machine;
  readonly override: Override | undefined;
  readonly adapter: BundleAdapter | undefined;
}

function bundleLibrary(
  { folder, declared, machine, override, adapter }: LibraryContext,
  findings: Finding[],
): BundleLibrary | undefined {
  const over = override?.declaration;
  const declaration: LibraryDeclaration | undefined = over?.library ?? declared.library;
  if (declaration === undefined)
    return adapter === undefined ? undefined : findAdapterLibrary(adapter, folder, findings);
  refuseLibrary(adapter, declaration.where, findings);
  const isOverridden = over?.library !== undefined;
  // The bundle's digest is of the bundle's library: another library has its own or none.
  const sha256 = over?.sha256 ?? (isOverridden ? undefined : declared.sha256);
  return resolveLibrary(
    {
      declaration,
      toPath: isOverridden && override !== undefined ? override.toPath : (text) => resolve(folder, text),
      ...(isOverridden ? {} : { inside: folder }),
      ...(sha256 === undefined ? {} : { sha256 }),
      machine,
    },
    findings,
  );
}

/** The WIT path if there is something; what is in it is the WIT loader's to say. */
export function checkWit(path: string, where: Location, findings: Finding[]): string | undefined {
  if (lookAt(path) !== undefined) return path;
  findings.push({ message: `the WIT ${path} does not exist`, where });
  return undefined;
}
