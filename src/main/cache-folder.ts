import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";

/** The cache folder where nobody names one: `HOSTBUNDLE_CACHE_DIR`, else the platform's place for caches. */
export function defaultCacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  const chosen = env["HOSTBUNDLE_CACHE_DIR"];
  if (chosen !== undefined && chosen !== "") return resolve(chosen);
  const xdg = env["XDG_CACHE_HOME"];
  // The XDG base directory specification: a relative path is invalid and ignored.
  if (xdg !== undefined && isAbsolute(xdg)) return join(xdg, "hostbundle");
  if (process.platform === "darwin") return join(homedir(), "Library", "Caches", "hostbundle");
  return join(homedir(), ".cache", "hostbundle");
}
