/** Proposals of core WebAssembly that scripts use and not every Node has. */

export type EngineFeature = "multi-memory" | "exception-handling" | "gc";

/** The smallest module that needs each. */
const PROBES: Readonly<Record<EngineFeature, readonly number[]>> = {
  // (module (memory 0) (memory 0))
  "multi-memory": [5, 5, 2, 0, 0, 0, 0],
  // (module (func (block (try_table (catch_all 0)))))
  "exception-handling": [1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, 13, 1, 11, 0, 2, 64, 31, 64, 1, 2, 0, 11, 11, 11],
  // (module (type (struct)))
  gc: [1, 3, 1, 0x5f, 0],
};

export function hasEngineFeature(feature: EngineFeature): boolean {
  try {
    const module = new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...PROBES[feature]));
    return module instanceof WebAssembly.Module;
  } catch (error) {
    if (error instanceof WebAssembly.CompileError) return false;
    throw error;
  }
}
