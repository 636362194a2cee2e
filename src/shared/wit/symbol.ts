/**
 * The C symbol of a WIT function: the names that `wit-bindgen c` prints (`NATIVE-ABI.md`, "Symbols";
 * wit-bindgen `crates/c`, `interface_identifier` and `c_func_name`). Types, parameters and C keywords play
 * no part: a prefix always stands before the function's own name, so no symbol can be a keyword.
 */
import type { SymbolConvention } from "../protocol.ts";
import { parseExternName } from "./id.ts";
import type { WorldType } from "./types.ts";

/** What of a world decides its symbols. */
export interface SymbolNaming {
  /** The world's own name in snake case: the prefix of its world-level functions. */
  readonly worldPrefix: string;
  /** Packages (`ns:pkg`) that the world sees in more than one version. */
  readonly severalVersions: ReadonlySet<string>;
}

export interface SymbolCandidate {
  readonly symbol: string;
  readonly convention: SymbolConvention;
}

/** Collects what the symbols of a world depend on. */
export function symbolNaming(world: WorldType): SymbolNaming {
  const versions = new Map<string, string | undefined>();
  const severalVersions = new Set<string>();
  for (const item of [...world.imports, ...world.exports]) {
    const id = parseExternName(item.name);
    if (id.kind === "plain") continue;
    const name = `${id.namespace}:${id.package}`;
    if (versions.has(name) && versions.get(name) !== id.version) severalVersions.add(name);
    versions.set(name, id.version);
  }
  const own = parseExternName(world.name);
  return {
    worldPrefix: snakeCase(own.kind === "plain" ? own.name : own.interface),
    severalVersions,
  };
}

/**
 * The symbols that may serve a function, the one to prefer first: import side before export side.
 *
 * `owner` is the extern name of the interface (an id or a plain name), undefined for a function of the
 * world itself; `func` is the name as in the binary (`do-it`, `[method]r.m`).
 *
 * wit-bindgen puts the version into a symbol when *any* package it has read exists in two versions, also
 * one that the world does not use. We see worlds only, so the spelling with the version is accepted where
 * the world sees one version; where it sees two, the spelling without would be ambiguous and is not.
 */
export function functionSymbols(
  naming: SymbolNaming,
  owner: string | undefined,
  func: string,
): readonly SymbolCandidate[] {
  const name = snakeCase(func);
  if (owner === undefined) {
    return [
      { symbol: `${naming.worldPrefix}_${name}`, convention: "import" },
      { symbol: `exports_${naming.worldPrefix}_${name}`, convention: "export" },
    ];
  }
  const prefixes = interfacePrefixes(naming, owner);
  const imports = prefixes.map((prefix) => ({
    symbol: `${prefix}_${name}`,
    convention: "import" as const,
  }));
  // Plain-named interfaces have one prefix for both sides (wit-bindgen adds `exports_` to ids only).
  if (parseExternName(owner).kind === "plain") return imports;
  const exports = prefixes.map((prefix) => ({
    symbol: `exports_${prefix}_${name}`,
    convention: "export" as const,
  }));
  return [...imports, ...exports];
}

function interfacePrefixes(naming: SymbolNaming, owner: string): readonly string[] {
  const id = parseExternName(owner);
  if (id.kind === "plain") return [snakeCase(id.name)];
  const packagePrefix = `${snakeCase(id.namespace)}_${snakeCase(id.package)}`;
  const plain = `${packagePrefix}_${snakeCase(id.interface)}`;
  if (id.version === undefined) return [plain];
  const versioned = `${packagePrefix}_${id.version.replaceAll(/[.+-]/g, "_")}_${snakeCase(id.interface)}`;
  return naming.severalVersions.has(`${id.namespace}:${id.package}`) ? [versioned] : [plain, versioned];
}

/**
 * `do-it` → `do_it`, `HTTP-get` → `http_get`, `[method]r.m` → `method_r_m`. A WIT word never mixes cases, so
 * the camel-case rules of the `heck` crate that wit-bindgen uses have nothing to split.
 */
function snakeCase(name: string): string {
  return name
    .split(/[^0-9A-Za-z]+/)
    .filter((word) => word !== "")
    .join("_")
    .toLowerCase();
}
