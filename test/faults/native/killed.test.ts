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

  /** Says what was killed, and what became of the command. */
  async function kill(index: number): Promise<string> {
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
    await vi.waitUntil(() => !seen.some(isAlive), { timeout: 5000, interval: 5 });
    const left = readdirSync(temporary);
    // The child: said to be what it was, or replaced where the run had not begun; then it ends by its deadline.
    const word = code === 124 ? "took longer" : "SIGKILL";
    const ending = signal ?? `${code} ${stderr.includes(word) ? word : stderr}`;
    return `${victim === own ? "itself" : "its child"}: ${ending}${left.length === 0 ? "" : `, left ${left.join()}`}`;
  }

  test("leave nothing", { timeout: 60_000 + KILLS * 3000 }, async () => {
    const endings = new Set<string>();
    for (let index = 0; index < KILLS; index += 1) endings.add(await kill(index));
    const right = ["itself: SIGKILL", "its child: 137 SIGKILL", "its child: 124 took longer"];
    expect([...endings].filter((ending) => !right.includes(ending))).toEqual([]);
    expect(endings).toContain("itself: SIGKILL");
  });
});
