/** The machine and the versions that figures belong to. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { arch, cpus, loadavg, platform, release, totalmem } from "node:os";
import { compilerVersion } from "./compiler.mjs";

const require = createRequire(import.meta.url);

/** @typedef {ReturnType<typeof environment>} Environment */

export function environment() {
  const processors = cpus();
  return {
    date: new Date().toISOString(),
    node: process.version,
    v8: process.versions.v8,
    koffi: versionOf("koffi"),
    jcoTranspile: versionOf("@bytecodealliance/jco-transpile"),
    hostbundle: versionOf("../package.json"),
    compiler: compilerVersion() ?? "none",
    system: `${platform()} ${release()} ${arch()}`,
    cpu: processors[0]?.model ?? "unknown",
    cores: processors.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    /** Over the last minute, when the bench began. */
    loadAverage: loadavg()[0] ?? NaN,
  };
}

function versionOf(/** @type {string} */ name) {
  const path = name.startsWith(".") ? new URL(name, import.meta.url) : packageJson(name);
  return String(JSON.parse(readFileSync(path, "utf8")).version);
}

/** Not every package exports its package.json: it is looked for upwards from the entry point. */
function packageJson(/** @type {string} */ name) {
  const entry = require.resolve(name === "@bytecodealliance/jco-transpile" ? `${name}/component` : name);
  return `${entry.slice(0, entry.lastIndexOf(`node_modules/${name}/`))}node_modules/${name}/package.json`;
}
