/** The adapters of a run: opened once per thread, served anew to each run. */
import { pathToFileURL } from "node:url";
import type { LibraryHandle } from "koffi";
import { HostbundleError, isHostbundleError } from "../../shared/errors.ts";
import type { AdapterPlan, ImportPlan } from "../../shared/protocol.ts";
import type { LibraryClaim } from "../../shared/task.ts";
import {
  findHostClass,
  findHostFunction,
  type HostBinding,
  hostResourceDestructor,
} from "../host-binding.ts";
import type { HostResource } from "../linker/host-imports.ts";
import { openContext } from "./context.ts";
import { LOADERS } from "./registry.ts";
import type { Adapter, OpenAdapter, Serving } from "./types.ts";

type AdapterImport = Extract<ImportPlan, { readonly kind: "adapter-interface" | "adapter-function" }>;

/** One adapter as one run has it. */
export class ServingAdapter {
  readonly #bundle: string;
  readonly #serving: Serving;

  constructor(bundle: string, serving: Serving) {
    this.#bundle = bundle;
    this.#serving = serving;
  }

  /** Throws HOST_FAULT with all that the adapter lacks of an import: found before the guest runs. */
  require(item: AdapterImport): void {
    const functions = item.kind === "adapter-interface" ? item.functions : [item.name];
    const resources = item.kind === "adapter-interface" ? item.resources : [];
    const holder = this.#holder(item);
    const lacking = [
      ...resources
        .filter((name) => findHostClass(holder, name) === undefined)
        .map((name) => `resource ${name}`),
      ...functions.filter((name) => findHostFunction(holder, name) === undefined),
    ];
    if (lacking.length === 0) return;
    const what = lacking.length === 1 ? "a function" : `${lacking.length} functions`;
    throw new HostbundleError(
      "HOST_FAULT",
      `the adapter of host bundle "${this.#bundle}" lacks ${what} of ${item.name}`,
      {
        bundle: this.#bundle,
        findings: lacking.map((name) => ({ message: name })),
        help: "`hostbundle types` prints what it must have, as TypeScript; names are camelCase, resources are classes",
      },
    );
  }

  /** A function of an import; `name` is absent where the import is one itself. */
  find(item: AdapterImport, name: string | undefined): HostBinding & { readonly bundle: string } {
    const found = findHostFunction(this.#holder(item), name ?? item.name);
    if (found !== undefined) return { ...found, bundle: this.#bundle };
    throw new HostbundleError("INTERNAL", `the adapter has no function ${name ?? item.name}`);
  }

  /** What becomes of the objects of a resource; `provided` is the interface's name in the adapter. */
  resource(provided: string, name: string): HostResource {
    const found = findHostClass(property(this.#serving.imports, provided), name);
    return {
      destroy: (rep) => this.#blamed(() => hostResourceDestructor(rep), `the end of a ${name}`),
      ...(found === undefined ? {} : { accepts: (rep) => rep instanceof found }),
    };
  }

  /** The run has ended. Gives what went wrong. */
  end(): unknown {
    try {
      this.#blamed(() => this.#serving.end?.(), "the end of a run");
      return undefined;
    } catch (error) {
      return error;
    }
  }

  #holder(item: AdapterImport): object {
    const { imports } = this.#serving;
    return item.kind === "adapter-function" ? imports : property(imports, item.provided);
  }

  #blamed(step: () => void, what: string): void {
    try {
      step();
    } catch (error) {
      throw asHostFault(error, this.#bundle, what);
    }
  }
}

interface OpenedAdapter {
  readonly bundle: string;
  readonly adapter: OpenAdapter;
}

const opened = new Map<string, Promise<OpenedAdapter>>();
const adapters: OpenAdapter[] = [];

/** In the order of the plans. Throws HOST_FAULT or CONFIG_INVALID. */
export async function serveAdapters(
  plans: readonly AdapterPlan[],
  claims: readonly LibraryClaim[],
  slots: Int32Array,
): Promise<readonly ServingAdapter[]> {
  const ready = await Promise.all(plans.map((plan, index) => openOnce(plan, claims[index] ?? {}, slots)));
  const serving: ServingAdapter[] = [];
  try {
    for (const { bundle, adapter } of ready) serving.push(serve(bundle, adapter));
  } catch (error) {
    for (const each of serving) each.end();
    throw error;
  }
  return serving;
}

/** Ends all adapters of this thread. */
export function closeAdapters(): void {
  opened.clear();
  for (const adapter of adapters.splice(0)) {
    try {
      adapter.close?.();
    } catch {
      // Nobody is left who could be told, and the others are to end as well.
    }
  }
}

function serve(bundle: string, adapter: OpenAdapter): ServingAdapter {
  try {
    return new ServingAdapter(bundle, adapter.serve());
  } catch (error) {
    throw asHostFault(error, bundle, "the beginning of a run");
  }
}

function openOnce(plan: AdapterPlan, claim: LibraryClaim, slots: Int32Array): Promise<OpenedAdapter> {
  const key = JSON.stringify(plan);
  const known = opened.get(key);
  if (known !== undefined) return known;
  const opening = open(plan, claim, slots);
  opened.set(key, opening);
  // What failed may do better next time: a file may be there by then.
  opening.catch(() => opened.delete(key));
  return opening;
}

async function open(plan: AdapterPlan, claim: LibraryClaim, slots: Int32Array): Promise<OpenedAdapter> {
  const { bundle, library, declaredIn, threadsafe } = plan;
  try {
    const module = await loadAdapter(plan);
    let openLibrary: (() => LibraryHandle) | undefined;
    if (library !== undefined) {
      // The FFI is loaded for adapters that use it.
      const { loadClaimed } = await import("../claims.ts");
      openLibrary = () => loadClaimed({ bundle, path: library, declaredIn, threadsafe }, claim, slots);
    }
    const adapter = module.open(openContext(plan, openLibrary));
    adapters.push(adapter);
    return { bundle, adapter };
  } catch (error) {
    throw asHostFault(error, bundle, "opening it");
  }
}

/** Throws HOST_FAULT for a module that is no adapter. */
export async function loadAdapter({ adapter, bundle }: AdapterPlan): Promise<Adapter> {
  const loader = adapter.kind === "built-in" ? LOADERS[adapter.name] : undefined;
  const module: unknown =
    adapter.kind === "module" ? await import(pathToFileURL(adapter.path).href) : await loader?.();
  const found = typeof module === "object" && module !== null ? Reflect.get(module, "default") : undefined;
  if (isAdapter(found)) return found;
  throw new HostbundleError(
    "HOST_FAULT",
    `the adapter of host bundle "${bundle}" has no default export with a function \`open\``,
    { bundle, help: "see docs/authoring-guide.md" },
  );
}

function isAdapter(value: unknown): value is Adapter {
  return typeof value === "object" && value !== null && "open" in value && typeof value.open === "function";
}

function asHostFault(error: unknown, bundle: string, what: string): HostbundleError {
  if (isHostbundleError(error)) return error;
  const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new HostbundleError(
    "HOST_FAULT",
    `the adapter of host bundle "${bundle}" failed at ${what}: ${reason.replaceAll(/\s*\n\s*/g, "; ")}`,
    { bundle, cause: error },
  );
}

const NOTHING = {};

function property(holder: object, name: string): object {
  const value: unknown = Object.hasOwn(holder, name) ? Reflect.get(holder, name) : undefined;
  return (typeof value === "object" || typeof value === "function") && value !== null ? value : NOTHING;
}
