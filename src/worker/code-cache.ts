/** Compiled code of a child's own files, kept from child to child. */
import * as nodeModule from "node:module";

/** Has Node keep what is loaded from now on in that folder (Node 22.1 and later). */
export function keepCompiledCode(folder: string): void {
  if ("enableCompileCache" in nodeModule && typeof nodeModule.enableCompileCache === "function")
    nodeModule.enableCompileCache(folder);
}

/** Writes what has been compiled so far, and is new (Node 22.10 and later). At the end of the process a sandbox would be in the way. */
export function writeCompiledCode(): void {
  if ("flushCompileCache" in nodeModule && typeof nodeModule.flushCompileCache === "function")
    nodeModule.flushCompileCache();
}
