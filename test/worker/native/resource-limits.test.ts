/** Limits of the kernel, each in a process of its own. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { ProcessLimits, RunResources } from "../../../src/worker/native/resource-limits.ts";
import { machine } from "../../../src/worker/sandbox/system-calls.ts";
import { temporaryFolder } from "../../support/temporary.ts";

const SCRIPT = fileURLToPath(new URL("limited.mjs", import.meta.url));
const MIB = 2 ** 20;

interface Limited {
  readonly process?: ProcessLimits;
  readonly run?: RunResources;
  readonly step: "allocate" | "spin" | "open" | "write" | "dump" | "nothing";
  /** The limits of the run are taken back before the step. */
  readonly isEnded?: boolean;
}

describe.skipIf(machine() === undefined)("limits of the kernel (Linux on x86-64 or AArch64)", () => {
  const folder = temporaryFolder();

  function runLimited(limited: Limited): { readonly signal: string | null; readonly told: unknown } {
    const { signal, stdout, stderr } = spawnSync(
      process.execPath,
      [SCRIPT, JSON.stringify(limited), join(folder, "file")],
      { encoding: "utf8", cwd: folder },
    );
    if (stderr !== "" && signal === null) throw new Error(stderr);
    return { signal, told: stdout === "" ? undefined : JSON.parse(stdout) };
  }

  it("sets none where none is given", () => {
    expect(runLimited({ step: "allocate" })).toEqual({ signal: null, told: { refused: {}, result: 64 } });
  });

  it("gives NULL for what is over the memory of a run, and lets the process live", () => {
    const { signal, told } = runLimited({ step: "allocate", run: { dataBytes: 64 * MIB } });
    expect({ signal, told }).toMatchObject({ signal: null, told: { refused: {} } });
    // Relative to what Node itself has: most of it is left, and no more than it.
    expect(told).toHaveProperty("result", expect.closeTo(12, -1));
    expect(told).not.toHaveProperty("result", 64);
  });

  it("takes the memory of a run back after it", () => {
    const limited: Limited = { step: "allocate", run: { dataBytes: 64 * MIB }, isEnded: true };
    expect(runLimited(limited).told).toMatchObject({ result: 64 });
  });

  it("ends a process that uses more CPU time, by SIGXCPU", () => {
    expect(runLimited({ step: "spin", run: { cpuMs: 100 } })).toEqual({ signal: "SIGXCPU", told: undefined });
  });

  it("opens no more files than it may", () => {
    expect(runLimited({ step: "open", process: { openFiles: 60 } }).told).toEqual({
      refused: {},
      result: "EMFILE",
    });
  });

  it("writes no longer file than it may", () => {
    // libuv's threads block the signal that would end native code.
    expect(runLimited({ step: "write", process: { fileBytes: 1000 } }).told).toEqual({
      refused: {},
      result: "EFBIG",
    });
    expect(statSync(join(folder, "file")).size).toBeLessThanOrEqual(1000);
  });

  it("leaves no core dump", () => {
    expect(runLimited({ step: "dump" }).signal).toBe("SIGABRT");
    expect(readdirSync(folder).filter((name) => name.startsWith("core"))).toEqual([]);
    expect(existsSync(join(folder, "core"))).toBe(false);
  });

  it("asks for no more than the process has: limits of another are never raised", () => {
    expect(runLimited({ step: "nothing", process: { openFiles: 2 ** 40 } }).told).toEqual({
      refused: {},
      result: "done",
    });
  });
});
