import { setFlagsFromString } from "node:v8";
import { HostbundleError } from "../../shared/errors.ts";

/** Compiles a core module of a component. Throws COMPONENT_INVALID with the engine's reason. `path` is for messages. */
export function compileModule(bytes: Uint8Array, path: string): WebAssembly.Module {
  // As in the workers: Node 20 compiles QuickJS guests only with it.
  if (Number.parseInt(process.versions.node, 10) < 22)
    setFlagsFromString("--experimental-wasm-extended-const");
  try {
    return new WebAssembly.Module(Uint8Array.from(bytes));
  } catch (error) {
    if (!(error instanceof WebAssembly.CompileError)) throw error;
    throw new HostbundleError(
      "COMPONENT_INVALID",
      `this Node cannot compile the component: ${error.message}`,
      {
        findings: [{ message: "nothing of the component was run", where: { file: path } }],
        cause: error,
      },
    );
  }
}
