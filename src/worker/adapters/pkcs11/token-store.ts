/** Where modules that keep their tokens in files have them. */
import { readFileSync } from "node:fs";
import { basename, isAbsolute, join } from "node:path";
import type { FileGrants } from "../../../shared/sandbox.ts";

const NOTHING: FileGrants = { readable: [], writable: [] };
/** Where SoftHSM is set up for the whole machine; there is no way to ask it. */
const SOFTHSM_CONFIGS = ["/etc/softhsm2.conf", "/etc/softhsm/softhsm2.conf", "/usr/local/etc/softhsm2.conf"];
/** Beside the folder that a package makes for tokens. */
const SOFTHSM_TOKENS = "/var/lib/softhsm";

/** Of SoftHSM 2, its configuration and what that names; nothing of others, whose tokens are no files. */
export function tokenStore(
  library: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): FileGrants {
  if (library === undefined || !basename(library).includes("softhsm")) return NOTHING;
  const { SOFTHSM2_CONF: named, HOME: home } = env;
  const own = home === undefined ? [] : [join(home, ".config/softhsm2/softhsm2.conf")];
  const configs = named === undefined ? [...own, ...SOFTHSM_CONFIGS] : [named];
  const stores = configs.flatMap(tokenFolder);
  return { readable: configs, writable: named === undefined ? [SOFTHSM_TOKENS, ...stores] : stores };
}

/** `directories.tokendir` of a configuration file, where it can be read. */
function tokenFolder(path: string): readonly string[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    // SoftHSM will say so.
    return [];
  }
  const [, folder = ""] = /^\s*directories\.tokendir\s*=\s*(.+?)\s*$/mu.exec(text) ?? [];
  return isAbsolute(folder) ? [folder] : [];
}
