import { createHash } from "node:crypto";
import { closeSync, openSync, readSync, realpathSync } from "node:fs";
import { basename } from "node:path";
import type { Finding, Location } from "../../../shared/errors.ts";
import { nearest } from "../../../shared/nearest.ts";
import { liesIn, lookAt } from "../paths.ts";
import type { BundleLibrary } from "../types.ts";
import { LibraryProblem } from "./file.ts";
import { inspectLibrary, type Machine } from "./inspect.ts";
import { findSystemLibrary } from "./system.ts";
import { isSystemError } from "../../system-error.ts";

/** `lib` as it was written: one file, or one by platform (`linux-x64` …). */
export type LibraryDeclaration =
  | { readonly kind: "file"; readonly text: string; readonly where: Location }
  | {
      readonly kind: "by-platform";
      readonly files: ReadonlyMap<string, { readonly text: string; readonly where: Location }>;
      readonly where: Location;
    };

export interface LibraryRequest {
  readonly declaration: LibraryDeclaration;
  /** Turns the text of the declaration into an absolute path. */
  readonly toPath: (text: string) => string;
  /** The library must lie in this folder; absent where a manifest named it. */
  readonly inside?: string;
  readonly sha256?: { readonly text: string; readonly where: Location };
  readonly machine: Machine;
}

/** The library of a bundle, checked without opening it; every fault goes to `findings`. */
export function resolveLibrary(request: LibraryRequest, findings: Finding[]): BundleLibrary | undefined {
  const chosen = choosePlatform(request, findings);
  if (chosen === undefined) return undefined;
  const { where } = chosen;
  const path = locate(request, chosen.text);
  const stats = lookAt(path);
  if (stats === undefined || !stats.isFile()) {
    const isBare = request.inside === undefined && chosen.text === basename(chosen.text);
    findings.push({
      message:
        stats === undefined ? `the library ${path} does not exist` : `the library ${path} is not a file`,
      where,
      ...(isBare && stats === undefined
        ? { help: "the system's library folders have no such library for this machine either" }
        : {}),
    });
    return undefined;
  }
  const real = realpathSync(path);
  let isSound = true;
  if (request.inside !== undefined && !liesIn(real, realpathSync(request.inside))) {
    isSound = false;
    findings.push({
      message: `the library lies outside the bundle: ${real}`,
      where,
      help: 'a bundle\'s library must be inside it, symlinks followed; a hosts.toml may name a library anywhere: lib = "…"',
    });
  }
  try {
    if (request.sha256 !== undefined && !checkDigest(real, request.sha256, findings)) isSound = false;
    const { symbols } = inspectLibrary(real, request.machine);
    return isSound ? { path: real, where, symbols } : undefined;
  } catch (error) {
    if (error instanceof LibraryProblem) findings.push(asFinding(error, path, where));
    else if (isSystemError(error))
      findings.push({ message: `the library cannot be read: ${error.message}`, where });
    else throw error;
    return undefined;
  }
}

function choosePlatform(
  { declaration, machine }: LibraryRequest,
  findings: Finding[],
): { readonly text: string; readonly where: Location } | undefined {
  if (declaration.kind === "file") return declaration;
  const platform = `${machine.platform}-${machine.architecture}`;
  const chosen = declaration.files.get(platform);
  if (chosen === undefined) {
    const near = nearest(platform, declaration.files.keys());
    findings.push({
      message: `there is no library for this platform, ${platform}`,
      where: declaration.where,
      lines: [`there is one for: ${[...declaration.files.keys()].join(", ") || "no platform"}`],
      ...(near === undefined ? {} : { help: `did you mean ${platform} where \`${near}\` is written?` }),
    });
  }
  return chosen;
}

/** A manifest may name a library of the system by its bare name (`libm.so.6`). */
function locate(request: LibraryRequest, text: string): string {
  const path = request.toPath(text);
  if (request.inside !== undefined || text !== basename(text)) return path;
  if (lookAt(path) !== undefined) return path;
  return findSystemLibrary(text, request.machine) ?? path;
}

const DIGEST = /^[0-9a-f]{64}$/iu;
const CHUNK_BYTES = 1024 * 1024;

function checkDigest(
  path: string,
  expected: { text: string; where: Location },
  findings: Finding[],
): boolean {
  if (!DIGEST.test(expected.text)) {
    findings.push({ message: "`sha256` must be 64 hexadecimal digits", where: expected.where });
    return false;
  }
  const actual = digestFile(path);
  if (actual === expected.text.toLowerCase()) return true;
  findings.push({
    message: `the library ${path} is not the one that was declared`,
    lines: [`sha256 declared  ${expected.text.toLowerCase()}`, `sha256 of file   ${actual}`],
    where: expected.where,
    help: "restore the library, or if the change is meant, write the new digest",
  });
  return false;
}

function digestFile(path: string): string {
  const hash = createHash("sha256");
  const descriptor = openSync(path, "r");
  try {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    for (let count = readSync(descriptor, chunk); count > 0; count = readSync(descriptor, chunk)) {
      hash.update(chunk.subarray(0, count));
    }
  } finally {
    closeSync(descriptor);
  }
  return hash.digest("hex");
}

function asFinding(problem: LibraryProblem, path: string, where: Location): Finding {
  const place = problem.offset === undefined ? "" : ` (offset 0x${problem.offset.toString(16)})`;
  return { message: `the library cannot be used: ${problem.message}`, lines: [`${path}${place}`], where };
}
