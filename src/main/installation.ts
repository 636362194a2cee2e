/** Where the parts of an installed hostbundle lie: two folders up from `src/main`, `dist/main` and the bundles alike. */
import { fileURLToPath } from "node:url";
import type { BuiltInAdapterName } from "../shared/adapters.ts";

/** hostbundle's own package.json. */
export const OWN_MANIFEST = new URL("../../package.json", import.meta.url);

/** The WIT of a built-in adapter, where the build puts it. */
export function adapterWitFolder(name: BuiltInAdapterName): string {
  return fileURLToPath(new URL(`../../dist/adapters/${name}/wit`, import.meta.url));
}

/** What threads run: always the bundle, also where this file itself is run as TypeScript. */
export const WORKER_FILE = fileURLToPath(new URL("../../dist/bundle/worker.cjs", import.meta.url));

/** What threads run that supervise child processes. */
export const SUPERVISOR_FILE = fileURLToPath(new URL("../../dist/bundle/supervisor.cjs", import.meta.url));

/** The program of a child process. */
export const CHILD_FILE = fileURLToPath(new URL("../../dist/bundle/child.cjs", import.meta.url));

/** The program of a process that tries what this machine can do. */
export const PROBE_FILE = fileURLToPath(new URL("../../dist/bundle/probe.cjs", import.meta.url));

/** What a thread runs that ends the process without waiting for the others. */
export const LAST_EXIT_FILE = fileURLToPath(new URL("../../dist/bundle/exit.cjs", import.meta.url));
