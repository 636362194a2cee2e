/**
 * `npm run soak`: many calls with strings and lists both ways, from inside a guest, and what they leave behind:
 * a counting allocator tells whether every native allocation was released once, RSS whether anything else grew.
 * Exits 1 where either is not so.
 */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { parse } from "@bytecodealliance/jco-transpile/wasm-tools";
import { compileLibrary, compilerVersion } from "./compiler.mjs";

const USAGE = `usage: npm run soak -- [--calls N]
  --calls N   calls in all, half of them in each symbol convention (default: 1000000)`;
const REPORTS = 20;
const INTERFACE = "bench:soak/host";
/** Reports until caches are warm and the compiler is done, and what RSS may grow by afterwards. */
const WARM_UP_REPORTS = 5;
const GROWTH_LIMIT_MIB = 24;
const MIB = 1024 * 1024;

/** A 24-byte name, 1 KiB of data and three tags, one of them empty: five blocks a call, one where it is refused. */
const GUEST = `(module
  (import "host" "import-side" (func $import-side (param i32 i32 i32 i32 i32 i32 i32 i32)))
  (import "host" "export-side" (func $export-side (param i32 i32 i32 i32 i32 i32 i32 i32)))
  (import "guest" "memory" (memory 1))
  (import "guest" "heap" (global $heap (mut i32)))
  (data (i32.const 1024) "na\\c3\\afve \\e2\\98\\83 na\\c3\\afve \\e2\\98\\83 ok")
  ;; tags: (1024, 24), (1024, 0), (1030, 3)
  (data (i32.const 2048) "\\00\\04\\00\\00\\18\\00\\00\\00\\00\\04\\00\\00\\00\\00\\00\\00\\07\\04\\00\\00\\03\\00\\00\\00")
  (func (export "run") (param $turn i32)
    (block $done (loop $again
      (br_if $done (i32.eqz (local.get $turn)))
      (global.set $heap (i32.const 16384))
      (call $import-side (i32.const 1024) (i32.const 24) (i32.const 4096) (i32.const 1024)
        (i32.const 2048) (i32.const 3) (local.get $turn) (i32.const 64))
      (call $check (local.get $turn))
      (global.set $heap (i32.const 16384))
      (call $export-side (i32.const 1024) (i32.const 24) (i32.const 4096) (i32.const 1024)
        (i32.const 2048) (i32.const 3) (local.get $turn) (i32.const 64))
      (call $check (local.get $turn))
      (local.set $turn (i32.sub (local.get $turn) (i32.const 1)))
      (br $again))))
  ;; The discriminant, and the length of the name or of the refusal.
  (func $check (param $turn i32)
    (if (i32.ne (i32.load8_u (i32.const 64)) (i32.eqz (i32.rem_u (local.get $turn) (i32.const 8)))) (then unreachable))
    (if (i32.ne (i32.load (i32.const 72)) (i32.const 24)) (then unreachable))))`;

/** Memory and allocator apart, so that the imports can be bound before the loop exists. */
const MEMORY = `(module
  (memory (export "memory") 1)
  (global $heap (export "heap") (mut i32) (i32.const 16384))
  (func (export "cabi_realloc") (param $old i32) (param $old-size i32) (param $align i32) (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and
      (i32.sub (i32.add (global.get $heap) (local.get $align)) (i32.const 1))
      (i32.sub (i32.const 0) (local.get $align))))
    (global.set $heap (i32.add (local.get $at) (local.get $size)))
    (local.get $at)))`;

