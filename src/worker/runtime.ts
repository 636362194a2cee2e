/** What must be so in whatever runs components, a thread or a child process, before the first of them. */
import { setFlagsFromString } from "node:v8";

export function prepareRuntime(): void {
  // jco's modules read a variable on every call: in a worker that is a locked map behind a proxy, 190 ns
  // each time. A plain object is also no window to the process's environment.
  process.env = { ...process.env };
  // SpiderMonkey and QuickJS guests use it; Node 20 has it behind this flag, later ones always.
  if (Number.parseInt(process.versions.node, 10) < 22)
    setFlagsFromString("--experimental-wasm-extended-const");
  // Whose fault an error is shows in its stack: the frames of the guest lie under ten or so of jco's.
  Error.stackTraceLimit = 40;
}
