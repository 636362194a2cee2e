/**
 * Two columns: the guests as components behind jco's ordinary JavaScript bindings. As it comes, host functions are
 * plain JavaScript; with koffi, they are the hand-written ones of the bare column and call the C library.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { $init, generate } from "@bytecodealliance/jco-transpile/component";
import { WASIShim } from "@bytecodealliance/preview2-shim/instantiation";
import { VARIABLES } from "../rows.mjs";
import { liftedRows } from "./lifted.mjs";
import { loopsOf } from "./samplers.mjs";

/** What the host functions are where no library is called: the same work, in JavaScript. */
const PLAIN_HOST = {
  nothing: () => {},
  addI32: (/** @type {number} */ a, /** @type {number} */ b) => (a + b) | 0,
  addF64: (/** @type {number} */ a, /** @type {number} */ b) => a + b,
  addU64: (/** @type {bigint} */ a, /** @type {bigint} */ b) => BigInt.asUintN(64, a + b),
  takeString: () => {},
  echoString: (/** @type {string} */ text) => text,
  echoSample: (/** @type {import("./lifted-loops.mjs").Sample} */ sample) => sample,
  takeWords: (/** @type {Uint32Array} */ words) => (words[0] ?? 0) + (words.at(-1) ?? 0),
  takeBytes: (/** @type {Uint8Array} */ bytes) => (bytes[0] ?? 0) + (bytes.at(-1) ?? 0),
  echoStrings: (/** @type {readonly string[]} */ items) => items,
};

/**
 * @param {import("../guests/build.mjs").Guests} guests
 * @param {import("./bare.mjs").BareFunctions} bare
 * @param {string} folder where the transpiled modules are written
 * @returns {Promise<{ plain: import("./samplers.mjs").Samplers, koffi: import("./samplers.mjs").Samplers }>}
 */
export async function jcoColumns(guests, bare, folder) {
  const into = join(folder, "jco");
  mkdirSync(into);
  // Two modules of one guest: host functions of both columns through one call site would slow down each other.
  const plain = (await transpile(into, "plain", guests.lowered))({ "bench:calls/host": PLAIN_HOST });
  const koffi = (await transpile(into, "koffi", guests.lowered))({ "bench:calls/host": bare });
  const lifted = (await transpile(into, "lifted", guests.lifted))({});
  const composed = (await transpile(into, "composed", guests.composed))({});
  const shim = new WASIShim({ sandbox: { env: Object.fromEntries(VARIABLES) } });
  const wasi = (await transpile(into, "wasi", guests.wasi))(shim.getImportObject());
  if (String(wasi["variables"]()) !== `${VARIABLES.length},${VARIABLES[1][1].length}`)
    throw new Error("jco's guest does not see its variables");
  return {
    plain: {
      ...loopsOf("lowered", (name) => plain[camelCase(name)]),
      ...(await liftedRows("jco", {
        addI32: lifted["addI32"],
        echoString: lifted["echoString"],
        echoSample: lifted["echoSample"],
        callCount: lifted["callCount"],
      })),
      ...loopsOf("wasi", (name) => wasi[camelCase(name)]),
      ...loopsOf("composed", (name) => composed[camelCase(name)], composed["callCount"]),
    },
    koffi: loopsOf("lowered", (name) => koffi[camelCase(name)], bare.callCount),
  };
}

/**
 * @param {string} folder
 * @param {string} name of the module
 * @param {Uint8Array} component
 * @returns {Promise<(imports: object) => Record<string, any>>} makes an instance; exports in jco's own style
 */
async function transpile(folder, name, component) {
  await $init;
  const { files } = generate(component, {
    name,
    noTypescript: true,
    instantiation: { tag: "sync" },
    importBindings: { tag: "js" },
  });
  const modules = new Map();
  for (const [file, bytes] of files) {
    if (file.endsWith(".wasm")) modules.set(file, new WebAssembly.Module(bytes));
    else writeFileSync(join(folder, file.replace(/\.js$/u, ".mjs")), bytes);
  }
  const { instantiate } = await import(pathToFileURL(join(folder, `${name}.mjs`)).href);
  return (imports) => instantiate((/** @type {string} */ file) => modules.get(file), imports);
}

function camelCase(/** @type {string} */ name) {
  return name.replaceAll(/-([a-z0-9])/gu, (_, letter) => letter.toUpperCase());
}
