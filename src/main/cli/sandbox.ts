/** `--sandbox`, `--library-dir` and `--library-network`: what native libraries may do in a child process. */
import { resolve } from "node:path";
import { HostbundleError } from "../../shared/errors.ts";
import type { SandboxGrants, SandboxMode } from "../../shared/sandbox.ts";
import { lookAt } from "../bundle/paths.ts";
import type { ParsedArgs } from "./args.ts";

/** Throws USAGE for a mode that there is not. */
export function parseSandbox(args: ParsedArgs): SandboxMode | undefined {
  const text = args.flags.get("--sandbox")?.[0];
  if (text === undefined || text === "required" || text === "best-effort" || text === "off") return text;
  throw new HostbundleError("USAGE", `--sandbox ${text}: expected required, best-effort or off`);
}

/** Reads `PATH[:ro]`, for files and folders; nothing where nothing is granted. Throws USAGE for what there is not, all at once. */
export function parseSandboxGrants({ flags }: ParsedArgs): SandboxGrants | undefined {
  const network = flags.has("--library-network");
  if (!network && !flags.has("--library-dir")) return undefined;
  const grants = (flags.get("--library-dir") ?? []).map((text) => {
    const readOnly = text.endsWith(":ro");
    return { text, readOnly, path: resolve(readOnly ? text.slice(0, -":ro".length) : text) };
  });
  const absent = grants.filter(({ path }) => lookAt(path) === undefined);
  if (absent.length > 0) {
    throw new HostbundleError("USAGE", "native libraries cannot be given what there is not", {
      findings: absent.map(({ text, path }) => ({
        message: `--library-dir ${text}: ${path} does not exist`,
      })),
    });
  }
  const pathsOf = (readOnly: boolean): readonly string[] =>
    grants.filter((grant) => grant.readOnly === readOnly).map(({ path }) => path);
  return { readable: pathsOf(true), writable: pathsOf(false), network };
}
