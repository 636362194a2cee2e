/** Which runs may follow each other in one child process. */
import type { AdapterPlan, LibraryPlan, RunRequest } from "../../shared/protocol.ts";
import type { SandboxBundles } from "../../shared/child-protocol.ts";
import type { SandboxMode } from "../../shared/sandbox.ts";

export class RunKinds {
  readonly #isSandboxed: boolean;
  readonly #libraries = new Map<string, LibraryPlan>();
  readonly #adapters = new Map<string, AdapterPlan>();

  constructor(mode: SandboxMode) {
    this.#isSandboxed = mode !== "off";
  }

  /**
   * A child that had a run of one kind can have another of it. With a sandbox, which is made for the first run and stays: runs with the
   * same directories, whose bundles are among those that there were before.
   */
  kindOf({ wasi, plan }: Pick<RunRequest, "wasi" | "plan">): string {
    const stdin = wasi.stdin === "inherit" ? "stdin" : "";
    if (!this.#isSandboxed) return stdin;
    // One file is several libraries where bundles configure it differently.
    for (const library of plan.libraries)
      this.#libraries.set(JSON.stringify([library.path, library.bundle, library.configJson]), library);
    for (const adapter of plan.adapters) this.#adapters.set(JSON.stringify(adapter), adapter);
    const directories = wasi.directories.map(({ host, readOnly }) => [host, readOnly]);
    return JSON.stringify([stdin, this.#libraries.size, this.#adapters.size, directories]);
  }

  /** Of all runs so far: a child that is made for them serves each of them, so that runs that take turns share it. */
  get bundles(): SandboxBundles {
    return { libraries: [...this.#libraries.values()], adapters: [...this.#adapters.values()] };
  }
}
