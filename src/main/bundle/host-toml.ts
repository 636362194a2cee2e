import { join, resolve } from "node:path";
import type { Finding, Location } from "../../shared/errors.ts";
import { type Declaration, type DeclaredName, readDeclaration, readFunctions } from "./entry.ts";
import { type LibraryDeclaration, resolveLibrary } from "./library/resolve.ts";
import type { Machine } from "./library/inspect.ts";
import { lookAt } from "./paths.ts";
import { TableReader } from "./table.ts";
import { isFinding, readToml } from "./toml.ts";
import type { BundleLibrary, ResolvedBundle } from "./types.ts";

/** What an entry of a manifest puts over the bundle's own declaration. */
export interface Override {
  readonly name: string;
  readonly where: Location;
  readonly declaration: Declaration;
  readonly functions: ResolvedBundle["functions"];
  readonly serves?: readonly string[];
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
  // Asked for by name, so that the messages name the key; an entry of the manifest may supply the library instead.
  if (override?.declaration.library === undefined) {
    table.require("lib", '"lib/libexample.so", or name one in the [[host]] entry of a hosts.toml');
  }
  table.require("wit", '"wit/example.wit"');
  table.finish();
  const library = bundleLibrary(folder, declared, machine, findings, override);
  const witPath =
    declared.wit === undefined
      ? undefined
      : checkWit(resolve(folder, declared.wit.text), declared.wit.where, findings);
  const { name } = declared;
  if (name !== undefined && override === undefined) names.push(name);
  if (findings.length > known || library === undefined || witPath === undefined || name === undefined)
    return undefined;
  const over = override?.declaration;
  const world = over?.world ?? declared.world;
  const free = over?.free ?? declared.free;
  return {
    name: override?.name ?? name.text,
    folder,
    witPath,
    ...(world === undefined ? {} : { world }),
    library,
    ...(free === undefined ? {} : { free }),
    threadsafe: over?.threadsafe ?? declared.threadsafe ?? false,
    config: { ...declared.config, ...over?.config },
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

function bundleLibrary(
  folder: string,
  declared: Declaration,
  machine: Machine,
  findings: Finding[],
  override: Override | undefined,
): BundleLibrary | undefined {
  const over = override?.declaration;
  const declaration: LibraryDeclaration | undefined = over?.library ?? declared.library;
  if (declaration === undefined) return undefined;
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
