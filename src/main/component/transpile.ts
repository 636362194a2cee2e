/**
 * jco, asked for a module that a worker can instantiate with imports of ours.
 *
 * Only the generator is loaded, not jco's optimizer. What jco prints is changed where it is laxer than
 * the Canonical ABI.
 */
import { createRequire } from "node:module";
import { basename } from "node:path";
import { pathToFileURL } from "node:url";
import type { GenerateOptions } from "@bytecodealliance/jco-transpile/component";
import { HostbundleError } from "../../shared/errors.ts";
import type { WorldType } from "../../shared/wit/types.ts";
import { refuseUnsafeNames } from "./safe-names.ts";

/** The part of `@bytecodealliance/jco-transpile/component` that is used here. */
interface Generator {
  readonly $init: Promise<void>;
  generate(
    component: Uint8Array,
    options: GenerateOptions,
  ): { readonly files: readonly (readonly [name: string, content: Uint8Array])[] };
}

export interface Transpiled {
  /** The name of the ES module among `files`. */
  readonly entry: string;
  readonly files: Readonly<Record<string, Uint8Array>>;
}

/** Prints the module. Throws COMPONENT_INVALID with jco's reason. `path` is for messages. */
export async function transpile(bytes: Uint8Array, path: string, world: WorldType): Promise<Transpiled> {
  const loaded = await loadGenerator();
  const complaints = await captureStderr();
  let printed: readonly (readonly [name: string, content: Uint8Array])[];
  try {
    ({ files: printed } = loaded.generate(bytes, {
      name: "component",
      noTypescript: true,
      noNodejsCompat: true,
      instantiation: { tag: "sync" },
      importBindings: { tag: "hybrid" },
      // Without it two versions of one interface would share their functions.
      map: world.imports.map(({ name }) => [name, name]),
    }));
  } catch (error) {
    // After a trap the generator's memory may be in any state.
    if (!isRefusal(error)) generator = undefined;
    throw new HostbundleError("COMPONENT_INVALID", `cannot prepare ${basename(path)} for running`, {
      findings: [
        {
          message: `jco refuses the component: ${panicMessage(complaints.text()) ?? describe(error)}`,
          where: { file: path },
        },
      ],
      ...(complaints.text().includes("StringEncoding")
        ? { help: "jco knows guests with UTF-8 and UTF-16 strings, not with latin1+utf16" }
        : {}),
      cause: error,
    });
  } finally {
    complaints.release();
  }
  const coreModules = printed.filter(([name]) => name.endsWith(".wasm")).map(([, content]) => content);
  refuseUnsafeNames(coreModules, world, path);
  return toImage(printed);
}

function toImage(printed: readonly (readonly [name: string, content: Uint8Array])[]): Transpiled {
  const files: Record<string, Uint8Array> = {};
  for (const [name, content] of printed) {
    // `.mjs` is a module whatever package the cache folder may happen to lie in.
    if (name === "component.js")
      files["component.mjs"] = Buffer.from(strictLifting(Buffer.from(content).toString()));
    else files[name] = content;
  }
  return { entry: "component.mjs", files };
}

/**
 * jco's lifting of an export's result, as strict as CanonicalABI.md: `load_string_from_range` replaces and
 * strips nothing, `load_list` traps where the list is misaligned or leaves the memory.
 */
function strictLifting(source: string): string {
  const strings = source.replaceAll(
    /new TextDecoder\((?:'(utf-8|utf-16)')?\)/g,
    (_match, encoding: string | undefined) =>
      `new TextDecoder('${encoding ?? "utf-8"}', { fatal: true, ignoreBOM: true })`,
  );
  const lists = strings.replaceAll(
    /new (\w+Array)\((memory\d+)\.buffer\.slice\(/g,
    "new $1(sliceOfGuest($1, $2.buffer, ",
  );
  return lists === strings ? strings : `${SLICE_OF_GUEST}${lists}`;
}

const SLICE_OF_GUEST = `function sliceOfGuest(Elements, buffer, from, to) {
  if (from % Elements.BYTES_PER_ELEMENT !== 0) throw new RangeError('list pointer not aligned');
  if (to > buffer.byteLength) throw new RangeError('list out of bounds of memory');
  return buffer.slice(from, to);
}
`;

let generator: Promise<Generator> | undefined;
let generation = 0;

/** The generator; a fresh instance after a trap. */
function loadGenerator(): Promise<Generator> {
  generator ??= importGenerator(generation++);
  return generator;
}

async function importGenerator(number: number): Promise<Generator> {
  const file = createRequire(import.meta.url).resolve("@bytecodealliance/jco-transpile/component");
  // Modules are cached by URL: another query is another instance.
  const url = number === 0 ? pathToFileURL(file).href : `${pathToFileURL(file).href}?${number}`;
  const loaded: unknown = await import(url);
  if (!isGenerator(loaded)) throw new HostbundleError("INTERNAL", `${file} is no jco generator`);
  await loaded.$init;
  return loaded;
}

function isGenerator(module: unknown): module is Generator {
  return typeof module === "object" && module !== null && "$init" in module && "generate" in module;
}

interface CapturedStderr {
  text(): string;
  release(): void;
}

/** jco's generator is a component itself; where it gives up it prints a backtrace, which is not for users. */
async function captureStderr(): Promise<CapturedStderr> {
  const { _setStderr, stderr } = await import("@bytecodealliance/preview2-shim/cli");
  const { streams } = await import("@bytecodealliance/preview2-shim/io");
  const chunks: Uint8Array[] = [];
  const before = stderr.getStderr();
  // Made without its constructor, which the shim's declarations hide.
  const sink: typeof before = Object.create(streams.OutputStream.prototype, {
    checkWrite: { value: () => 65_536n },
    write: { value: (bytes: Uint8Array) => void chunks.push(new Uint8Array(bytes)) },
    blockingWriteAndFlush: { value: (bytes: Uint8Array) => void chunks.push(new Uint8Array(bytes)) },
    flush: { value: () => undefined },
    blockingFlush: { value: () => undefined },
    [Symbol.dispose]: { value: () => undefined },
  });
  _setStderr(sink);
  return { text: () => Buffer.concat(chunks).toString(), release: () => _setStderr(before) };
}

/** The second line of "thread '…' panicked at …:", if that is what was printed. */
function panicMessage(text: string): string | undefined {
  const lines = text.split("\n");
  const at = lines.findIndex((line) => line.includes(" panicked at "));
  return at === -1 ? undefined : lines[at + 1]?.trim();
}

/** jco reports what it understood as an error value; anything else is a trap in it. */
function isRefusal(error: unknown): boolean {
  return error instanceof Error && "payload" in error;
}

function describe(error: unknown): string {
  if (error instanceof Error && "payload" in error && typeof error.payload === "string")
    return oneLine(error.payload);
  return oneLine(error instanceof Error ? error.message : String(error));
}

function oneLine(text: string): string {
  return text.trim().replaceAll(/\s*\n\s*/g, "; ");
}
