/**
 * `npm run demo`: components that call the C mathematics library of this machine, step by step, and what it
 * looks like when something goes wrong. Uses the public API only; needs no compiler.
 *
 * `node examples/demo.mjs [hosts.toml]` takes another manifest than the one beside the guest.
 */
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { createHost, formatError, isHostbundleError } from "hostbundle";

const here = (path) => relative(process.cwd(), fileURLToPath(new URL(path, import.meta.url)));
const manifest = process.argv[2] ?? here("guests/trig/hosts.toml");
const trig = here("guests/trig/app.wasm");
const divide = here("guests/divide/app.wasm");
const greet = here("guests/greet/app.wasm");

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

heading("Find the host bundle: read manifest, host.toml, WIT and the library's symbols");
const opening = performance.now();
const libm = await openLibm();
if (libm !== undefined) {
  say(`${manifest} names bundle "libm" in ${here("libm_host")}, ${milliseconds(opening)}`);
  await nativeCalls(libm);
}
const host = libm ?? (await createHost());
await failures(host);
await host.close();
console.log("\nThe README has more to try: a key-value store in C, and a host bundle of your own.");
