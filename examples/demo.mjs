/**
 * `npm run demo`: a component in JavaScript, in its sandbox, reports on 100,000 orders through DuckDB; others use a key-value
 * store and the C mathematics library of this machine; and what it looks like when something goes wrong. Uses the public API
 * only; needs no compiler.
 *
 * `node examples/demo.mjs [hosts.toml]` takes another manifest for the mathematics library than the one beside the guest.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { createHost, formatError, isHostbundleError } from "hostbundle";

const here = (path) => relative(process.cwd(), fileURLToPath(new URL(path, import.meta.url)));
const manifest = process.argv[2] ?? here("guests/trig/hosts.toml");
const trig = here("guests/trig/app.wasm");
const divide = here("guests/divide/app.wasm");
const greet = here("guests/greet/app.wasm");
const keyvalue = here("guests/keyvalue/app.wasm");
const report = here("guests/report/app.wasm");
const warehouse = here("guests/report/hosts.toml");

let steps = 0;
const heading = (text) => console.log(`\n${(steps += 1)}. ${text}\n`);
const say = (text = "") => console.log(text.replaceAll(/^(?=.)/gm, "   "));
const milliseconds = (since) => `${(performance.now() - since).toFixed(0)} ms`;

/** A function of scalars in WIT. */
function signature({ name, type }) {
  const params = type.params.map((param) => `${param.name}: ${param.type.kind}`).join(", ");
  return `${name}: func(${params})${type.result === undefined ? "" : ` -> ${type.result.kind}`}`;
}

/** What a failed `createHost` or `load` was thrown for; anything else is a fault of the demo itself. */
async function refusal(attempt) {
  try {
    await attempt();
  } catch (error) {
    if (isHostbundleError(error)) return error;
    throw error;
  }
  throw new Error("this was meant to be refused");
}

/** The outcome of a run that must go well. */
function mustBeOk(outcome) {
  if (outcome.status === "error") throw new Error(formatError(outcome.error));
  return outcome;
}

/** What the sandboxed guest cannot do itself, DuckDB does for it: 100,000 rows made, joined, summed up. */
async function databaseReport() {
  heading(
    "The main job: a component in JavaScript reports on 100,000 orders, with DuckDB behind its imports",
  );
  let host;
  try {
    host = await createHost({ manifests: [warehouse] });
  } catch (error) {
    if (!isHostbundleError(error)) throw error;
    say(formatError(error.toData()));
    say();
    say(
      `npm has no DuckDB for ${process.platform} on ${process.arch}, it seems. The rest of the demo follows without.`,
    );
    return;
  }
  const component = await host.load(report);
  const [adapter] = component.plan.adapters;
  say(
    `host bundle "${adapter.bundle}": adapter ${adapter.adapter.name}, ${relative(process.cwd(), adapter.library)}`,
  );
  say();
  const { value, durationMs, stats } = mustBeOk(
    await host.run(component, { export: "report", args: [100_000], stats: true }),
  );
  say(value.ok.trimEnd());
  say();
  const calls = stats.reduce((sum, entry) => sum + entry.calls, 0);
  say(
    `${durationMs.toFixed(0)} ms, ${calls} calls into DuckDB. An error of SQL is a value: query("select * from nowhere")`,
  );
  const { value: refused } = mustBeOk(
    await host.run(component, { invoke: 'query("select * from nowhere")' }),
  );
  say(refused.err.split("\n")[0]);
  say("and the guest gets at no file of this machine: query(\"from read_text('/etc/passwd')\")");
  const { value: denied } = mustBeOk(
    await host.run(component, { invoke: `query("from read_text('/etc/passwd')")` }),
  );
  say(denied.err.split("\n")[0]);
  await host.close();
}

