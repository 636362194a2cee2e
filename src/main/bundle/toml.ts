import { readFileSync } from "node:fs";
import { parse, TomlError } from "smol-toml";
import type { Finding, Location } from "../../shared/errors.ts";
import { lookAt } from "./paths.ts";
import { type KeyPath, TomlPositions } from "./positions.ts";

/** A manifest is written by hand; a larger file is a mistake. */
const MAX_TOML_BYTES = 1024 * 1024;
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
    return {
      message: `the file cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      where,
    };
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
