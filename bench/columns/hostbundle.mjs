/**
 * The column of hostbundle: what a run does, part by part. The image comes from the cache, our own linker makes the
 * instance, the C library is a host bundle. Only the dispatch to a worker is left out.
 */
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { readWorlds } from "../../dist/main/bundle-worlds.js";
import { resolveBundles } from "../../dist/main/bundle/resolve.js";
import { loadImage } from "../../dist/main/component/image.js";
import { linkComponent } from "../../dist/main/link/link.js";
import { openLibrary } from "../../dist/worker/native/open.js";
import { NativeFunctions } from "../../dist/worker/native-functions.js";
import { prepareOwn } from "../../dist/worker/own-call.js";
import { loadProgram } from "../../dist/worker/programs.js";
import { prepareWasi } from "../../dist/worker/wasi.js";
import { LOWERED_WIT_FILE } from "../guests/build.mjs";
import { timed } from "../measure.mjs";
import { VARIABLES } from "../rows.mjs";
import { liftedRows } from "./lifted.mjs";
import { loopsOf } from "./samplers.mjs";

/**
 * @param {import("../guests/build.mjs").Guests} guests
 * @param {string} library path of the C library
 * @param {() => bigint} callCount of the library
 * @param {string} folder for the components and the cache
 * @returns {Promise<{ samplers: import("./samplers.mjs").Samplers, emptyLoop: import("../measure.mjs").Sampler }>}
 */
export async function hostbundleColumn(guests, library, callCount, folder) {
  const into = join(folder, "hostbundle");
  mkdirSync(into);
  const bundle = writeBundle(library);
  const { bundles } = await readWorlds(
    resolveBundles({ bundles: [bundle], manifests: [], cwd: folder }).bundles,
  );
  const open = (/** @type {keyof typeof guests} */ group) => openGuest(into, group, guests[group], bundles);

  const lowered = await open("lowered");
  const lifted = await open("lifted");
  const wasi = await open("wasi");
  const composed = await open("composed");
  const variables = wasi("variables")();
  if (String(variables) !== `${VARIABLES.length},${VARIABLES[1][1].length}`)
    throw new Error(`hostbundle's guest does not see its variables: ${String(variables)}`);
  return {
    emptyLoop: timed(lowered("run-empty-loop")),
    samplers: {
      ...loopsOf("lowered", lowered, callCount),
      ...(await liftedRows("hostbundle", {
        addI32: lifted("add-i32"),
        echoString: lifted("echo-string"),
        echoSample: lifted("echo-sample"),
        callCount: lifted("call-count"),
      })),
      ...loopsOf("wasi", wasi),
      ...loopsOf("composed", composed, composed("call-count")),
    },
  };
}

/** Makes the library's own folder a host bundle: the bare column must have opened the same file. */
function writeBundle(/** @type {string} */ library) {
  const bundle = dirname(library);
  copyFileSync(LOWERED_WIT_FILE, join(bundle, "lowered.wit"));
  const lines = [
    'name = "bench"',
    `lib = "${basename(library)}"`,
    'wit = "lowered.wit"',
    'world = "library"',
  ];
  writeFileSync(join(bundle, "host.toml"), `[host]\n${lines.join("\n")}\n`);
  return bundle;
}

/**
 * A living instance.
 * @param {string} folder
 * @param {string} group
 * @param {Uint8Array} bytes
 * @param {readonly import("../../dist/main/link/provider.js").BundleWorld[]} bundles
 * @returns {Promise<(name: string) => any>} its exported functions, which take and give `Value`s
 */
async function openGuest(folder, group, bytes, bundles) {
  const path = join(folder, `${group}.wasm`);
  writeFileSync(path, bytes);
  const image = await loadImage(path, { cacheFolder: join(folder, "cache"), linker: "own" });
  const plan = linkComponent({ path, world: image.world, bundles });
  const program = await loadProgram(image);
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
  const attempt = prepareOwn(program.component, plan, native, run);
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