/** The same component first on a store that lives as long as a run, then on one in a file. */
async function keyValueStore() {
  heading("A key-value store: the adapter `keyvalue`, in memory and in a file");
  const folder = mkdtempSync(join(tmpdir(), "hostbundle-demo-"));
  try {
    for (const config of ["", `path = ${JSON.stringify(join(folder, "store"))}`]) {
      const host = await createHost({ bundles: [writeBundle(folder, config)] });
      const component = await host.load(keyvalue);
      say(
        config === ""
          ? "in memory: every run begins with nothing"
          : "in a file: the second run finds what the first has set",
      );
      for (const turn of ["first ", "second"]) {
        const { value } = mustBeOk(await host.run(component, { export: "unique", args: [["a", "b", "a"]] }));
        const [keys, repeated] = value;
        say(`  ${turn} run: unique(["a", "b", "a"]) = ${keys.join(", ")}; there already: ${repeated}`);
      }
      await host.close();
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A host bundle is a folder with a `host.toml`; an adapter that is built in brings the rest. */
function writeBundle(folder, config) {
  writeFileSync(
    join(folder, "host.toml"),
    `[host]\nname = "store"\nadapter = "keyvalue"\n[host.config]\n${config}\n`,
  );
  return folder;
}

async function openLibm() {
  try {
    return await createHost({ manifests: [manifest] });
  } catch (error) {
    if (!isHostbundleError(error)) throw error;
    say(formatError(error.toData()));
    say();
    say(
      `This part of the demo wants libm.so.6, which every Linux with glibc has; this is ${process.platform}`,
    );
    say(`on ${process.arch}. It cannot show here how a component calls a native library; the rest follows.`);
    return undefined;
  }
}

/** The plan as a table: who serves what, and by which C symbol. */
function showPlan({ imports, libraries }) {
  for (const item of imports) {
    if (item.kind !== "native-interface") continue;
    const library = libraries[item.functions[0].library];
    say(`${item.name} is served by host bundle "${library.bundle}", ${library.path}`);
    for (const plan of item.functions) say(`  ${signature(plan).padEnd(50)} C symbol ${plan.symbol}`);
  }
  const wasi = imports.filter((item) => item.kind === "wasi").length;
  say(`and ${wasi} interfaces of WASI, built in: no file, variable or network unless given`);
}

function showStats(outcome) {
  for (const { function: name, calls, timeNs } of outcome.stats.filter((entry) => entry.calls > 0)) {
    say(`${name} was called ${calls} times, ${(timeNs / calls / 1000).toFixed(2)} us each`);
  }
  say(`${outcome.durationMs.toFixed(0)} ms in all`);
}

async function nativeCalls(host) {
  heading("Link the component: read it, match its imports, look for every symbol. Nothing runs yet");
  const loading = performance.now();
  const component = await host.load(trig);
  say(`${trig}: JavaScript together with its engine`);
  showPlan(component.plan);
  say(`${milliseconds(loading)}; a component seen before comes from a cache`);

  heading("Run it: polygon(6), in a fresh instance in a worker thread");
  const outcome = await host.run(component, { export: "polygon", args: [6], stats: true });
  if (outcome.status === "error") throw new Error(formatError(outcome.error));
  for (const { x, y } of outcome.value) say(`x ${x.toFixed(6).padStart(9)}   y ${y.toFixed(6).padStart(9)}`);
  say();
  showStats(outcome);
  say("the first calls are slow: what was compiled for them is still interpreted. polygon(20000):");
  showStats(await host.run(component, { export: "polygon", args: [20_000], stats: true }));

  heading("Run its command, wasi:cli/run: what it prints is captured, or passed through");
  const command = await host.run(component);
  if (command.status === "error") throw new Error(formatError(command.error));
  say(command.stdout.trimEnd());
}

async function failures(host) {
  heading("A trap ends one run, and is data: divide(1, 0)");
  const component = await host.load(divide);
  const trap = await host.run(component, { invoke: "divide(1, 0)" });
  if (trap.status === "ok") throw new Error("this was meant to trap");
  say(formatError(trap.error));
  say(`code ${trap.error.code}, fault of the ${trap.error.fault}; the command line exits with 134`);
  const next = await host.run(component, { invoke: "divide(7, 2)" });
  say(`the next run is not concerned: divide(7, 2) = ${next.value}`);

  heading('A wrong argument is refused before anything runs: divide(1, "two")');
  say(formatError((await refusal(() => host.run(component, { invoke: 'divide(1, "two")' }))).toData()));

  heading("An import that nobody serves is found when linking, with all that is missing");
  say(formatError((await refusal(() => host.load(greet))).toData()));
}

await databaseReport();
await keyValueStore();
heading("A C library bound without a line of C: read manifest, host.toml, WIT and the library's symbols");
const opening = performance.now();
const libm = await openLibm();
if (libm !== undefined) {
  say(`${manifest} names bundle "libm" in ${here("libm_host")}, ${milliseconds(opening)}`);
  await nativeCalls(libm);
}
const host = libm ?? (await createHost());
await failures(host);
await host.close();
console.log("\nThe README has more to try: a host bundle of your own, in C or as an adapter.");
