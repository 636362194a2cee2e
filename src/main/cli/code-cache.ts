/** Compiled code of our own files, kept between processes: Node 22.1 and later can. */
import * as nodeModule from "node:module";
import { join } from "node:path";
import { defaultCacheFolder } from "../cache-folder.ts";

/**
 * Has Node keep the compiled code of what is loaded from now on; gives the folder. Node checks each entry against the file
 * it was made from, and keeps nothing where the folder cannot be written.
 */
export function keepCompiledCode(): string | undefined {
  if (!("enableCompileCache" in nodeModule) || typeof nodeModule.enableCompileCache !== "function")
    return undefined;
  const folder = join(defaultCacheFolder(), "code");
  nodeModule.enableCompileCache(folder);
  return folder;
}
