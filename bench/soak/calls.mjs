/** Calls out of one living instance and into another. */
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { componentEmbed, componentNew, parse } from "@bytecodealliance/jco-transpile/wasm-tools";
import koffi from "koffi";
import { openGuest } from "../columns/living-guest.mjs";
import { compileLibrary } from "../compiler.mjs";
import { LIFTED, LIFTED_WIT } from "../guests/lifted.mjs";
import { SHORT_TEXT } from "../rows.mjs";
import { buildSoakGuest, SOAK_WIT_FILE } from "./guest.mjs";

const MANIFEST = `[host]
name = "soak"
lib = "libsoak.so"
wit = "soak.wit"
world = "library"
free = "soak_free"

[functions]
"bench:soak/owning#exchange" = "exports_bench_soak_owning_exchange"
`;

/**
 * @param {string} folder for the bundle, the components and the cache
 * @returns {Promise<{ callOut: (turns: number) => void, callIn: (turns: number) => void, lostBlocks: () => number }>}
 */
export async function prepareCalls(folder) {
  const bundle = join(folder, "soak_host");
  mkdirSync(bundle);
  const library = join(bundle, "libsoak.so");
  compileLibrary(fileURLToPath(new URL("soak.c", import.meta.url)), library);
  copyFileSync(SOAK_WIT_FILE, join(bundle, "soak.wit"));
  writeFileSync(join(bundle, "host.toml"), MANIFEST);
  const soak = await openGuest(folder, "soak", await buildSoakGuest(), [bundle]);
  const run = soak("run");

  const embedded = await componentEmbed({
    binary: await parse(LIFTED),
    witSource: LIFTED_WIT,
    world: "lifted",
  });
  const lifted = await openGuest(folder, "lifted", await componentNew(embedded, []), []);
  const echo = lifted("echo-string");

  const opened = koffi.load(library, { deep: true });
  const counter = (/** @type {string} */ symbol) => opened.func(symbol, "uint64_t", []);
  const [calls, allocated, released] = ["soak_calls", "soak_allocated", "soak_released"].map(counter);
  return {
    callOut(turns) {
      const before = Number(calls?.());
      run(turns);
      if (Number(calls?.()) - before !== 2 * turns) throw new Error("the guest did not make its calls");
    },
    callIn(turns) {
      for (let turn = turns; turn > 0; turn--) {
        if (echo(SHORT_TEXT) !== SHORT_TEXT) throw new Error("the guest gave something else back");
      }
    },
    lostBlocks: () => Math.abs(Number(allocated?.()) - Number(released?.())),
  };
}
