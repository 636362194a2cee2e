/** WIT text at run time: files, the official parser, and a cache of what came out of it. */
import { basename } from "node:path";
import { type Finding, HostbundleError, isHostbundleError } from "../../shared/errors.ts";
import { decodeEncodedWorld, findCustomSection } from "../../shared/wit/binary/decode-world.ts";
import { BinaryFault } from "../../shared/wit/binary/trail.ts";
import type { WorldType } from "../../shared/wit/types.ts";
import { readCachedWorld, storeCachedWorld, worldKey } from "./cached-world.ts";
import { type Combined, combine } from "./combine.ts";
import { explainParserError } from "./parser-error.ts";
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
  if (cacheFolder === undefined) return { world: await parse(combined, world, path), warnings };
  const key = worldKey(combined.text.text, world);
  const cached = readCachedWorld(cacheFolder, key);
  if (cached !== undefined) return { world: cached, warnings };
  const decoded = await parse(combined, world, path);
  storeCachedWorld(cacheFolder, key, decoded);
  return { world: decoded, warnings };
}

async function parse(combined: Combined, world: string, path: string): Promise<WorldType> {
  const parsed = await runParser(combined.text.text, world);
  if (parsed.kind === "rejected") {
    const finding = await explainParserError(parsed.message, combined.text, async (text) => {
      const again = await runParser(text, world);
      return again.kind === "rejected" ? again.message : undefined;
    });
    throw new HostbundleError("WIT_INVALID", `${basename(path)} is not valid WIT`, { findings: [finding] });
  }
  if (parsed.kind === "crashed") {
    throw new HostbundleError("WIT_INVALID", `the WIT parser gave up on ${basename(path)}`, {
      findings: [{ message: parsed.message, where: { file: path } }],
      help: "if the text is not unusual, please report it; this process cannot parse WIT any more",
    });
  }
  try {
    const section = findCustomSection(parsed.module, "component-type");
    if (section === undefined) throw new BinaryFault("the parser gave no type section", [], 0);
    return decodeEncodedWorld(section);
  } catch (error) {
    if (!(error instanceof BinaryFault)) throw error;
    throw new HostbundleError("WIT_INVALID", `${basename(path)} has what hostbundle cannot bind`, {
      findings: [
        {
          message: [...error.trail.filter((segment) => !BINARY_SEGMENT.test(segment)), error.detail].join(
            ": ",
          ),
          where: { file: path },
          ...(error.help === undefined ? {} : { help: error.help }),
        },
      ],
      cause: error,
    });
  }
}

/** Parts of a fault's trail that mean something in the parser's output only. */
const BINARY_SEGMENT = /^(?:(?:type|declaration)\[\d+\]|type \d+)$/;

type Parsed =
  | { readonly kind: "module"; readonly module: Uint8Array }
  | { readonly kind: "rejected"; readonly message: string }
  | { readonly kind: "crashed"; readonly message: string };

async function runParser(witSource: string, world: string): Promise<Parsed> {
  // 9 MB of WebAssembly: only loaded where the cache has no answer.
  const { componentEmbed } = await import("@bytecodealliance/jco-transpile/wasm-tools");
  try {
    return { kind: "module", module: await componentEmbed({ witSource, world, dummy: true }) };
  } catch (error) {
    if (!(error instanceof Error)) return { kind: "crashed", message: String(error) };
    // Its answer about the text has a payload. A trap (or an exhausted stack) has none, and leaves the parser's
    // instance unusable.
    return { kind: "payload" in error ? "rejected" : "crashed", message: error.message };
  }
}
