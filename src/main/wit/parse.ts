/** Combined WIT text through the official parser to a decoded world. */
import { basename } from "node:path";
import { HostbundleError } from "../../shared/errors.ts";
import { decodeEncodedWorld, findCustomSection } from "../../shared/wit/binary/decode-world.ts";
import { BinaryFault } from "../../shared/wit/binary/trail.ts";
import type { WorldType } from "../../shared/wit/types.ts";
import type { CombinedText } from "./combine.ts";
import { explainParserError } from "./parser-error.ts";

/**
 * The world of that name in the text, parsed and decoded.
 * @param path where the text comes from, for messages
 * @throws {HostbundleError} WIT_INVALID
 */
export async function parseWorld(text: CombinedText, world: string, path: string): Promise<WorldType> {
  const parsed = await runParser(text.text, world);
  if (parsed.kind === "rejected") {
    const finding = await explainParserError(parsed.message, text, async (part) => {
      const again = await runParser(part, world);
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
  // 9 MB of WebAssembly.
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
