import { resolve } from "node:path";
import { type Finding, formatLocation, HostbundleError, type Location } from "../../shared/errors.ts";
import type { DeclaredName } from "./entry.ts";
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
  const declared: DeclaredName[] = [];
  for (const folder of options.bundles) {
    const bundle = readBundle(resolve(cwd, folder), machine, bundleFindings, declared);
    if (bundle !== undefined) bundles.push(bundle);
  }
  for (const file of options.manifests)
    bundles.push(...readManifest(resolve(cwd, file), machine, manifestFindings, declared));
  manifestFindings.push(...findDuplicates(declared));
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
function findDuplicates(declared: readonly DeclaredName[]): Finding[] {
  const first = new Map<string, Location>();
  const findings: Finding[] = [];
  for (const { text, where } of declared) {
    const other = first.get(text);
    if (other === undefined) first.set(text, where);
    else {
      findings.push({
        message: `two host bundles have the name "${text}"`,
        lines: [`the first: ${formatLocation(other)}`],
        where,
        help: "name them apart in a hosts.toml: one [[host]] entry each, with its own name",
      });
    }
  }
  return findings;
}
