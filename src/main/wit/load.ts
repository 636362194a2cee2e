/** WIT text at run time: files, the official parser, and a cache of what came out of it. */
import { type Finding, HostbundleError, isHostbundleError } from "../../shared/errors.ts";
import type { WorldType } from "../../shared/wit/types.ts";
import { readCachedWorld, storeCachedWorld, worldKey } from "./cached-world.ts";
import { type CombinedText, combine } from "./combine.ts";
import { readSources } from "./source.ts";
import { chooseWorld, type WorldChoice } from "./world-choice.ts";

export interface LoadedWit {
  readonly world: WorldType;
  /** What was accepted although other tools would refuse it. */
  readonly warnings: readonly Finding[];
}

/**
 * Loads one world from a WIT file, or from a folder with its dependencies in `deps/`. Feature gates are closed:
 * items marked `@unstable` are not there, those marked `@since` are.
 * @param path absolute path of the file or folder
 * @param options.world the world's name or id; needed where the package has several. A package of interfaces alone
 * gives a world that imports them all
 * @param options.cacheFolder where decoded worlds are kept; absent: nowhere
 * @throws {HostbundleError} WIT_INVALID, with file, line and excerpt where the fault has a place
 */
export async function loadWit(
  path: string,
  options: { readonly world?: string | undefined; readonly cacheFolder?: string | undefined } = {},
): Promise<LoadedWit> {
  try {
    return await load(path, options.world, options.cacheFolder);
  } catch (error) {
    if (!isHostbundleError(error) || error.code !== "WIT_INVALID") throw error;
    // A fault of the text as a whole still has to say which text.
    const findings = error.context.findings ?? [];
    if (findings.some((finding) => finding.where !== undefined)) throw error;
    const place: Finding = { message: "in this WIT", where: { file: path } };
    throw new HostbundleError("WIT_INVALID", error.message, {
      ...error.context,
      findings: [...findings, place],
      cause: error,
    });
  }
}

async function load(
  path: string,
  wanted: string | undefined,
  cacheFolder: string | undefined,
): Promise<LoadedWit> {
  const sources = readSources(path);
  let choice: WorldChoice | undefined;
  const combined = combine(sources, (main) => {
    choice = chooseWorld(main, wanted);
    return choice.synthesised;
  });
  const world = choice?.world ?? "";
  const { warnings } = combined;
  if (cacheFolder === undefined) return { world: await parse(combined.text, world, path), warnings };
  const key = worldKey(combined.text.text, world);
  const cached = readCachedWorld(cacheFolder, key);
  if (cached !== undefined) return { world: cached, warnings };
  const decoded = await parse(combined.text, world, path);
  storeCachedWorld(cacheFolder, key, decoded);
  return { world: decoded, warnings };
}

async function parse(text: CombinedText, world: string, path: string): Promise<WorldType> {
  // Where the cache has an answer, neither the parser nor the decoder is needed.
  const { parseWorld } = await import("./parse.ts");
  return parseWorld(text, world, path);
}
