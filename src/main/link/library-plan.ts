import { basename, dirname } from "node:path";
import { BUILT_IN_ADAPTERS } from "../../shared/adapters.ts";
import { formatLocation } from "../../shared/errors.ts";
import type { AdapterPlan, LibraryPlan } from "../../shared/protocol.ts";
import type { BundleAdapter, BundleLibrary, ResolvedBundle } from "../bundle/types.ts";
import { configJson } from "./config-json.ts";

/** What a worker needs to open the library of a bundle. */
export function planLibrary(bundle: ResolvedBundle, library: BundleLibrary): LibraryPlan {
  return {
    bundle: bundle.name,
    path: library.path,
    ...folderOf(bundle),
    declaredIn: formatLocation(library.where),
    threadsafe: bundle.threadsafe,
    ...(bundle.free === undefined ? {} : { freeSymbol: bundle.free }),
    hasInit: library.symbols.has("hostbundle_init"),
    hasDeinit: library.symbols.has("hostbundle_deinit"),
    configJson: configJson(bundle.config),
  };
}

/** What a worker needs to open the adapter of a bundle. */
export function planAdapter(bundle: ResolvedBundle, adapter: BundleAdapter): AdapterPlan {
  const { library } = bundle;
  return {
    bundle: bundle.name,
    adapter:
      adapter.kind === "built-in"
        ? { kind: "built-in", name: adapter.name }
        : { kind: "module", path: adapter.path },
    declaredIn: formatLocation(adapter.where),
    ...folderOf(bundle),
    ...(library === undefined ? {} : { library: library.path }),
    threadsafe: adapter.kind === "built-in" ? BUILT_IN_ADAPTERS[adapter.name].threadsafe : bundle.threadsafe,
    configJson: configJson(bundle.config),
    configFolders: Object.fromEntries(bundle.configFolders),
  };
}

/** Of an explicit entry of a manifest the folder is the manifest's, where anything may lie. */
function folderOf({ folder, where }: ResolvedBundle): { readonly folder?: string } {
  const isOwn = basename(where.file) === "host.toml" || dirname(where.file) !== folder;
  return isOwn ? { folder } : {};
}
