/**
 * jco, asked for a module that a worker can instantiate with imports of ours.
 *
 * Only the generator is loaded, not jco's optimizer. What jco prints is changed in one respect: strings are
 * decoded as the Canonical ABI says (a byte order mark is data, ill-formed UTF-8 is a trap).
 */
import { createRequire } from "node:module";
import { basename } from "node:path";
import { pathToFileURL } from "node:url";
import { HostbundleError } from "../../shared/errors.ts";
import type { WorldType } from "../../shared/wit/types.ts";

type Generator = typeof import("@bytecodealliance/jco-transpile/component");

export interface Transpiled {
  /** The name of the ES module among `files`. */
  readonly entry: string;
  readonly files: Readonly<Record<string, Uint8Array>>;
}

/** Prints the module. Throws COMPONENT_INVALID with jco's reason. `path` is for messages. */
export async function transpile(bytes: Uint8Array, path: string, world: WorldType): Promise<Transpiled> {
  const { generate } = await loadGenerator();
  try {
    const { files } = generate(bytes, {
      name: "component",
      noTypescript: true,
      noNodejsCompat: true,
      instantiation: { tag: "sync" },
      importBindings: { tag: "hybrid" },
      // Without it two versions of one interface would share their functions.
      map: world.imports.map(({ name }) => [name, name]),
    });
    return toImage(files);
  } catch (error) {
    // After a trap the generator's memory may be in any state.
    if (!isRefusal(error)) generator = undefined;
    throw new HostbundleError("COMPONENT_INVALID", `cannot prepare ${basename(path)} for running`, {
      findings: [{ message: `jco refuses the component: ${describe(error)}`, where: { file: path } }],
      cause: error,
    });
  }
}

function toImage(printed: readonly (readonly [name: string, content: Uint8Array])[]): Transpiled {
  const files: Record<string, Uint8Array> = {};
  for (const [name, content] of printed) {
    // `.mjs` is a module whatever package the cache folder may happen to lie in.
    if (name === "component.js")
      files["component.mjs"] = Buffer.from(strictStrings(Buffer.from(content).toString()));
    else files[name] = content;
  }
  return { entry: "component.mjs", files };
}

/** CanonicalABI.md, `load_string_from_range`: no replacement characters, no stripped byte order mark. */
function strictStrings(source: string): string {
  return source.replaceAll(
    /new TextDecoder\((?:(?<quote>['"])(?<encoding>utf-?8|utf-?16(?:le)?)\k<quote>)?\)/g,
    (...match) => {
      const groups: unknown = match.at(-1);
      const encoding =
        typeof groups === "object" && groups !== null && "encoding" in groups && groups.encoding !== undefined
          ? String(groups.encoding)
          : "utf-8";
      return `new TextDecoder("${encoding}", { fatal: true, ignoreBOM: true })`;
    },
  );
}

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
  // The package's own declaration; an import of a computed URL has none.
  const loaded = (await import(url)) as Generator;
  await loaded.$init;
  return loaded;
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
