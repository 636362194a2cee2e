/**
 * Column 2: our lowered imports, called by the guest's loops. Everything a run would use is used, except that
 * the linker is bypassed: plain core modules are bound by hand.
 */
import { fileURLToPath } from "node:url";
import { parse } from "@bytecodealliance/jco-transpile/wasm-tools";
import { loadWit } from "../../dist/main/wit/load.js";
import { functionSymbols, symbolNaming } from "../../dist/shared/wit/symbol.js";
import { compileLoweredImport } from "../../dist/worker/abi/compile.js";
import { openLibrary } from "../../dist/worker/native/open.js";
import { LOOPS, MEMORY } from "../guest.mjs";
import { guestColumn, isLoop } from "./guest-loops.mjs";

const WIT_PATH = fileURLToPath(new URL("../calls.wit", import.meta.url));
const INTERFACE = "bench:calls/host";

/**
 * @param {string} libraryPath
 * @returns {Promise<{ column: import("../rows.mjs").Column, emptyLoop: (count: number) => void }>}
 */
export async function hostbundleColumn(libraryPath) {
  const { world } = await loadWit(WIT_PATH, { world: "calls" });
  const item = world.imports.find(({ name }) => name === INTERFACE);
  if (item?.kind !== "interface") throw new Error(`calls.wit does not import ${INTERFACE}`);
  const library = openLibrary(
    {
      bundle: "bench",
      path: libraryPath,
      declaredIn: "bench/calls.mjs",
      threadsafe: false,
      hasInit: false,
      hasDeinit: false,
      configJson: "{}",
    },
    { copy: false },
  );

  const guest = await instantiate(MEMORY, {});
  const { memory, cabi_realloc: realloc } = guest;
  if (!(memory instanceof WebAssembly.Memory) || !isRealloc(realloc)) {
    throw new TypeError("the guest lacks its memory");
  }
  const options = { memory, realloc, stringEncoding: /** @type {const} */ ("utf8") };
  const state = { mayLeave: true };
  const naming = symbolNaming(world);
  const functions = item.interface.functions.map(({ name, type }) => {
    const [candidate] = functionSymbols(naming, INTERFACE, name);
    if (candidate === undefined) throw new Error(`no symbol for ${name}`);
    const plan = { name, type, library: 0, ...candidate };
    const compiled = compileLoweredImport({ label: `${INTERFACE}#${name}`, plan, library });
    return [name, compiled.bind(options, state)];
  });
  const loops = await instantiate(LOOPS, { guest, [INTERFACE]: Object.fromEntries(functions) });
  const emptyLoop = loops["run-empty-loop"];
  if (!isLoop(emptyLoop)) throw new TypeError("the guest lacks its empty loop");
  return { column: guestColumn((name) => loops[name]), emptyLoop };
}

/**
 * Exports have no types of their own; `guest.mjs` declares this one so.
 * @param {unknown} value
 * @returns {value is (pointer: number, oldSize: number, align: number, size: number) => number}
 */
function isRealloc(value) {
  return typeof value === "function";
}

/**
 * @param {string} wat
 * @param {WebAssembly.Imports} imports
 */
async function instantiate(wat, imports) {
  const module = new WebAssembly.Module(await parse(wat));
  return new WebAssembly.Instance(module, imports).exports;
}
