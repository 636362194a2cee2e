import { formatLocation } from "../../shared/errors.ts";
import type { LibraryPlan } from "../../shared/protocol.ts";
import type { ResolvedBundle } from "../bundle/types.ts";
import { configJson } from "./config-json.ts";

/** What a worker needs to open the library of a bundle. */
export function planLibrary(bundle: ResolvedBundle): LibraryPlan {
  const { library } = bundle;
  return {
    bundle: bundle.name,
    path: library.path,
    declaredIn: formatLocation(library.where),
    threadsafe: bundle.threadsafe,
    ...(bundle.free === undefined ? {} : { freeSymbol: bundle.free }),
    hasInit: library.symbols.has("hostbundle_init"),
    hasDeinit: library.symbols.has("hostbundle_deinit"),
    configJson: configJson(bundle.config),
  };
}
