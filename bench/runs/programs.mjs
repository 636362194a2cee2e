/** The components that are run, and what is called: for our threads, for the library and for the command line. */
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { componentEmbed, componentNew, parse } from "@bytecodealliance/jco-transpile/wasm-tools";
import { compileLibrary } from "../compiler.mjs";
import { LIFTED, LIFTED_WIT } from "../guests/lifted.mjs";

const EXAMPLES = fileURLToPath(new URL("../../examples", import.meta.url));

/**
 * @typedef {object} Program
 * @property {string} component path
 * @property {readonly string[]} bundles
 * @property {readonly string[]} manifests
 * @property {import("../../dist/main/index.js").CallOptions} call
 * @property {(outcome: import("../../dist/shared/protocol.js").RunOutcome) => boolean} isRight
 */

/** @typedef {"add" | "greet" | "hello" | "quickjs"} ProgramId */

/**
 * Copies the examples, builds what they need, and says how each is called.
 * @param {string} folder
 * @returns {Promise<Readonly<Record<ProgramId, Program>> & { readonly greetLibrary: string }>}
 */
export async function preparePrograms(folder) {
  const examples = join(folder, "examples");
  cpSync(EXAMPLES, examples, { recursive: true });
  const greetLibrary = join(examples, "example_host/lib/libexample.so");
  mkdirSync(join(examples, "example_host/lib"), { recursive: true });
  compileLibrary(join(examples, "example_host/src/example.c"), greetLibrary);
  const add = join(folder, "add.wasm");
  const embedded = await componentEmbed({
    binary: await parse(LIFTED),
    witSource: LIFTED_WIT,
    world: "lifted",
  });
  writeFileSync(add, await componentNew(embedded, []));
  const guest = (/** @type {string} */ name) => join(examples, "guests", name, "app.wasm");
  return {
    greetLibrary,
    add: {
      component: add,
      bundles: [],
      manifests: [],
      call: { export: "add-i32", args: [2, 3] },
      isRight: (outcome) => outcome.status === "ok" && outcome.value === 5,
    },
    greet: {
      component: guest("greet"),
      bundles: [join(examples, "example_host")],
      manifests: [],
      call: { export: "run", args: ["World"] },
      isRight: (outcome) => outcome.status === "ok" && outcome.value === "Hello, World!",
    },
    hello: {
      component: guest("hello"),
      bundles: [],
      manifests: [],
      call: {},
      isRight: (outcome) => outcome.status === "ok" && outcome.stdout?.startsWith("Hello") === true,
    },
    quickjs: {
      component: guest("trig"),
      bundles: [],
      manifests: [join(examples, "guests/trig/hosts.toml")],
      call: { export: "polygon", args: [6] },
      isRight: (outcome) =>
        outcome.status === "ok" && Array.isArray(outcome.value) && outcome.value.length === 6,
    },
  };
}
