/**
 * Any process of the tree killed at any moment: the command line ends with a clear message, or with its parent, or goes on;
 * nothing stays behind. `HOSTBUNDLE_KILLS=200` for the long run.
 */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { temporaryFolder } from "../../support/temporary.ts";
import { isRunnable, skipReason, writeFaults } from "./harness.ts";
import { WAYS } from "./library.ts";
import { children, isAlive } from "./processes.ts";

const KILLS = Number(process.env["HOSTBUNDLE_KILLS"] ?? 12);
const binary = fileURLToPath(new URL("../../../dist/bundle/hostbundle.cjs", import.meta.url));

/** A process and all that it has started, itself first. */
function tree(pid: number): readonly number[] {
  try {
    return [pid, ...children(pid).flatMap(tree)];
  } catch {
    // It has just ended.
    return [];
  }
}

describe.skipIf(!isRunnable)(`${KILLS} kills ${skipReason}`, () => {
  const folder = temporaryFolder();

  beforeAll(() => writeFaults(folder));

  /** What is wrong afterwards. */
  async function kill(index: number): Promise<readonly string[]> {
    const temporary = mkdtempSync(join(folder, "tmp-"));
    mkdirSync(join(folder, "cache"), { recursive: true });
    // A run that does not end by itself: its library sleeps.
    const invoke = `fail(${WAYS.indexOf("sleep")})`;
    const command = spawn(
      process.execPath,
      [binary, "run", "--host-bundle", "bundle", "--timeout", "1s", "--invoke", invoke, "app.wasm"],
      {
        cwd: folder,
        env: {
          PATH: process.env["PATH"] ?? "",
          HOSTBUNDLE_CACHE_DIR: join(folder, "cache"),
          TMPDIR: temporary,
          NO_COLOR: "1",
        },
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    let stderr = "";
    command.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    const ended = new Promise<readonly [number | null, string | null]>((resolve) => {
      command.on("close", (code, signal) => resolve([code, signal]));
    });
    const own = command.pid ?? 0;
    // From the first moment to long after all has started.
    await sleep((index * 37) % 600);
    let alive = tree(own);
    if (index % 2 === 1) {
      await vi.waitUntil(() => (alive = tree(own)).length > 1, { timeout: 20_000, interval: 2 });
    }
    const victim = alive[index % alive.length] ?? own;
    const seen = tree(own);
    process.kill(victim, "SIGKILL");
    const [code, signal] = await ended;
    // The child: said to be what it was, or replaced where the run had not begun; then it ends by its deadline.
    const says = code === 124 ? /took longer/u : /SIGKILL/u;
    const isRight =
      victim === own
        ? signal === "SIGKILL"
        : signal === null && (code === 124 || code === 137) && says.test(stderr);
    await vi.waitUntil(() => !seen.some(isAlive), { timeout: 5000, interval: 5 });
    return [
      ...(isRight ? [] : [`kill ${index}: ${String(code)} ${String(signal)} ${stderr}`]),
      ...readdirSync(temporary),
    ];
  }

  test("leave nothing", { timeout: 60_000 + KILLS * 3000 }, async () => {
    for (let index = 0; index < KILLS; index += 1) expect(await kill(index)).toEqual([]);
  });
});
