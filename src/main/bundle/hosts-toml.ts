import { readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Finding, Location } from "../../shared/errors.ts";
import { nearest } from "../../shared/nearest.ts";
import { type Declaration, type DeclaredName, readDeclaration, readFunctions } from "./entry.ts";
import {
  adapterByName,
  adapterWit,
  findAdapterLibrary,
  needsLibrary,
  refuseLibrary,
  resolveAdapter,
} from "./adapter.ts";
import { checkWit, type Override, readBundle } from "./host-toml.ts";
import { resolveLibrary } from "./library/resolve.ts";
import type { Machine } from "./library/inspect.ts";
import { isSystemError } from "../system-error.ts";
import { expandPath, lookAt } from "./paths.ts";
import { TableReader } from "./table.ts";
import { isFinding, readToml } from "./toml.ts";
import type { BundleAdapter, ResolvedBundle } from "./types.ts";

/** A manifest lists hosts by hand; more entries than this are generated nonsense. */
const MAX_ENTRIES = 1000;
/** Every bundle is looked for in every search path. */
const MAX_SEARCH_PATHS = 100;

/** Reads a hosts.toml and every bundle that it names; all faults go to `findings`. */
export function readManifest(
  file: string,
  machine: Machine,
  findings: Finding[],
  declared: DeclaredName[],
): ResolvedBundle[] {
  const document = readToml(file);
  if (isFinding(document)) {
    const isFolder = lookAt(file)?.isDirectory() === true;
    findings.push(
      isFolder
        ? { ...document, help: "--host-config takes a hosts.toml; a bundle's folder goes with --host-bundle" }
        : document,
    );
    return [];
  }
  const root = new TableReader(document, [], document.data, findings);
  const global = root.subtable("global");
  const folder = dirname(file);
  const searchPaths = (global?.strings("search_paths") ?? []).map((path) => expandPath(folder, path));
  global?.finish();
  if (global !== undefined && searchPaths.length > MAX_SEARCH_PATHS) {
    const message = `there are ${searchPaths.length} search paths; at most ${MAX_SEARCH_PATHS} are read`;
    global.fault(message, global.where("search_paths"));
    return [];
  }
  const entries = root.tables("host");
  root.finish();
  if (entries.length === 0) {
    findings.push({ message: "the manifest has no [[host]] entries", where: { file } });
  }
  if (entries.length > MAX_ENTRIES) {
    findings.push({
      message: `the manifest has ${entries.length} entries; at most ${MAX_ENTRIES} are read`,
      where: { file },
    });
    return [];
  }
  const folders = [folder, ...searchPaths];
  let names: readonly string[] | undefined;
  const place: Place = {
    folder,
    folders,
    names: () => (names ??= folders.flatMap(bundleNames)),
    machine,
    declared,
  };
  return entries.map((entry) => readEntry(entry, place, findings)).filter((bundle) => bundle !== undefined);
}

interface Place {
  /** The manifest's own folder. */
  readonly folder: string;
  /** Where bundles are looked for, in order. */
  readonly folders: readonly string[];
  /** The names of the bundles that lie there, for hints; read once. */
  readonly names: () => readonly string[];
  readonly machine: Machine;
  /** Takes the names that are declared. */
  readonly declared: DeclaredName[];
}

function readEntry(table: TableReader, place: Place, findings: Finding[]): ResolvedBundle | undefined {
  const known = findings.length;
  const bundle = table.string("bundle");
  const declaration = readDeclaration(table);
  const functions = readFunctions(table);
  const serves = table.strings("serves");
  const adapter = bundle === undefined ? entryAdapter(declaration, place, findings) : undefined;
  if (bundle === undefined) {
    if (adapter?.kind !== "built-in") table.require("wit", '"wit/example.wit", or bundle = "my_host"');
    if (needsLibrary(adapter)) table.require("lib", '"lib/libexample.so", or bundle = "my_host"');
  } else if (table.has("wit")) {
    table.fault(
      "`wit` and `bundle` exclude each other",
      table.where("wit"),
      "the bundle's host.toml names its WIT",
    );
  }
  table.finish();
  const { name } = declaration;
  if (name !== undefined) place.declared.push(name);
  // Read on after a fault: everything that is wrong is to be said at once.
  const override: Override = {
    name: name?.text ?? "",
    where: name?.where ?? table.where(),
    declaration,
    functions,
    ...(serves === undefined ? {} : { serves }),
    folder: place.folder,
    toPath: (text) => expandPath(place.folder, text),
  };
  const found =
    bundle === undefined
      ? readExplicit(override, place, adapter, findings)
      : readNamed(bundle, table, override, place, findings);
  return findings.length > known ? undefined : found;
}

