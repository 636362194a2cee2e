/** Programs → requests as the library sends them to a thread, put together from its own parts. */
import { readWorlds } from "../../dist/main/bundle-worlds.js";
import { resolveBundles } from "../../dist/main/bundle/resolve.js";
import { resolveCall } from "../../dist/main/call.js";
import { loadImage } from "../../dist/main/component/image.js";
import { linkComponent } from "../../dist/main/link/link.js";

/**
 * @param {import("./programs.mjs").Program} program
 * @param {import("../../dist/main/component/image.js").LinkerChoice} linker
 * @param {string} cacheFolder
 * @returns {Promise<import("../../dist/shared/protocol.js").RunRequest>}
 */
export async function makeRequest({ component: path, bundles, manifests, call }, linker, cacheFolder) {
  const resolved = resolveBundles({ bundles, manifests, cwd: cacheFolder });
  const worlds = await readWorlds(resolved.bundles, cacheFolder);
  const image = await loadImage(path, { cacheFolder, linker });
  if (image.code.kind !== linker) throw new Error(`${path} is linked by ${image.code.kind}, not ${linker}`);
  return {
    kind: "run",
    image: { ...image, world: { name: image.world.name, imports: [], exports: [] } },
    plan: linkComponent({ path, world: image.world, bundles: worlds.bundles }),
    call: await resolveCall(image.world, call),
    wasi: { args: ["app.wasm"], env: [], directories: [], stdin: new Uint8Array(), output: "capture" },
    stats: false,
    limits: {},
    dumpTrampolines: false,
  };
}
