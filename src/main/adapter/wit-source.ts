/** The WIT that somebody means: a file or folder of WIT, or the bundle that it belongs to. */
import { basename, dirname, join, resolve } from "node:path";
import { type Finding, HostbundleError } from "../../shared/errors.ts";
import { adapterByName, adapterWit } from "../bundle/adapter.ts";
import { readDeclaration } from "../bundle/entry.ts";
import { checkWit } from "../bundle/host-toml.ts";
import { lookAt } from "../bundle/paths.ts";
import { TableReader } from "../bundle/table.ts";
import { isFinding, readToml } from "../bundle/toml.ts";

export interface WitSource {
  /** Absolute. */
  readonly path: string;
  /** The world that the bundle names. */
  readonly world: string | undefined;
}

/**
 * Of a bundle only its `wit` and `world` count: whoever writes its adapter need not have one yet, nor a library.
 * @throws {HostbundleError} USAGE where there is nothing, BUNDLE_INVALID where a bundle's host.toml has faults
 */
export function findWitSource(path: string): WitSource {
  const stats = lookAt(path);
  if (stats === undefined) throw new HostbundleError("USAGE", `${path}: no such file or directory`);
  const manifest = stats.isDirectory() ? join(path, "host.toml") : path;
  const isBundle = basename(manifest) === "host.toml" && lookAt(manifest)?.isFile() === true;
  return isBundle ? ofBundle(resolve(manifest)) : { path: resolve(path), world: undefined };
}

function ofBundle(manifest: string): WitSource {
  const findings: Finding[] = [];
  const source = readSource(manifest, findings);
  if (source !== undefined && findings.length === 0) return source;
  throw new HostbundleError("BUNDLE_INVALID", "the bundle's host.toml does not lead to its WIT", {
    findings,
  });
}

function readSource(manifest: string, findings: Finding[]): WitSource | undefined {
  const document = readToml(manifest);
  if (isFinding(document)) {
    findings.push(document);
    return undefined;
  }
  const root = new TableReader(document, [], document.data, findings);
  if (!root.has("host")) {
    root.fault("there is no [host] table", { file: manifest }, "a bundle begins with [host]");
    return undefined;
  }
  const table = root.subtable("host");
  if (table === undefined) return undefined;
  const { name, adapter = name, wit, world } = readDeclaration(table);
  if (wit !== undefined) {
    const path = checkWit(resolve(dirname(manifest), wit.text), wit.where, findings);
    return path === undefined ? undefined : { path, world };
  }
  // The bundle of a built-in adapter has that adapter's WIT.
  const builtIn = adapter && adapterWit(adapterByName(adapter.text, false, adapter.where));
  if (builtIn !== undefined) return { path: builtIn, world };
  table.require("wit", '"wit/example.wit"');
  return undefined;
}
