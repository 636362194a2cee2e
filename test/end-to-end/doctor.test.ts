/** `hostbundle doctor` as a user runs it. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { hostbundle } from "../support/command-line.ts";
import { compiler } from "../support/native.ts";
import { temporaryFolder } from "../support/temporary.ts";

const folder = temporaryFolder();
const cache = join(folder, "cache");

interface Check {
  readonly name: string;
  readonly state: string;
  readonly found: string;
  readonly help?: string;
}

async function checks(env: Readonly<Record<string, string>>): Promise<ReadonlyMap<string, Check>> {
  const { exitCode, stdout, stderr } = await hostbundle(["doctor", "--json"], { env });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  const told: { readonly status: string; readonly checks: readonly Check[] } = JSON.parse(stdout);
  expect(told.status).toBe("ok");
  return new Map(told.checks.map((check) => [check.name, check]));
}

test("says what works, as JSON", async () => {
  const found = await checks({ HOSTBUNDLE_CACHE_DIR: cache });
  for (const name of ["node", "process isolation", "koffi", "cache"])
    expect(found.get(name)).toMatchObject({ name, state: "ok" });
  expect(found.get("cache")?.found).toBe(cache);
  expect(found.get("C compiler")?.state).toBe(compiler.available ? "ok" : "missing");
  // What is missing comes with what to do.
  const silent = [...found.values()].filter(({ state, help }) => state !== "ok" && help === undefined);
  expect(silent).toEqual([]);
});

test.skipIf(process.platform !== "linux")(
  "limits of the kernel and their process are tried (Linux)",
  async () => {
    const found = await checks({ HOSTBUNDLE_CACHE_DIR: cache });
    expect(found.get("limits of the kernel")).toMatchObject({ state: "ok" });
    // A kernel may have less of it: then it is said what.
    expect(["ok", "missing"]).toContain(found.get("sandbox")?.state);
  },
);

test("a cache that cannot be written and a compiler that is not there are said, and what to do", async () => {
  const file = join(folder, "file");
  writeFileSync(file, "");
  const found = await checks({ HOSTBUNDLE_CACHE_DIR: join(file, "cache"), PATH: folder });
  expect(found.get("cache")).toMatchObject({
    state: "missing",
    help: expect.stringContaining("HOSTBUNDLE_CACHE_DIR"),
  });
  expect(found.get("C compiler")).toMatchObject({ state: "missing", found: "no cc" });
});

test("one line each for a person, what to do on stderr", async () => {
  const env = { HOSTBUNDLE_CACHE_DIR: cache, PATH: folder };
  const { exitCode, stdout, stderr } = await hostbundle(["doctor"], { env });
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^ok +node +v\d+/mu);
  expect(stdout).toMatch(/^-- +C compiler +no cc$/mu);
  expect(stderr).toContain("help: C compiler: ");
});
