/** The module that jco printed for a component → a fresh instance. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { limitModules, type ModuleLimits } from "./limits.ts";
import { HostbundleError } from "../shared/errors.ts";
import type { ComponentImage, ImageCode } from "../shared/protocol.ts";

/** Functions of an instance, and its exported interfaces by extern name. */
export type InstanceExports = Readonly<Record<string, unknown>>;

/** What jco's modules take: per extern name an object of functions and classes. */
export type ImportObject = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** The `instantiate` function of a module that jco printed. */
type Instantiate = (
  getCoreModule: (name: string) => WebAssembly.Module,
  imports: ImportObject,
) => InstanceExports;

/** A module of jco's as one thread keeps it between runs. */
export interface JcoModule {
  /** URL of the module, as it shows in stack traces. */
  readonly url: string;
  /** A fresh instance. Runs the guest's start functions: traps are thrown. */
  instantiate(imports: ImportObject): InstanceExports;
}

/** Imports the module and compiles what it instantiates. */
export async function importJcoModule(
  { folder }: ComponentImage,
  code: Extract<ImageCode, { readonly kind: "jco" }>,
  limits: ModuleLimits,
): Promise<{ readonly module: JcoModule; readonly isMemoryCapped: boolean }> {
  const url = pathToFileURL(join(folder, code.entry)).href;
  const module: unknown = await import(url);
  if (!hasInstantiate(module)) {
    throw new HostbundleError("INTERNAL", `the cached module ${url} has no function "instantiate"`);
  }
  const modules = new Map<string, WebAssembly.Module>();
  const files = code.modules.map((name) => readFileSync(join(folder, name)));
  const printed = readFileSync(join(folder, code.entry), "utf8");
  const counts = code.modules.map((name) => countInstances(printed, name));
  const limited = limitModules(files, counts, limits);
  for (const [index, bytes] of limited.modules.entries()) {
    modules.set(code.modules[index] ?? "", new WebAssembly.Module(bytes));
  }
  const getCoreModule = (name: string): WebAssembly.Module => {
    const found = modules.get(name);
    if (found === undefined) throw new HostbundleError("INTERNAL", `the image has no core module ${name}`);
    return found;
  };
  return {
    module: { url, instantiate: (imports) => module.instantiate(getCoreModule, imports) },
    isMemoryCapped: limited.isMemoryCapped,
  };
}

/** How often the module that jco printed instantiates a core module: the linear code of one instantiation. */
function countInstances(printed: string, file: string): number {
  const loads = printed.matchAll(/(\w+)\s*=\s*getCoreModule\(['"]([^'"]+)['"]\)/gu);
  const names = new Set([...loads].flatMap(([, variable, loaded]) => (loaded === file ? [variable] : [])));
  const made = [...printed.matchAll(/instantiateCore\((\w+)/gu)].filter(([, name]) => names.has(name));
  return Math.max(1, made.length);
}

function hasInstantiate(module: unknown): module is { readonly instantiate: Instantiate } {
  return (
    typeof module === "object" &&
    module !== null &&
    "instantiate" in module &&
    typeof module.instantiate === "function"
  );
}
