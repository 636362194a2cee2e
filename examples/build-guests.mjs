/**
 * Builds the components under `guests/` anew. They are in the repository, so this is only for those who
 * changed one: `node examples/build-guests.mjs [name…]`. Needs the development dependencies.
 *
 * A guest is a core module in WAT, or JavaScript; `wit/world.wit` says what it imports and exports.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { componentEmbed, componentNew, parse } from "@bytecodealliance/jco-transpile/wasm-tools";

const guestsFolder = fileURLToPath(new URL("guests/", import.meta.url));

/** WAT to a core module, the WIT world into it as a custom section, and a component around both. */
async function buildFromWat(folder, name) {
  const coreModule = await parse(readFileSync(join(folder, `${name}.wat`), "utf8"));
  const embedded = await componentEmbed({
    binary: coreModule,
    witSource: readFileSync(join(folder, "wit/world.wit"), "utf8"),
  });
  writeFileSync(join(folder, "app.wasm"), await componentNew(embedded, []));
}

/** JavaScript together with the QuickJS engine. jco wants to be run from the folder of the source. */
function buildFromJavaScript(folder) {
  execFileSync(
    "npx",
    [
      "--no-install",
      "jco",
      "componentize",
      "app.js",
      "--backend",
      "qjs",
      "--backend-qjs-disable-async",
      "--wit",
      "wit",
      "-o",
      "app.wasm",
    ],
    { cwd: folder, stdio: ["ignore", "ignore", "inherit"] },
  );
}

const wanted = process.argv.slice(2);
for (const name of wanted.length > 0 ? wanted : readdirSync(guestsFolder)) {
  const folder = join(guestsFolder, name);
  if (existsSync(join(folder, `${name}.wat`))) await buildFromWat(folder, name);
  else if (existsSync(join(folder, "app.js"))) buildFromJavaScript(folder);
  else throw new Error(`no guest to build in ${folder}`);
  console.log(`built examples/guests/${name}/app.wasm`);
}
