/**
 * An instance that lives: what a run does, part by part. The image comes from the cache, our own linker makes the
 * instance. Only the dispatch to a worker is left out.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { readWorlds } from "../../dist/main/bundle-worlds.js";
import { resolveBundles } from "../../dist/main/bundle/resolve.js";
import { loadImage } from "../../dist/main/component/image.js";
import { linkComponent } from "../../dist/main/link/link.js";
import { serveAdapters } from "../../dist/worker/adapters/serve.js";
import { openLibrary } from "../../dist/worker/native/open.js";
import { NativeFunctions } from "../../dist/worker/native-functions.js";
import { prepareOwn } from "../../dist/worker/own-call.js";
import { loadProgram } from "../../dist/worker/programs.js";
import { prepareWasi } from "../../dist/worker/wasi.js";
import { VARIABLES } from "../rows.mjs";

/**
 * A living instance.
 * @param {string} folder
 * @param {string} group
 * @param {Uint8Array} bytes
 * @param {readonly string[]} bundles directories; they may bring adapters of their own
 * @returns {Promise<(name: string) => any>} its exported functions, which take and give `Value`s
 */
export async function openGuest(folder, group, bytes, bundles) {
  const path = join(folder, `${group}.wasm`);
  writeFileSync(path, bytes);
  const { bundles: worlds } = await readWorlds(
    resolveBundles({ bundles, manifests: [], cwd: folder }).bundles,
  );
  const image = await loadImage(path, { cacheFolder: join(folder, "cache"), linker: "own" });
  const plan = linkComponent({ path, world: image.world, bundles: worlds });
  const program = await loadProgram(image, {});
  if (program.kind !== "own") throw new Error(`${group} is not linked by our own linker`);
  if (plan.imports.length === 0) {
    const instance = program.component.instantiate(NO_IMPORTS);
    return (name) => instance.exported(undefined, name);
  }
  // The file itself: the bare column counts calls in the same image of it.
  const libraries = plan.libraries.map((each) => ({
    key: each.path,
    library: openLibrary(each, { copy: false }),
  }));
  const native = new NativeFunctions(libraries, program.compiled, { stats: false });
  const wasi = plan.imports.filter(({ kind }) => kind === "wasi").map(({ name }) => name);
  /** @type {import("../../dist/shared/protocol.js").WasiGrants} */
  const grants = { args: [], env: VARIABLES, directories: [], stdin: new Uint8Array(), output: "capture" };
  const run = wasi.length === 0 ? undefined : await prepareWasi(wasi).open(grants);
  const adapters = plan.adapters.length === 0 ? [] : await serveAdapters(plan.adapters, [], new Int32Array());
  const attempt = prepareOwn(program.component, plan, { native, wasi: run, adapters });
  attempt.instantiate();
  return (name) => {
    const item = image.world.exports.find((each) => each.name === name);
    if (item?.kind !== "function") throw new Error(`${group} does not export ${name}`);
    const { type } = item.function;
    return (/** @type {import("../../dist/shared/value/types.js").Value[]} */ ...args) =>
      attempt.call({ kind: "export", function: name, type, args });
  };
}

/** @type {import("../../dist/worker/linker/host-imports.js").HostImports} */
const NO_IMPORTS = {
  function(item) {
    throw new Error(`${item} is not there`);
  },
  resource: () => ({}),
};
