/**
 * What a spare child does while it waits: reads and compiles the component that it will likely be given, and has the code
 * that a first run goes through compiled too. Nothing of the guest or of a library runs.
 */
import type { RunRequest } from "../shared/protocol.ts";
import { NativeFunctions } from "./native-functions.ts";
import type { NativeLibrary } from "./native/types.ts";
import { nativeFunctions } from "./own-call.ts";
import { loadProgram } from "./programs.ts";

/** What is wrong with a request is its run's to say. */
export async function rehearse({ image, plan, limits }: RunRequest): Promise<void> {
  // Node loads what measures time when it is first asked.
  performance.now();
  try {
    await loadProgram(image, limits);
    if (plan.imports.some((item) => item.kind === "wasi")) await import("./wasi.ts");
    if (plan.libraries.length === 0) return;
    await import("./claims.ts");
    const { libc } = await import("./native/libc.ts");
    const opened = { key: "", library: standIn(libc().memory) };
    const functions = new NativeFunctions(
      plan.libraries.map(() => opened),
      new Map(),
      { stats: false },
    );
    for (const [label, func] of nativeFunctions(plan)) functions.compile(label, func);
  } catch {
    // Said again when it counts.
  }
}

const nothing = (): undefined => undefined;

/** A library without code. */
function standIn(memory: NativeLibrary["memory"]): NativeLibrary {
  return { bundle: "", func: () => nothing, free: nothing, memory, close: nothing };
}
