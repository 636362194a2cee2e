import { readFileSync } from "node:fs";
import { OWN_MANIFEST } from "./installation.ts";

/** The version of hostbundle. */
export function ownVersion(): string {
  return packageVersion(OWN_MANIFEST);
}

/** The `version` of a package.json; "unknown" where it has none. */
export function packageVersion(manifest: string | URL): string {
  const parsed: unknown = JSON.parse(readFileSync(manifest, "utf8"));
  const version =
    typeof parsed === "object" && parsed !== null && "version" in parsed ? parsed.version : undefined;
  return typeof version === "string" ? version : "unknown";
}
