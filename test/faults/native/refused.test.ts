/** The system refuses what a child process takes: the run says so, and nothing else ends. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "../../support/temporary.ts";
import { isRunnable, skipReason, writeFaults } from "./harness.ts";

const BINARY = fileURLToPath(new URL("../../../dist/bundle/hostbundle.cjs", import.meta.url));

describe.skipIf(!isRunnable)(`a child process is refused ${skipReason}`, () => {
  const folder = temporaryFolder();

  beforeAll(() => writeFaults(folder));

  /** After such a command of the shell. */
  function run(before: string): { readonly status: number | null; readonly output: string } {
    const command = `${before}; exec '${process.execPath}' '${BINARY}' run --host-bundle bundle --invoke 'add(2,3)' app.wasm`;
    const env = {
      PATH: process.env["PATH"],
      NO_COLOR: "1",
      HOSTBUNDLE_CACHE_DIR: join(folder, "cache"),
      TMPDIR: join(folder, "none"),
    };
    const { status, stdout, stderr } = spawnSync("sh", ["-c", command], {
      cwd: folder,
      encoding: "utf8",
      env,
    });
    return { status, output: `${stdout}${stderr}`.trim() };
  }

  test("no descriptors are left for it", () => {
    expect(run("true")).toEqual({ status: 0, output: "5" });
    // With fewer it is the program itself that cannot go on, with more nothing.
    const counts = Array.from({ length: 12 }, (_, index) => 22 + index);
    const outputs = counts.map((count) => run(`ulimit -n ${count}`).output);
    const refused = outputs.filter((output) => output.includes("spawn"));
    expect(refused).not.toEqual([]);
    for (const output of refused)
      expect(output).toMatch(/no child process could be started: spawn \S+ EMFILE/u);
  });
});
