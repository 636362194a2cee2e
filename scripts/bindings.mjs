/**
 * Before tsc: renews `src/worker/adapters/<name>/bindings.ts` from the WIT beside it, so that an adapter whose WIT has
 * changed fails the type check, and puts the WIT where the program finds it. Nothing is done when nothing has changed.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const ADAPTERS = "src/worker/adapters";
const INSTALLED = "dist/adapters";
const GENERATOR = "build/bindings/generator.mjs";
const STAMP = "build/bindings/stamp";
/** What of the sources the generator is made of. */
const GENERATOR_SOURCES = ["src/main/adapter", "src/main/wit", "src/main/link/wasi.ts", "src/shared"];

const names = readdirSync(ADAPTERS, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(join(ADAPTERS, entry.name, "wit")))
  .map((entry) => entry.name)
  .toSorted();

if (readIfThere(STAMP) !== fingerprint()) {
  const { bindingsOf } = await buildGenerator();
  for (const name of names) {
    const folder = join(ADAPTERS, name);
    const wit = join(folder, "wit");
    write(join(folder, "bindings.ts"), await bindingsOf(resolve(wit)));
    copy(wit, join(INSTALLED, name, "wit"));
  }
  write(STAMP, fingerprint());
}

/** Of everything that is read and made here. */
function fingerprint() {
  const hash = createHash("sha256");
  const folders = [...names.map((name) => join(ADAPTERS, name, "wit")), ...GENERATOR_SOURCES, INSTALLED];
  const files = [...folders.flatMap(filesIn), ...names.map((name) => join(ADAPTERS, name, "bindings.ts"))];
  for (const file of [import.meta.filename, ...files]) hash.update(`${file}\0${readIfThere(file) ?? ""}\0`);
  return hash.digest("hex");
}

/** Node runs no TypeScript yet: the generator is bundled. */
async function buildGenerator() {
  const { build } = await import("rolldown");
  await build({
    input: "src/main/adapter/generator.ts",
    platform: "node",
    logLevel: "silent",
    external: [/^@bytecodealliance\//],
    output: { file: GENERATOR, format: "esm", codeSplitting: false },
  });
  return import(pathToFileURL(GENERATOR).href);
}

function copy(from, to) {
  const files = filesIn(from).map((file) => relative(from, file));
  for (const file of files) write(join(to, file), readFileSync(join(from, file), "utf8"));
  for (const file of filesIn(to)) if (!files.includes(relative(to, file))) rmSync(file);
}

function write(file, text) {
  if (readIfThere(file) === text) return;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

function readIfThere(file) {
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

/** The files in a folder and all below it, or the file itself. */
function filesIn(path) {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .toSorted()
    .flatMap((name) => filesIn(join(path, name)));
}
