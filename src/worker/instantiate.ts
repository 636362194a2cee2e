/** An image and its imports → a fresh instance, one per run. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { HostbundleError } from "../shared/errors.ts";
import type { ComponentImage } from "../shared/protocol.ts";
import type { CompiledLoweredImport } from "./abi/types.ts";

/** Functions of an instance, and its exported interfaces by extern name. */
export type InstanceExports = Readonly<Record<string, unknown>>;

/** What jco's modules take: per extern name an object of functions and classes. */
export type ImportObject = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** The `instantiate` function of a module that jco printed. */
type Instantiate = (
  getCoreModule: (name: string) => WebAssembly.Module,
  imports: ImportObject,
) => InstanceExports;

/** An image as one thread keeps it between runs. */
export interface LoadedImage {
  /** URL of the module, as it shows in stack traces. */
  readonly url: string;
  /** Lowered imports compiled for this image, by function and library. */
  readonly compiled: Map<string, CompiledLoweredImport>;
  /** A fresh instance. Runs the guest's start functions: traps are thrown. */
  instantiate(imports: ImportObject): InstanceExports;
}

/** Modules stay in memory for good once imported, but compiled code and trampolines need not. */
const MAX_IMAGES = 32;

const images = new Map<string, Promise<LoadedImage>>();

/** Imports and compiles an image, once per thread while it is in use. */
export function loadImage(image: ComponentImage): Promise<LoadedImage> {
  const key = `${image.digest} ${image.folder}`;
  const known = images.get(key);
  // Moved to the end: the first key is the one not used for longest.
  if (known !== undefined) images.delete(key);
  const loaded = known ?? importImage(image);
  images.set(key, loaded);
  loaded.catch(() => images.delete(key));
  const [oldest] = images.keys();
  if (images.size > MAX_IMAGES && oldest !== undefined) images.delete(oldest);
  return loaded;
}

async function importImage(image: ComponentImage): Promise<LoadedImage> {
  const url = pathToFileURL(join(image.folder, image.entry)).href;
  const module: unknown = await import(url);
  if (!hasInstantiate(module)) {
    throw new HostbundleError("INTERNAL", `the cached module ${url} has no function "instantiate"`);
  }
  const modules = new Map<string, WebAssembly.Module>();
  for (const name of image.coreModules) {
    modules.set(name, new WebAssembly.Module(readFileSync(join(image.folder, name))));
  }
  const getCoreModule = (name: string): WebAssembly.Module => {
    const found = modules.get(name);
    if (found === undefined) throw new HostbundleError("INTERNAL", `the image has no core module ${name}`);
    return found;
  };
  return { url, compiled: new Map(), instantiate: (imports) => module.instantiate(getCoreModule, imports) };
}

function hasInstantiate(module: unknown): module is { readonly instantiate: Instantiate } {
  return (
    typeof module === "object" &&
    module !== null &&
    "instantiate" in module &&
    typeof module.instantiate === "function"
  );
}
