/** `hostbundle inspect`: what a component, a bundle or a manifest has to say of itself. */
import { basename, dirname, extname } from "node:path";
import { HostbundleError } from "../../shared/errors.ts";
import { readWorlds, type BundleWorlds } from "../bundle-worlds.ts";
import type { LibraryFacts } from "../bundle/library/facts.ts";
import { inspectLibrary } from "../bundle/library/inspect.ts";
import { lookAt } from "../bundle/paths.ts";
import { resolveBundles } from "../bundle/resolve.ts";
import { decodeComponent } from "../component/decode.ts";
import { readComponent } from "../component/read.ts";
import type { ParsedArgs } from "./args.ts";
import { bundlesLines, bundlesToJson, describeBundles } from "./inspect-bundles.ts";
import { componentLines, componentToJson } from "./inspect-component.ts";
import type { CliIo, Output } from "./output.ts";

export async function inspect(args: ParsedArgs, _io: CliIo, output: Output): Promise<number> {
  const path = args.positional ?? "";
  const kind = kindOf(path);
  if (kind === "component") {
    const component = decodeComponent(readComponent(path), path);
    if (output.json) output.object(componentToJson(path, component));
    else for (const line of componentLines(path, component)) output.line(line);
    return 0;
  }
  const { bundles, warnings } = await readBundles(path, kind);
  const described = describeBundles(bundles, libraryFacts);
  for (const warning of [...warnings, ...described.findings]) output.warning(warning);
  if (output.json) output.object(bundlesToJson(path, described, warnings));
  else for (const line of bundlesLines(described)) output.line(line);
  return 0;
}

type Kind = "component" | "bundle" | "manifest";

/** A folder or its host.toml is a bundle, any other TOML file a manifest; the rest must be a component. */
function kindOf(path: string): Kind {
  const stat = lookAt(path);
  if (stat === undefined) throw new HostbundleError("USAGE", `${path}: no such file or directory`);
  if (stat.isDirectory() || basename(path) === "host.toml") return "bundle";
  return extname(path) === ".toml" ? "manifest" : "component";
}

/** Read again from the file: a resolved bundle keeps no more of it than its symbols. */
function libraryFacts(path: string): LibraryFacts {
  return inspectLibrary(path, { platform: process.platform, architecture: process.arch });
}

async function readBundles(path: string, kind: Exclude<Kind, "component">): Promise<BundleWorlds> {
  const folder = basename(path) === "host.toml" ? dirname(path) : path;
  const resolved = resolveBundles(
    kind === "bundle" ? { bundles: [folder], manifests: [] } : { bundles: [], manifests: [path] },
  );
  const { bundles, warnings } = await readWorlds(resolved.bundles);
  return { bundles, warnings: [...resolved.warnings, ...warnings] };
}
