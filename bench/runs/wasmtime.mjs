/** The fresh runs of wasmtime: a store, an instance, one call, through its C API. */
import { startWasmtime } from "../peers/wasmtime.mjs";

/** See `wasmtime_peer.py`: library, symbol, shape. */
const LIBM = {
  cos: ["libm.so.6", "cos", "f"],
  sin: ["libm.so.6", "sin", "f"],
  hypotenuse: ["libm.so.6", "hypot", "p"],
  // Imported and never called.
  power: ["libm.so.6", "pow", "p"],
  "cos-single": ["libm.so.6", "cosf", "f"],
  exponent: ["libm.so.6", "ilogb", "f"],
  scale: ["libm.so.6", "ldexp", "f"],
};

/**
 * @param {Awaited<ReturnType<typeof import("./programs.mjs").preparePrograms>>} programs
 * @param {string} folder for its files
 * @returns {Promise<{ samplers: import("./rows.mjs").RunSamplers, version: string, close: () => Promise<void> }
 *   | { skipped: string }>}
 */
export async function wasmtimeRunsColumn({ add, greet, hello, quickjs, greetLibrary }, folder) {
  const greetFunction = [greetLibrary, "example_interface_runtime_greet", "s"];
  const items = [
    { ...item("warm-add", add), function: "add-i32", args: "i" },
    {
      ...item("warm-greet", greet),
      function: "run",
      args: "s",
      imports: { "example:interface/runtime@1.0.0": { greet: greetFunction } },
    },
    { ...item("warm-hello", hello), interface: "wasi:cli/run@0.2.0", function: "run", wasi: true },
    {
      ...item("warm-quickjs", quickjs),
      function: "polygon",
      args: "u",
      wasi: true,
      imports: { "acme:math/trig@1.0.0": LIBM },
    },
  ];
  const peer = await startWasmtime(folder, items);
  if ("skipped" in peer) return peer;
  return {
    version: peer.version,
    samplers: Object.fromEntries(items.map(({ row }) => [row, { sample: peer.sampler(row) }])),
    close: async () => peer.close(),
  };
}

function item(/** @type {string} */ row, /** @type {import("./programs.mjs").Program} */ { component }) {
  return { kind: "fresh", row, component, wasi: false, args: "-" };
}
