/** Which static adapter serves a bundle, if any, and where its library is. */
import { realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { type AdapterLibrary, BUILT_IN_ADAPTERS, type BuiltInAdapterName } from "../../shared/adapters.ts";
import type { Finding, Location } from "../../shared/errors.ts";
import { nearest } from "../../shared/nearest.ts";
import { adapterWitFolder, OWN_MANIFEST } from "../installation.ts";
import { liesIn, lookAt } from "./paths.ts";
import type { BundleAdapter, BundleLibrary } from "./types.ts";

/** `adapter` as it was written, and whose folder it is relative to. */
export interface AdapterRequest {
  readonly text: string;
  readonly where: Location;
  readonly toPath: (text: string) => string;
  /** The module must lie in this folder; absent where a manifest named it. */
  readonly inside?: string;
}

/** Something with a path's separator or a module's ending is a file. */
const IS_FILE = /[/\\]|\.[cm]?js$/u;

/** The adapter that a bundle asks for; every fault goes to `findings`. */
export function resolveAdapter(request: AdapterRequest, findings: Finding[]): BundleAdapter | undefined {
  const { text, where } = request;
  if (IS_FILE.test(text)) return resolveModule(request, findings);
  if (isBuiltIn(text)) return { kind: "built-in", name: text, isDeclared: true, where };
  const near = nearest(text, Object.keys(BUILT_IN_ADAPTERS));
  findings.push({
    message: `there is no adapter "${text}"`,
    where,
    help:
      near === undefined
        ? `built in are ${Object.keys(BUILT_IN_ADAPTERS).join(", ")}; one of your own is a file: adapter = "./adapter.js"`
        : `did you mean "${near}"?`,
  });
  return undefined;
}

/** The adapter that has the bundle's name; what it does not fit, it does not serve. */
export function adapterByName(name: string, hasLibrary: boolean, where: Location): BundleAdapter | undefined {
  if (!isBuiltIn(name)) return undefined;
  // A library that the adapter has no use for is there to be bound itself.
  if (hasLibrary && BUILT_IN_ADAPTERS[name].library.kind === "none") return undefined;
  // Without a library of its own there is nothing else that could serve the bundle.
  return { kind: "built-in", name, isDeclared: !hasLibrary, where };
}

/** Whether a bundle with that adapter must name a library itself. */
export function needsLibrary(adapter: BundleAdapter | undefined): boolean {
  if (adapter === undefined) return true;
  return adapter.kind === "built-in" && BUILT_IN_ADAPTERS[adapter.name].library.kind === "required";
}

/** The WIT of a bundle that names none. */
export function adapterWit(adapter: BundleAdapter | undefined): string | undefined {
  return adapter?.kind === "built-in" ? adapterWitFolder(adapter.name) : undefined;
}

/** Looks for the library of an adapter whose bundle names none. */
export function findAdapterLibrary(
  adapter: BundleAdapter,
  folder: string,
  findings: Finding[],
): BundleLibrary | undefined {
  if (adapter.kind === "module") return undefined;
  const { name, where } = adapter;
  const library: AdapterLibrary = BUILT_IN_ADAPTERS[name].library;
  if (library.kind !== "package") return undefined;
  const file = library.file[process.platform];
  const packageName = `${library.package}-${process.platform}-${process.arch}`;
  const request = file === undefined ? undefined : `${packageName}/${file}`;
  // As the bundle's author, the program that runs it, and we ourselves would import it.
  const starts = [join(folder, "host.toml"), resolve("package.json"), OWN_MANIFEST];
  const path = request === undefined ? undefined : starts.map((start) => find(start, request)).find(Boolean);
  if (path !== undefined) return { path: realpathSync(path), where, symbols: new Set() };
  findings.push({
    message: `the library of the adapter "${name}" was not found: no package ${packageName}`,
    where,
    help: `${library.install}, or name the library: lib = "…"`,
  });
  return undefined;
}

/** A library for an adapter that has no use for one. */
export function refuseLibrary(
  adapter: BundleAdapter | undefined,
  where: Location,
  findings: Finding[],
): void {
  if (adapter?.kind !== "built-in" || BUILT_IN_ADAPTERS[adapter.name].library.kind !== "none") return;
  findings.push({
    message: `the adapter "${adapter.name}" uses no library`,
    where,
    help: "remove `lib`, or remove `adapter` to bind the library from its WIT",
  });
}

function find(start: string | URL, request: string): string | undefined {
  try {
    return createRequire(start).resolve(request);
  } catch {
    // Not installed there: that is what we want to know.
    return undefined;
  }
}

function resolveModule(
  { text, where, toPath, inside }: AdapterRequest,
  findings: Finding[],
): BundleAdapter | undefined {
  const path = toPath(text);
  if (lookAt(path)?.isFile() !== true) {
    findings.push({ message: `the adapter ${path} does not exist`, where });
    return undefined;
  }
  const real = realpathSync(path);
  if (inside === undefined || liesIn(real, realpathSync(inside)))
    return { kind: "module", path: real, where };
  findings.push({
    message: `the adapter lies outside the bundle: ${real}`,
    where,
    help: "a bundle's adapter must be inside it, symlinks followed; a hosts.toml may name one anywhere",
  });
  return undefined;
}

function isBuiltIn(name: string): name is BuiltInAdapterName {
  return Object.hasOwn(BUILT_IN_ADAPTERS, name);
}
