import { execFileSync } from "node:child_process";
import { cpSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "./temporary.ts";

const examples = fileURLToPath(new URL("../../examples", import.meta.url));

/** A temporary copy of `examples/`, without whatever the user built there. Removed when the test file ends. */
export function copyExamples(): string {
  const folder = join(temporaryFolder(), "examples");
  cpSync(examples, folder, { recursive: true, filter: (source) => basename(source) !== "lib" });
  return folder;
}

/** Runs a bundle's own `build.sh`. Needs a C compiler. */
export function buildBundle(folder: string): void {
  execFileSync("sh", [join(folder, "build.sh")], { stdio: ["ignore", "ignore", "pipe"] });
}
