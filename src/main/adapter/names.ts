/** Names of WIT as names of TypeScript: none may mean something else there, and no two may become one. */
import { lowerCamel, upperCamel } from "../../shared/js-names.ts";
import { parseExternName } from "../../shared/wit/id.ts";

/** What declarations use themselves. */
const OWN_NAMES = [
  "Adapter",
  "AdapterContext",
  "Failure",
  "Imports",
  "OpenAdapter",
  "Result",
  "Serving",
  "Success",
  "BigInt64Array",
  "BigUint64Array",
  "Disposable",
  "Float32Array",
  "Float64Array",
  "Int16Array",
  "Int32Array",
  "Int8Array",
  "Partial",
  "Readonly",
  "Record",
  "Uint16Array",
  "Uint32Array",
  "Uint8Array",
];

/** The names of types in one file. */
export class TypeNames {
  readonly #taken = new Set(OWN_NAMES);

  /** That name, or the first of `Name2`, `Name3` … that is free. */
  claim(wanted: string): string {
    let name = wanted;
    for (let count = 2; this.#taken.has(name); count += 1) name = `${wanted}${count}`;
    this.#taken.add(name);
    return name;
  }
}

/**
 * A prefix for each of these interfaces: `Store` for `keyvalue:store/store@0.1.0`; where two interfaces would have the
 * same one, the package, then the namespace, then the version come in front or behind for both.
 */
export function interfacePrefixes(externNames: readonly string[]): readonly string[] {
  const candidates = externNames.map(prefixCandidates);
  const chosen = candidates.map(() => 0);
  // Each round gives those that collide a longer one; there are as many rounds as lengths.
  for (let round = 1; round < 4; round += 1) {
    const counts = new Map<string, number>();
    const current = candidates.map((names, index) => names[chosen[index] ?? 0] ?? "");
    for (const name of current) counts.set(name, (counts.get(name) ?? 0) + 1);
    for (const [index, name] of current.entries()) {
      if ((counts.get(name) ?? 0) > 1) chosen[index] = (chosen[index] ?? 0) + 1;
    }
  }
  return candidates.map((names, index) => names[Math.min(chosen[index] ?? 0, names.length - 1)] ?? "");
}

function prefixCandidates(externName: string): readonly string[] {
  const parts = parseExternName(externName);
  if (parts.kind === "plain") return Array.from({ length: 4 }, () => upperCamel(parts.name));
  const own = upperCamel(parts.interface);
  const inPackage = `${upperCamel(parts.package)}${own}`;
  const full = `${upperCamel(parts.namespace)}${inPackage}`;
  const version = (parts.version ?? "").replaceAll(/[^0-9A-Za-z]/g, "_");
  return [own, inPackage, full, version === "" ? full : `${full}_${version}`];
}

/** `new` and `constructor` mean something else as the name of a member. */
const PLAIN_KEY = /^(?!(?:constructor|new)$)[A-Za-z][A-Za-z0-9]*$/;

/** The name of a member of an interface. */
export function memberKey(name: string): string {
  return PLAIN_KEY.test(name) ? name : JSON.stringify(name);
}

/** ECMAScript, "Keywords and Reserved Words", with those of strict mode and modules; `this` is TypeScript's own. */
const RESERVED_WORDS: ReadonlySet<string> = new Set(
  `arguments await break case catch class const continue debugger default delete do else enum eval export extends false
  finally for function if implements import in instanceof interface let new null package private protected public
  return static super switch this throw true try typeof undefined var void while with yield`.split(/\s+/),
);

/** The names of parameters, each once. */
export function parameterNames(labels: readonly string[]): readonly string[] {
  const taken = new Set<string>();
  return labels.map((label) => {
    let name = lowerCamel(label);
    while (RESERVED_WORDS.has(name) || taken.has(name)) name += "_";
    taken.add(name);
    return name;
  });
}
