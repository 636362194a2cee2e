import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { compiler } from "../support/native.ts";

const SOAK = fileURLToPath(new URL("../../bench/soak.mjs", import.meta.url));

describe.skipIf(!compiler.available)("npm run soak", () => {
  // Counts only: so few turns say nothing about time and memory, and its verdict on those may be any.
  test("calls both ways and fresh runs give the right results, every native block is released once", () => {
    const { stdout, stderr } = spawnSync(process.execPath, [SOAK, "--calls", "2000", "--instances", "200"], {
      encoding: "utf8",
    });
    expect(stderr).toBe("");
    expect(stdout).toContain("yes  native allocations that were not released once: 0");
    for (const title of ["calls out of one instance", "calls into one instance", "fresh instances"])
      expect(stdout).toContain(title);
    expect(stdout.match(/last tenth over second/gu)).toHaveLength(3);
  });

  test("a bad count is a usage error", () => {
    const { status, stderr } = spawnSync(process.execPath, [SOAK, "--calls", "-1"], { encoding: "utf8" });
    expect(status).toBe(2);
    expect(stderr).toContain("--calls");
  });
});
