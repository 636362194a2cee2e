/** `hostbundle run` over a library that fails: exit statuses, what is said, and Ctrl-C. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { hostbundle, type CommandLineResult } from "../../support/command-line.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { isRunnable, skipReason, writeFaults } from "./harness.ts";
import { WAYS, type Way } from "./library.ts";
import { children, isAlive, processorTime } from "./processes.ts";

const binary = fileURLToPath(new URL("../../../dist/bundle/hostbundle.cjs", import.meta.url));
const fail = (way: Way): string => `fail(${WAYS.indexOf(way)})`;

const args = (invoke: string, flags: readonly string[]): readonly string[] => [
  "run",
  "--host-bundle",
  "bundle",
  ...flags,
  "--invoke",
  invoke,
  "app.wasm",
];

/** More than starting takes. */
const busy = (pid: number): boolean => processorTime(pid) > 60;

describe.skipIf(!isRunnable)(`hostbundle run ${skipReason}`, () => {
  const folder = temporaryFolder();
  const env = { HOSTBUNDLE_CACHE_DIR: join(folder, "cache") };
  const run = (invoke: string, ...flags: readonly string[]): Promise<CommandLineResult> =>
    hostbundle(args(invoke, flags), { cwd: folder, env });

  beforeAll(() => writeFaults(folder));

  test.each<[Way, readonly string[], number, RegExp]>([
    ["none", [], 0, /^$/],
    [
      "segv",
      [],
      139,
      /^error: host bundle "faults" crashed \(SIGSEGV\) in t:faults\/lib@1\.0\.0#fail, \d+ ms/,
    ],
    ["abort", [], 134, /crashed \(SIGABRT\)/],
    ["exit-0", [], 3, /ended its process with exit code 0/],
    ["rubbish", [], 3, /descriptors that are not its own/],
    ["spin", ["--timeout", "100ms"], 124, /^error: the run took longer than 100 ms/],
    // Native code on a thread cannot be stopped: the program ends all the same.
    ["spin", ["--timeout", "100ms", "--isolation", "thread"], 124, /^error: the run took longer than 100 ms/],
    [
      "sleep",
      ["--timeout", "100ms", "--isolation", "thread"],
      124,
      /^error: the run took longer than 100 ms/,
    ],
    ["deadlock", ["--timeout", "100ms", "--isolation", "thread"], 124, /^error: the run took longer/],
    ["pthread-exit", ["--timeout", "100ms", "--isolation", "thread"], 124, /^error: the run took longer/],
    ["chdir", ["--isolation", "thread"], 0, /^$/],
    ["block-signals", ["--isolation", "thread"], 0, /^$/],
    ["ignore-signals", ["--isolation", "thread"], 0, /^$/],
    ["spin", ["--max-cpu", "1s"], 124, /^error: the run used more than 1000 ms of CPU time/],
  ])("%s %j exits with %i", async (way, flags, exitCode, says) => {
    const result = await run(fail(way), ...flags);
    expect(result).toMatchObject({ exitCode, signal: null });
    expect(result.stderr).toMatch(says);
  });

  test("--json has the signal, the bundle and the function", async () => {
    const { stdout, exitCode } = await run(fail("segv"), "--json");
    expect(exitCode).toBe(139);
    expect(JSON.parse(stdout)).toMatchObject({
      status: "error",
      error: {
        code: "NATIVE_CRASH",
        fault: "bundle",
        bundle: "faults",
        function: "t:faults/lib@1.0.0#fail",
        signal: "SIGSEGV",
      },
    });
  });

  test.each(["thread", "process"])("a second Ctrl-C on a %s ends what is left", async (isolation) => {
    const command = spawn(process.execPath, [binary, ...args(fail("spin"), ["--isolation", isolation])], {
      cwd: folder,
      env: { ...env, PATH: process.env["PATH"] ?? "" },
      stdio: "ignore",
    });
    const ended = new Promise((resolve) => {
      command.on("close", (code, signal) => {
        resolve(signal ?? code);
      });
    });
    const pid = command.pid ?? 0;
    await vi.waitUntil(() => busy(pid) || children(pid).some(busy), { timeout: 20_000, interval: 20 });
    const started = children(pid);
    command.kill("SIGINT");
    command.kill("SIGINT");
    // Whichever is faster: the outcome of the first, or the second, which nobody catches.
    expect([130, "SIGINT"]).toContain(await ended);
    await vi.waitUntil(() => !started.some(isAlive), { timeout: 5000, interval: 5 });
  });

  test.each(["thread", "process"])("Ctrl-C ends a run on a %s, native code or not", async (isolation) => {
    for (const invoke of ["spin()", fail("spin")]) {
      const command = spawn(process.execPath, [binary, ...args(invoke, ["--isolation", isolation])], {
        cwd: folder,
        env: { ...env, PATH: process.env["PATH"] ?? "" },
        stdio: ["ignore", "ignore", "pipe"],
      });
      let stderr = "";
      command.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
      const ended = new Promise((resolve) => {
        command.on("close", (code) => {
          resolve(code);
        });
      });
      const pid = command.pid ?? 0;
      // The run has begun when it takes the time of a processor, here or in the child.
      await vi.waitUntil(() => busy(pid) || children(pid).some(busy), { timeout: 20_000, interval: 20 });
      const started = children(pid);
      command.kill("SIGINT");
      expect(await ended).toBe(130);
      expect(stderr).toBe("error: the run was cancelled\n");
      await vi.waitUntil(() => !started.some(isAlive), { timeout: 5000, interval: 5 });
    }
  });
});
