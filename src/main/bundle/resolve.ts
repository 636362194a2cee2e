import { resolve } from "node:path";
import { type Finding, formatLocation, HostbundleError } from "../../shared/errors.ts";
import { readBundle } from "./host-toml.ts";
import { readManifest } from "./hosts-toml.ts";
import type { Machine } from "./library/inspect.ts";
import type { ResolvedBundle } from "./types.ts";

export interface ResolveOptions {
  /** Bundle folders. */
  readonly bundles: readonly string[];
  /** `hosts.toml` files. */
  readonly manifests: readonly string[];
  /** What relative paths are relative to; default: the process's folder. */
  readonly cwd?: string;
}

/**
 * Reads and checks bundles and manifests, in the order given. Throws CONFIG_INVALID where a fault is in a
 * manifest and BUNDLE_INVALID where all are in bundles, with the findings of every file at once.
 */
export function resolveBundles(options: ResolveOptions): { bundles: ResolvedBundle[]; warnings: Finding[] } {
  const cwd = options.cwd ?? process.cwd();
  const machine: Machine = { platform: process.platform, architecture: process.arch };
  const bundleFindings: Finding[] = [];
  const manifestFindings: Finding[] = [];
  const bundles: ResolvedBundle[] = [];
  for (const folder of options.bundles) {
    const bundle = readBundle(resolve(cwd, folder), machine, bundleFindings);
    if (bundle !== undefined) bundles.push(bundle);
  }
  for (const file of options.manifests)
    bundles.push(...readManifest(resolve(cwd, file), machine, manifestFindings));
  manifestFindings.push(...findDuplicates(bundles));
  const findings = [...bundleFindings, ...manifestFindings];
  if (findings.length > 0) {
    const code = manifestFindings.length > 0 ? "CONFIG_INVALID" : "BUNDLE_INVALID";
    const what = manifestFindings.length > 0 ? "the configuration of the host bundles" : "a host bundle";
    const count = findings.length === 1 ? "" : `: ${findings.length} faults`;
    throw new HostbundleError(code, `${what} is not valid${count}`, { findings });
  }
  return { bundles, warnings: [] };
}

/** A name is how messages, results and configurations tell bundles apart. */
function findDuplicates(bundles: readonly ResolvedBundle[]): Finding[] {
  const first = new Map<string, ResolvedBundle>();
  const findings: Finding[] = [];
  for (const bundle of bundles) {
    const other = first.get(bundle.name);
    if (other === undefined) first.set(bundle.name, bundle);
    else {
      findings.push({
        message: `two host bundles have the name "${bundle.name}"`,
        lines: [formatLocation(other.where), formatLocation(bundle.where)],
        help: "name them apart in a hosts.toml: one [[host]] entry each, with its own name",
      });
    }
  }
  return findings;
}