function readNamed(
  bundle: string,
  table: TableReader,
  override: Override,
  place: Place,
  findings: Finding[],
): ResolvedBundle | undefined {
  const folder = findBundle(bundle, table.where("bundle"), place, findings);
  return folder === undefined
    ? undefined
    : readBundle(folder, place.machine, findings, place.declared, override);
}

/** The adapter of an entry without a bundle. */
function entryAdapter(
  { adapter, name, library }: Declaration,
  place: Place,
  findings: Finding[],
): BundleAdapter | undefined {
  if (adapter !== undefined)
    return resolveAdapter({ ...adapter, toPath: (text) => expandPath(place.folder, text) }, findings);
  return name === undefined ? undefined : adapterByName(name.text, library !== undefined, name.where);
}

/** An entry with `wit` and `lib`, or an adapter, of its own needs no folder. */
function readExplicit(
  override: Override,
  place: Place,
  adapter: BundleAdapter | undefined,
  findings: Finding[],
): ResolvedBundle | undefined {
  const { declaration, toPath } = override;
  const { library, wit, sha256 }: Declaration = declaration;
  if (library !== undefined) refuseLibrary(adapter, library.where, findings);
  const resolved =
    library === undefined
      ? adapter && findAdapterLibrary(adapter, place.folder, findings)
      : resolveLibrary(
          {
            declaration: library,
            toPath,
            ...(sha256 === undefined ? {} : { sha256 }),
            machine: place.machine,
          },
          findings,
        );
  const witPath = wit === undefined ? adapterWit(adapter) : checkWit(toPath(wit.text), wit.where, findings);
  if (witPath === undefined) return undefined;
  return {
    name: override.name,
    folder: place.folder,
    witPath,
    ...(declaration.world === undefined ? {} : { world: declaration.world }),
    ...(resolved === undefined ? {} : { library: resolved }),
    ...(adapter === undefined ? {} : { adapter }),
    ...(declaration.free === undefined ? {} : { free: declaration.free }),
    threadsafe: declaration.threadsafe ?? false,
    config: declaration.config,
    configFolders: new Map(Object.keys(declaration.config).map((key) => [key, place.folder])),
    functions: override.functions,
    ...(override.serves === undefined ? {} : { serves: override.serves }),
    where: override.where,
  };
}

/** The folder of a bundle: a path, or a name looked for in the manifest's folder and then in `search_paths`. */
function findBundle(bundle: string, where: Location, place: Place, findings: Finding[]): string | undefined {
  const candidates = place.folders.map((folder) => expandPath(folder, bundle));
  const found = candidates.find((folder) => lookAt(join(folder, "host.toml")) !== undefined);
  if (found !== undefined) return found;
  const near = nearest(bundle, place.names());
  findings.push({
    message: `the bundle "${bundle}" was not found`,
    where,
    lines: ["looked for host.toml in:", ...new Set(candidates.map((folder) => `  ${resolve(folder)}`))],
    help:
      near === undefined
        ? "add the folder it lies in to search_paths under [global]"
        : `did you mean "${near}"?`,
  });
  return undefined;
}

/** The bundles that lie in a folder, for hints. */
function bundleNames(folder: string): string[] {
  if (lookAt(folder)?.isDirectory() !== true) return [];
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch (error) {
    // A folder that may not be listed gives no hints.
    if (isSystemError(error)) return [];
    throw error;
  }
  return names.slice(0, MAX_ENTRIES).filter((name) => lookAt(join(folder, name, "host.toml")) !== undefined);
}
