import { resolve } from "node:path";
import type { LibraryHandle } from "koffi";
import { HostbundleError } from "../../shared/errors.ts";
import type { AdapterPlan } from "../../shared/protocol.ts";
import type { AdapterContext } from "./types.ts";

/** What an adapter is told; `openLibrary` opens it as this thread should, where there is one. */
export function openContext(
  plan: AdapterPlan,
  openLibrary: (() => LibraryHandle) | undefined,
): AdapterContext {
  const { bundle, library, configFolders } = plan;
  // Written by `configJson`: an object.
  const config: Readonly<Record<string, unknown>> = JSON.parse(plan.configJson);
  return {
    bundle,
    config,
    library,
    resolvePath(key, path) {
      const folder = Object.hasOwn(configFolders, key) ? configFolders[key] : undefined;
      return folder === undefined ? resolve(path) : resolve(folder, path);
    },
    openLibrary() {
      if (openLibrary !== undefined) return openLibrary();
      throw new HostbundleError("HOST_FAULT", `host bundle "${bundle}" names no library`, {
        bundle,
        help: 'add lib = "…" to its host.toml, or to its entry in hosts.toml',
      });
    },
  };
}
