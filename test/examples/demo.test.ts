import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { existsSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { hasGlibc } from "../support/platform.ts";
import { temporaryFolder } from "../support/temporary.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = temporaryFolder();
/** npm installs it where there is one for the machine. */
const hasDuckDb = existsSync(
  join(root, `node_modules/@duckdb/node-bindings-${process.platform}-${process.arch}`),
);

function demo(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["examples/demo.mjs", ...args], {
    cwd: root,
    encoding: "utf8",
    env: { PATH: process.env["PATH"], HOSTBUNDLE_CACHE_DIR: join(folder, "cache") },
  });
  return { status, stdout, stderr };
}

describe("npm run demo", () => {
  let shown: ReturnType<typeof demo>;

  beforeAll(() => {
    shown = demo();
  });

  it.skipIf(!hasDuckDb)("shows a report by DuckDB, and what its guest is denied", () => {
    const { status, stdout } = shown;
    expect(status).toBe(0);
    for (const line of [
      /host bundle "warehouse": adapter duckdb, .*libduckdb/,
      /100000 orders by region\n/,
      / {3}north +42849 +449265 +6838858\.35 +42\.8\n/,
      /Catalog Error: Table with name nowhere does not exist!\n/,
      /Permission Error: Cannot access file "\/etc\/passwd"/,
    ]) {
      expect(stdout).toMatch(line);
    }
  });

  it("keeps keys in memory for a run, and in a file for the next", () => {
    const lines = demo()
      .stdout.split("\n")
      .filter((line) => line.includes("there already: "));
    expect(lines.map((line) => Number(line.split(": ").at(-1)))).toEqual([1, 1, 1, 3]);
  });

  it.skipIf(!hasGlibc)("shows a native call from end to end, and what failures look like", () => {
    const { status, stdout, stderr } = shown;
    expect(stderr).toBe("");
    expect(status).toBe(0);
    for (const line of [
      /acme:math\/trig@1\.0\.0 is served by host bundle "libm", \/.*libm/,
      /hypotenuse: func\(x: f64, y: f64\) -> f64 +C symbol hypot\n/,
      /x +-0\.500000 +y +0\.866025\n/,
      /acme:math\/trig@1\.0\.0#cos was called 6 times, \d+\.\d\d us each/,
      / {5}60 {2}0\.500000 {2}0\.866025\n/,
      /code TRAP, fault of the guest/,
      /divide\(7, 2\) = 3\n/,
      /error: .*two/,
      /error: .*\n.*example:interface\/runtime@1\.0\.0/,
    ]) {
      expect(stdout).toMatch(line);
    }
  });

  it("says what it cannot show where the library is missing, and shows the rest", () => {
    const manifest = join(folder, "hosts.toml");
    const bundle = join(root, "examples/libm_host");
    writeFileSync(
      manifest,
      `[[host]]\nname = "libm"\nbundle = "${bundle}"\nlib = "libnowhere-of-ours.so.6"\n`,
    );
    const { status, stdout } = demo(manifest);
    expect(status).toBe(0);
    expect(stdout).toContain("libnowhere-of-ours.so.6");
    expect(stdout).toContain("It cannot show here how a component calls a native library");
    expect(stdout).toContain("divide(7, 2) = 3\n");
  });
});
