import { HostbundleError, isHostbundleError, type Finding } from "../shared/errors.ts";
import type { ResolvedBundle } from "./bundle/types.ts";
import { adapterWitFolder } from "./installation.ts";
import type { BundleWorld } from "./link/provider.ts";

export interface BundleWorlds {
  readonly bundles: readonly BundleWorld[];
  /** What was accepted in their WIT although other tools would refuse it. */
  readonly warnings: readonly Finding[];
}

/**
 * Reads the WIT of all bundles, in their order. Throws WIT_INVALID with the faults of all of them.
 * `cacheFolder` is where decoded worlds are kept; absent: nowhere. `goOn` is called before each bundle and may throw.
 */
export async function readWorlds(
  resolved: readonly ResolvedBundle[],
  cacheFolder?: string,
  goOn?: () => void,
): Promise<BundleWorlds> {
  if (resolved.length === 0) return { bundles: [], warnings: [] };
  const { loadWit } = await import("./wit/load.ts");
  const bundles: BundleWorld[] = [];
  const warnings: Finding[] = [];
  const faults: HostbundleError[] = [];
  for (const bundle of resolved) {
    goOn?.();
    try {
      const loaded = await loadWit(bundle.witPath, { cacheFolder, world: bundle.world });
      const { adapter } = bundle;
      if (adapter?.kind === "built-in") {
        const { world: adapterWorld } = await loadWit(adapterWitFolder(adapter.name), { cacheFolder });
        bundles.push({ bundle, world: loaded.world, adapterWorld });
      } else bundles.push({ bundle, world: loaded.world });
      warnings.push(...loaded.warnings);
    } catch (error) {
      if (!isHostbundleError(error)) throw error;
      faults.push(error);
    }
  }
  const [first] = faults;
  if (first === undefined) return { bundles, warnings };
  if (faults.length === 1) throw first;
  throw new HostbundleError(first.code, `the WIT of ${faults.length} host bundles is not usable`, {
    findings: faults.flatMap((fault) => fault.context.findings ?? [{ message: fault.message }]),
  });
}
