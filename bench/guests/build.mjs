/** Guests → component binaries. */
import { readFileSync } from "node:fs";
import { componentEmbed, componentNew, parse } from "@bytecodealliance/jco-transpile/wasm-tools";
import { COMPOSED } from "./composed.mjs";
import { LIFTED, LIFTED_WIT } from "./lifted.mjs";
import { LOWERED } from "./lowered.mjs";
import { RESOURCES, RESOURCES_WIT } from "./resources.mjs";
import { WASI, WASI_WIT } from "./wasi.mjs";

/** WIT of the interface that the C library serves, and of the guest that imports it. */
export const LOWERED_WIT_FILE = new URL("lowered.wit", import.meta.url);

/**
 * @typedef {object} Guests component binaries by row group
 * @property {Uint8Array} lowered
 * @property {Uint8Array} resources
 * @property {Uint8Array} lifted
 * @property {Uint8Array} wasi
 * @property {Uint8Array} composed
 */

/** @returns {Promise<Guests>} */
export async function buildGuests() {
  return {
    lowered: await component(LOWERED, readFileSync(LOWERED_WIT_FILE, "utf8"), "calls"),
    resources: await component(RESOURCES, RESOURCES_WIT, "resources"),
    lifted: await component(LIFTED, LIFTED_WIT, "lifted"),
    wasi: await component(WASI, WASI_WIT, "wasi"),
    composed: await parse(COMPOSED),
  };
}

async function component(
  /** @type {string} */ wat,
  /** @type {string} */ witSource,
  /** @type {string} */ world,
) {
  return componentNew(await componentEmbed({ binary: await parse(wat), witSource, world }), []);
}
