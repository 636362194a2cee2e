/**
 * The program and the worker as few files, made of what tsc makes: finding and opening a hundred modules takes longer than a run.
 * CommonJS, because Node loads it faster. Nothing is minified: stack traces stay readable.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { defineConfig } from "rolldown";

const FOLDER = "dist/bundle";
const { resolve: find } = createRequire(import.meta.url);
const piscina = dirname(find("piscina"));
const koffi = JSON.parse(readFileSync(join(dirname(find("koffi")), "package.json"), "utf8"));

/** What a thread of the bundled pool starts with: Piscina's own worker, its code and ours kept compiled. */
const THREAD = `
import { enableCompileCache } from "node:module";
import { workerData } from "node:worker_threads";
if (workerData?.codeFolder !== undefined) enableCompileCache?.(workerData.codeFolder);
import(${JSON.stringify(join(piscina, "worker.js"))});
`;

/** koffi's own module looks for its library with 7 ms of JavaScript; where it lies on glibc Linux, it is simply there. */
const KOFFI = `
import { createRequire } from "node:module";
const require = createRequire(import.meta.url);
function load() {
  if (process.platform === "linux") {
    try {
      const { platform, arch } = process;
      const native = require("@koromix/koffi-" + platform + "-" + arch + "/" + platform + "_" + arch + "/koffi.node");
      if (native.version === ${JSON.stringify(koffi.version)}) return native;
    } catch {
      // Another C library, another way of installing: koffi knows all of them.
    }
  }
  return require("koffi");
}
export default load();
`;

/** Piscina asserts what is always so; Node's module takes 1 ms to load. */
const ASSERT = `
export default function assert(holds) {
  if (!holds) throw new Error("an assertion of the pool does not hold");
}
`;

/** Modules that are written here. */
const virtual = (name, code) => ({
  name,
  resolveId: (id) => (id === name ? `\0${name}` : undefined),
  load: (id) => (id === `\0${name}` ? code : undefined),
});

/** Piscina starts the file `worker.js` beside its own: here that is `thread.cjs`. */
const threadFile = {
  name: "thread-file",
  transform(code, id) {
    if (id !== join(piscina, "index.js")) return undefined;
    const changed = code.replace("(__dirname, 'worker.js')", "(__dirname, 'thread.cjs')");
    if (changed === code) this.error("Piscina no longer starts worker.js: look at its index.js");
    return changed;
  },
};

/** The licences of what is copied into the bundles. */
const licences = {
  name: "licences",
  writeBundle() {
    const texts = ["piscina", "smol-toml"].map((name) => {
      const folder = dirname(dirname(find(name)));
      const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
      if (file === undefined) this.error(`${name} has no licence file`);
      return `${name}\n\n${readFileSync(join(folder, file), "utf8").trim()}\n`;
    });
    writeFileSync(join(FOLDER, "LICENSES.txt"), texts.join(`\n${"-".repeat(80)}\n\n`));
  },
};

/** Removes what an earlier build left; before the new files are there, nothing is missing. */
const tidy = {
  name: "tidy",
  writeBundle(_options, bundle) {
    const prefixes = Object.values(bundle).flatMap((chunk) => (chunk.isEntry ? [chunk.name] : []));
    for (const name of readdirSync(FOLDER)) {
      const isOurs = prefixes.some((prefix) => name === `${prefix}.cjs` || name.startsWith(`${prefix}-`));
      if (isOurs && !(name in bundle)) rmSync(join(FOLDER, name));
    }
  },
};

/**
 * One file for all that the given modules import statically. In the order given: what an earlier group has taken, a later one
 * only uses.
 */
function groups(roots) {
  return Object.entries(roots).map(([name, files], index) => {
    let members;
    const collect = (id, context) => {
      if (members.has(id)) return;
      members.add(id);
      for (const imported of context.getModuleInfo(id)?.importedIds ?? []) collect(imported, context);
    };
    return {
      debugName: name,
      priority: 100 - index,
      name: (id, context) => {
        if (members === undefined) {
          members = new Set();
          for (const file of files) collect(resolve(file), context);
        }
        return members.has(id) ? name : null;
      },
    };
  });
}

const bundle = (name, input, roots) =>
  defineConfig({
    input: { [name]: input },
    platform: "node",
    // What is lazy in the library is needed by every run of the program.
    checks: { ineffectiveDynamicImport: false },
    external: [/^@(?:bytecodealliance|napi-rs)\//],
    plugins: [
      virtual("thread", THREAD),
      virtual("koffi", KOFFI),
      virtual("node:assert", ASSERT),
      threadFile,
      licences,
      tidy,
    ],
    output: {
      dir: FOLDER,
      format: "cjs",
      entryFileNames: "[name].cjs",
      chunkFileNames: `${name}-[name].cjs`,
      codeSplitting: { groups: groups(roots) },
    },
  });

export default [
  bundle("hostbundle", "dist/main/cli/bin.js", {
    // The rest of the program comes after the code cache was opened.
    bin: ["dist/main/cli/bin.js"],
    // What every command needs.
    main: ["dist/main/cli/main.js"],
    // What a run needs before its thread starts.
    start: ["dist/main/cli/start-run.js", join(piscina, "esm-wrapper.mjs")],
    // What every warm run needs.
    run: ["dist/main/cli/run.js", "dist/main/wit/load.js", "dist/shared/value/parse-call.js"],
  }),
  bundle("thread", "thread", {}),
  bundle("worker", "dist/worker/entry.js", {
    run: ["dist/worker/entry.js"],
    native: ["dist/worker/claims.js"],
  }),
  bundle("probe", "dist/worker/probe-entry.js", {}),
  bundle("exit", "dist/worker/last-exit.js", {}),
  bundle("supervisor", "dist/worker/supervisor-entry.js", {}),
  bundle("child", "dist/worker/child-start.js", {
    // The rest comes after the code cache was opened.
    start: ["dist/worker/child-start.js"],
    run: ["dist/worker/child-entry.js"],
    native: ["dist/worker/claims.js"],
  }),
];
