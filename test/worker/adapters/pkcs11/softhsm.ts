/** A SoftHSM token in a temporary folder, and the adapter over it. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import koffi from "koffi";
import { libc } from "../../../../src/worker/native/libc.ts";

export const USER_PIN = "648219";
export const OFFICER_PIN = "officer-5530";

const FOLDERS = [
  "/usr/lib/softhsm",
  `/usr/lib/${process.arch === "arm64" ? "aarch64" : "x86_64"}-linux-gnu/softhsm`,
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

/** Why tests of the real module are skipped, or nothing. */
export const missing =
  modulePath === undefined
    ? "SoftHSM 2 is not installed (Debian: softhsm2)"
    : hasUtility()
      ? undefined
      : "softhsm2-util is not installed (Debian: softhsm2)";

/** The module's path. Throws where tests should have been skipped. */
export function softhsm(): string {
  if (modulePath === undefined) throw new RangeError("SoftHSM 2 is not installed");
  return modulePath;
}

export interface TokenFolder {
  readonly folder: string;
  /** For SOFTHSM2_CONF. */
  readonly conf: string;
  remove(): void;
}

/** A store with tokens of these labels, with `USER_PIN` and `OFFICER_PIN`. */
export function makeTokens(...labels: readonly string[]): TokenFolder {
  const folder = mkdtempSync(join(tmpdir(), "hostbundle-softhsm-"));
  const conf = join(folder, "softhsm2.conf");
  mkdirSync(join(folder, "tokens"));
  writeFileSync(
    conf,
    `directories.tokendir = ${join(folder, "tokens")}\nobjectstore.backend = file\nlog.level = ERROR\n`,
  );
  for (const label of labels) {
    execFileSync(
      "softhsm2-util",
      ["--init-token", "--free", "--label", label, "--so-pin", OFFICER_PIN, "--pin", USER_PIN],
      { env: { ...process.env, SOFTHSM2_CONF: conf }, stdio: "ignore" },
    );
  }
  return { folder, conf, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Sets a variable where C's `getenv` sees it, whatever stands between us and the process's own environment. */
export function setNativeEnv(name: string, value: string): void {
  libc().handle.func("setenv", "int", ["str", "str", "int"])(name, value, 1);
}

export function loadModule(path: string): koffi.LibraryHandle {
  return koffi.load(path, { deep: true });
}
