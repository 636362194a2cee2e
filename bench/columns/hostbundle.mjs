/** The column of hostbundle: the components linked by our own linker, the C library as a host bundle. */
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { LOWERED_WIT_FILE } from "../guests/build.mjs";
import { ADAPTER, RESOURCES_WIT } from "../guests/resources.mjs";
import { timed } from "../measure.mjs";
import { VARIABLES } from "../rows.mjs";
import { liftedRows } from "./lifted.mjs";
import { openGuest } from "./living-guest.mjs";
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
  const open = (
    /** @type {keyof typeof guests} */ group,
    /** @type {readonly string[]} */ bundles = [bundle],
  ) => openGuest(into, group, guests[group], bundles);

  const lowered = await open("lowered");
  const resources = await open("resources", writeResourceBundles(library, into));
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
      ...loopsOf("resources", resources),
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

/** The same library once more, by a manifest, and an adapter. */
function writeResourceBundles(/** @type {string} */ library, /** @type {string} */ folder) {
  const bundles = [
    { name: "counters", files: {}, lines: [`lib = "${basename(library)}"`, 'world = "library"'] },
    {
      name: "adapted",
      files: { "adapter.js": ADAPTER, "package.json": '{ "type": "module" }' },
      lines: ['adapter = "./adapter.js"', 'world = "adapter"'],
    },
  ];
  return bundles.map(({ name, files, lines }) => {
    const bundle = join(folder, name);
    mkdirSync(bundle);
    for (const [file, text] of Object.entries(files)) writeFileSync(join(bundle, file), text);
    if (name === "counters") copyFileSync(library, join(bundle, basename(library)));
    writeFileSync(join(bundle, "resources.wit"), RESOURCES_WIT);
    const toml = ["[host]", `name = "${name}"`, 'wit = "resources.wit"', ...lines];
    writeFileSync(join(bundle, "host.toml"), `${toml.join("\n")}\n`);
    return bundle;
  });
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
