/** Tokens of SoftHSM 2 in a temporary folder. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { libc } from "../../src/worker/native/libc.ts";
import { temporaryFolder } from "./temporary.ts";

export const USER_PIN = "648219";
export const OFFICER_PIN = "officer-5530";

const FOLDERS = [
  "/usr/lib/softhsm",
  "/usr/lib/x86_64-linux-gnu/softhsm",
  "/usr/lib/aarch64-linux-gnu/softhsm",
  "/usr/local/lib/softhsm",
  "/opt/homebrew/lib/softhsm",
];

function findModule(): string | undefined {
  const named = process.env["SOFTHSM2_MODULE"] ?? process.env["PKCS11_MODULE"];
  const candidates = named === undefined ? FOLDERS.map((folder) => join(folder, "libsofthsm2.so")) : [named];
  return candidates.find((path) => existsSync(path));
}

function hasUtility(): boolean {
  try {
    execFileSync("softhsm2-util", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

const modulePath = findModule();

/** Whether tests of the real module can run; `reason` goes into their titles. */
export const softhsm =
  modulePath === undefined || !hasUtility()
    ? ({
        available: false,
        reason: "(skipped: SoftHSM 2 is not installed, Debian's softhsm2)",
        path: "",
      } as const)
    : ({ available: true, reason: "", path: modulePath } as const);

/** A store with tokens of these labels, with `USER_PIN` and `OFFICER_PIN`; gives what SOFTHSM2_CONF has to name. */
export function makeTokens(...labels: readonly string[]): string {
  const folder = temporaryFolder();
  const conf = join(folder, "softhsm2.conf");
  const tokens = join(folder, "tokens");
  mkdirSync(tokens);
  writeFileSync(conf, `directories.tokendir = ${tokens}\nobjectstore.backend = file\nlog.level = ERROR\n`);
  for (const label of labels) {
    const pins = ["--so-pin", OFFICER_PIN, "--pin", USER_PIN];
    execFileSync("softhsm2-util", ["--init-token", "--free", "--label", label, ...pins], {
      env: { ...process.env, SOFTHSM2_CONF: conf },
      stdio: "ignore",
    });
  }
  return conf;
}

/** Names the store to the module, which asks the C library: that need not see what is assigned to process.env. */
export function useTokens(conf: string): void {
  libc().handle.func("setenv", "int", ["str", "str", "int"])("SOFTHSM2_CONF", conf, 1);
}