const totalCalls = readCalls();
const folder = mkdtempSync(join(tmpdir(), "hostbundle-soak-"));
try {
  process.exitCode = await soak();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** @returns {Promise<number>} the exit code */
async function soak() {
  const { run, count } = await prepare();
  const turnsPerReport = Math.ceil(totalCalls / 2 / REPORTS);
  const growth = [];
  console.log("     calls   RSS MiB   live blocks   ns/call");
  for (let report = 0; report < REPORTS; report += 1) {
    const start = performance.now();
    run(turnsPerReport);
    const nsPerCall = ((performance.now() - start) * 1e6) / (2 * turnsPerReport);
    const rss = process.memoryUsage.rss() / MIB;
    growth.push(rss);
    const live = count("soak_allocated") - count("soak_released");
    console.log(
      `${String(count("soak_calls")).padStart(10)} ${rss.toFixed(1).padStart(9)} ${String(live).padStart(13)} ${nsPerCall.toFixed(0).padStart(9)}`,
    );
  }
  const grownMib = Math.max(...growth.slice(WARM_UP_REPORTS)) - (growth[WARM_UP_REPORTS - 1] ?? 0);
  const lost = count("soak_allocated") - count("soak_released");
  console.log(
    `allocated ${count("soak_allocated")}, released ${count("soak_released")}, freed by the callee ${count("soak_argument_blocks")}`,
  );
  console.log(`RSS grew by ${grownMib.toFixed(1)} MiB after the warm-up (limit ${GROWTH_LIMIT_MIB})`);
  return lost === 0 && grownMib < GROWTH_LIMIT_MIB ? 0 : 1;
}

async function prepare() {
  // Loaded late: it needs dist/.
  const { loadWit } = await import("../dist/main/wit/load.js");
  const { functionSymbols, symbolNaming } = await import("../dist/shared/wit/symbol.js");
  const { compileLoweredImport } = await import("../dist/worker/abi/compile.js");
  const { openLibrary } = await import("../dist/worker/native/open.js");

  const path = join(folder, "libsoak.so");
  compileLibrary(fileURLToPath(new URL("soak.c", import.meta.url)), path);
  const library = openLibrary(
    {
      bundle: "soak",
      path,
      declaredIn: "bench/soak.mjs",
      threadsafe: true,
      freeSymbol: "soak_free",
      hasInit: false,
      hasDeinit: false,
      configJson: "{}",
    },
    { copy: false },
  );
  const { world } = await loadWit(fileURLToPath(new URL("soak.wit", import.meta.url)), {});
  const host = world.imports.find(({ name }) => name === INTERFACE);
  const exchange = host?.kind === "interface" ? host.interface.functions[0] : undefined;
  if (exchange === undefined) throw new TypeError(`soak.wit does not import ${INTERFACE}`);

  const { memory, heap, cabi_realloc: realloc } = await instantiate(MEMORY, {});
  if (
    !(memory instanceof WebAssembly.Memory) ||
    !(heap instanceof WebAssembly.Global) ||
    !isFunction(realloc)
  ) {
    throw new TypeError("the guest lacks its memory");
  }
  const options = { memory, realloc, stringEncoding: /** @type {const} */ ("utf8") };
  const state = { mayLeave: true };
  /** @type {WebAssembly.Imports[string]} */
  const imports = {};
  for (const { symbol, convention } of functionSymbols(symbolNaming(world), INTERFACE, exchange.name)) {
    const plan = { name: exchange.name, type: exchange.type, library: 0, symbol, convention };
    const compiled = compileLoweredImport({ label: `${INTERFACE}#${exchange.name}`, plan, library });
    imports[`${convention}-side`] = compiled.bind(options, state);
  }
  const { run } = await instantiate(GUEST, { guest: { memory, heap }, host: imports });
  if (!isFunction(run)) throw new TypeError("the guest lacks its loop");
  return {
    run,
    count: (/** @type {string} */ symbol) => Number(library.func(symbol, "uint64_t", [])()),
  };
}

/**
 * @param {string} wat
 * @param {WebAssembly.Imports} imports
 */
async function instantiate(wat, imports) {
  return new WebAssembly.Instance(new WebAssembly.Module(await parse(wat)), imports).exports;
}

/**
 * Exports have no types of their own; the WAT above takes and gives i32 only.
 * @param {unknown} value
 * @returns {value is (...args: number[]) => number}
 */
function isFunction(value) {
  return typeof value === "function";
}

function readCalls() {
  const { values } = parseArgs({ options: { calls: { type: "string", default: "1000000" } } });
  const calls = Number(values.calls);
  if (!Number.isInteger(calls) || calls < 1)
    return stop(`--calls ${values.calls} is no positive integer\n${USAGE}`);
  if (compilerVersion() === undefined)
    return stop("the soak test compiles a C library and needs a C compiler (cc)");
  if (!existsSync(fileURLToPath(new URL("../dist/worker/abi/compile.js", import.meta.url)))) {
    return stop("run `npm run build` first: the soak test runs dist/");
  }
  return calls;
}

/** @returns {never} */
function stop(/** @type {string} */ message) {
  process.stderr.write(`${message}\n`);
  return process.exit(2);
}
