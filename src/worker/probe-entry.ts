/** Tries in a process of its own what this machine can do for native code, and prints a Probe as JSON. For `hostbundle doctor`. */
import { writeSync } from "node:fs";
import type { Probe } from "../shared/probe.ts";
import { NO_GRANTS } from "../shared/sandbox.ts";

/** `RLIMIT_*`, the same on x86-64 and AArch64. */
const RESOURCES = { "CPU time": 0, "native memory": 2, "core dumps": 4, "open files": 7 } as const;

async function probe(): Promise<Probe> {
  let version: string;
  try {
    version = (await import("koffi")).default.version;
  } catch (error) {
    const koffiError = error instanceof Error ? error.message : String(error);
    return { koffiError, hasMachineCode: false, refusedLimits: {} };
  }
  const { libc } = await import("./native/libc.ts");
  const { openSettle } = await import("./native/settle.ts");
  const { landlockAbi } = await import("./sandbox/landlock.ts");
  const { errorName, machine, systemCaller } = await import("./sandbox/system-calls.ts");
  const { applySandbox } = await import("./sandbox/apply.ts");
  const hasMachineCode = openSettle([libc().handle, "free"]) !== undefined;
  const on = machine();
  const abi = on === undefined ? -1 : landlockAbi(systemCaller(on));
  const refusedLimits = Object.fromEntries(
    Object.entries(RESOURCES).flatMap(([name, resource]) => {
      if (on === undefined) return [[name, `not on ${process.platform}`]];
      const call = systemCaller(on);
      const limit = new Uint8Array(16);
      // As it is: whether it can be set at all.
      const results = [call("prlimit64", 0, resource, 0, limit), call("prlimit64", 0, resource, limit, 0)];
      const failed = results.find((result) => result < 0);
      return failed === undefined ? [] : [[name, errorName(failed)]];
    }),
  );
  // What is given up here ends with this process.
  const sandbox = applySandbox(NO_GRANTS);
  return {
    koffi: version,
    hasMachineCode,
    ...(abi > 0 ? { landlockAbi: abi } : {}),
    refusedLimits,
    sandbox,
  };
}

void probe().then((found) => {
  writeSync(1, JSON.stringify(found));
  // At once: the event loop may have been made with what is refused now.
  process.kill(process.pid, "SIGKILL");
});
