/** `hostbundle doctor` as a user runs it. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { binary, hostbundle } from "../support/command-line.ts";
import { compiler } from "../support/native.ts";
import { temporaryFolder } from "../support/temporary.ts";

const folder = temporaryFolder();

/** Of nobody in particular. */
const OTHER = { uid: 65_534, gid: 65_534 };

/** Why another user cannot be tried. */
function otherUser(): string | undefined {
  if (process.platform !== "linux" || process.getuid?.() !== 0)
    return "(skipped: only root can be another user)";
  const reads = spawnSync(process.execPath, ["--check", binary], OTHER);
  return reads.status === 0 ? undefined : "(skipped: another user cannot read this folder)";
}

const noOtherUser = otherUser();
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

// Root may do without what others need first: no_new_privs in every thread.
test.skipIf(noOtherUser !== undefined)(
  `the sandbox of another user has what root's has ${noOtherUser ?? ""}`,
  async () => {
    const found = await checks({ HOSTBUNDLE_CACHE_DIR: cache });
    const { stdout } = spawnSync(process.execPath, [binary, "doctor", "--json"], {
      ...OTHER,
      encoding: "utf8",
    });
    const { checks: told }: { readonly checks: readonly Check[] } = JSON.parse(stdout);
    expect(told.find(({ name }) => name === "sandbox")).toEqual(found.get("sandbox"));
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
