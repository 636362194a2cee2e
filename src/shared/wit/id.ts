/** Extern names and the Component Model's version rule (Explainer.md, "Import and Export Definitions"). */

export type ExternNameParts =
  | {
      readonly kind: "interface";
      readonly namespace: string;
      readonly package: string;
      readonly interface: string;
      readonly version?: string;
    }
  | { readonly kind: "plain"; readonly name: string };

const INTERFACE_ID = /^([^:/@]+):([^:/@]+)\/([^:/@]+)(?:@(.+))?$/;

/** Takes `ns:pkg/iface@1.0.0` apart; whatever has not that form is a plain name. */
export function parseExternName(name: string): ExternNameParts {
  const match = INTERFACE_ID.exec(name);
  if (match === null) return { kind: "plain", name };
  const [, namespace = "", packageName = "", interfaceName = "", version] = match;
  const parts = { kind: "interface", namespace, package: packageName, interface: interfaceName } as const;
  return version === undefined ? parts : { ...parts, version };
}

/** An extern name without its version: two names are about the same interface when these are equal. */
export function withoutVersion(name: string): string {
  const parts = parseExternName(name);
  return parts.kind === "plain" ? name : `${parts.namespace}:${parts.package}/${parts.interface}`;
}

interface Version {
  readonly numbers: readonly [bigint, bigint, bigint];
  readonly prerelease: string | undefined;
}

/** Canonical versions (`1`, `0.2`) leave the rest out. Build metadata orders nothing. */
const VERSION = /^(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/;

function parseVersion(text: string): Version | undefined {
  const match = VERSION.exec(text);
  if (match === null) return undefined;
  const [, major = "0", minor = "0", patch = "0", prerelease] = match;
  return { numbers: [BigInt(major), BigInt(minor), BigInt(patch)], prerelease };
}

/**
 * Whether an interface of version `provided` can serve an import of version `wanted`: same major, or same minor
 * below 1.0, or same patch below 0.1; the provider at least as new; prereleases only when they are the same.
 * An import without a version needs a provider without one, and the other way round.
 */
export function isCompatible(wanted?: string, provided?: string): boolean {
  if (wanted === provided) return true;
  if (wanted === undefined || provided === undefined) return false;
  const left = parseVersion(wanted);
  const right = parseVersion(provided);
  if (left === undefined || right === undefined) return false;
  const same = left.numbers.map((number, index) => number === right.numbers[index]);
  if (left.prerelease !== undefined || right.prerelease !== undefined) {
    return left.prerelease === right.prerelease && same.every(Boolean);
  }
  // The leftmost number that is not zero is the one that must not change.
  const fixed = left.numbers.findIndex((number) => number !== 0n);
  const prefix = fixed === -1 ? 3 : fixed + 1;
  if (!same.slice(0, prefix).every(Boolean)) return false;
  const differs = same.indexOf(false);
  return differs === -1 || (right.numbers[differs] ?? 0n) > (left.numbers[differs] ?? 0n);
}
