/**
 * Column 3: the same loops as a component behind jco's ordinary JavaScript bindings, whose host functions
 * are the hand-written ones of column 1.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { $init, generate } from "@bytecodealliance/jco-transpile/component";
import { componentEmbed, componentNew, parse } from "@bytecodealliance/jco-transpile/wasm-tools";
import { WHOLE } from "../guest.mjs";
import { guestColumn } from "./guest-loops.mjs";

/**
 * @param {import("./bare.mjs").BareFunctions} bare
 * @param {string} folder where the transpiled module is written
 * @returns {Promise<import("../rows.mjs").Column>}
 */
export async function jcoColumn(bare, folder) {
  const witSource = await readFile(new URL("../calls.wit", import.meta.url), "utf8");
  const core = await componentEmbed({ binary: await parse(WHOLE), witSource, world: "calls" });
  await $init;
  const { files } = generate(await componentNew(core, []), {
    name: "calls",
    noTypescript: true,
    instantiation: { tag: "sync" },
    importBindings: { tag: "js" },
  });
  const modules = new Map();
  for (const [name, bytes] of files) {
    if (name.endsWith(".wasm")) modules.set(name, new WebAssembly.Module(bytes));
    else await writeFile(join(folder, name.replace(/\.js$/u, ".mjs")), bytes);
  }
  const { instantiate } = await import(pathToFileURL(join(folder, "calls.mjs")).href);
  const exports = instantiate((/** @type {string} */ name) => modules.get(name), {
    "bench:calls/host": bare,
  });
  return guestColumn((name) => exports[camelCase(name)]);
}

function camelCase(/** @type {string} */ name) {
  return name.replaceAll(/-([a-z0-9])/gu, (_, letter) => letter.toUpperCase());
}
