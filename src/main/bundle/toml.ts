import { readFileSync } from "node:fs";
import { parse, TomlError } from "smol-toml";
import type { Finding, Location } from "../../shared/errors.ts";
import { reasonOf } from "../system-error.ts";
import { lookAt } from "./paths.ts";
import { type KeyPath, TomlPositions } from "./positions.ts";

/** A manifest is written by hand; a larger file is a mistake. */
const MAX_TOML_BYTES = 1024 * 1024;
/** Of tables in one another. smol-toml bounds those in braces only: `a.a.a. …` nests as deep as the file is long. */
const MAX_DEPTH = 32;

/** A TOML file: its data, and where each key of it is written. */
export interface TomlDocument {
  readonly file: string;
  readonly data: Readonly<Record<string, unknown>>;
  locate(path: KeyPath): Location;
}

/** Reads a TOML file, or says in one finding why it cannot be read. */
export function readToml(file: string): TomlDocument | Finding {
  const text = readText(file);
  if (typeof text !== "string") return text;
  try {
    const data = parse(text, { maxDepth: MAX_DEPTH, integersAsBigInt: "asNeeded" });
    const deep = findTooDeep(data);
    if (deep !== undefined)
      return {
        message: `not valid TOML: \`${deep}\` holds more than ${MAX_DEPTH} tables in one another`,
        where: { file },
      };
    let positions: TomlPositions | undefined;
    const locate = (path: KeyPath): Location => {
      positions ??= new TomlPositions(text);
      return { file, ...positions.locate(path) };
    };
    return { file, data, locate };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    return {
      message: `not valid TOML: ${firstLine(error.message)}`,
      where: { file, line: error.line, column: error.column },
      lines: error.codeblock.trimEnd().split("\n"),
    };
  }
}

/** The first two keys of the way to a value that lies too deep. A loop of its own: recursion is what it guards. */
function findTooDeep(data: Readonly<Record<string, unknown>>): string | undefined {
  const open: { readonly value: unknown; readonly keys: readonly string[]; readonly depth: number }[] = [
    { value: data, keys: [], depth: 0 },
  ];
  for (let each = open.pop(); each !== undefined; each = open.pop()) {
    const { value, keys, depth } = each;
    if (typeof value !== "object" || value === null) continue;
    if (depth > MAX_DEPTH) return keys.join(".");
    for (const [key, member] of Object.entries(value))
      open.push({ value: member, keys: keys.length < 2 ? [...keys, key] : keys, depth: depth + 1 });
  }
  return undefined;
}

/** Tells `readToml`'s two answers apart. */
export function isFinding(answer: TomlDocument | Finding): answer is Finding {
  return "message" in answer;
}

function readText(file: string): string | Finding {
  const where = { file };
  const stats = lookAt(file);
  if (stats === undefined) return { message: "the file does not exist", where };
  if (!stats.isFile()) return { message: "this is not a file", where };
  if (stats.size > MAX_TOML_BYTES)
    return { message: `the file has ${stats.size} bytes; at most ${MAX_TOML_BYTES} are read`, where };
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    return { message: `the file cannot be read: ${reasonOf(error)}`, where };
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return { message: "the file is not UTF-8", where };
  }
}

/** smol-toml puts its own code block under the message; ours is printed apart. */
function firstLine(message: string): string {
  return (message.split("\n")[0] ?? message).replace(/^Invalid TOML document: /u, "");
}
