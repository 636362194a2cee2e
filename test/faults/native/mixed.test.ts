/**
 * Many runs at once, some of which fail in every way: each has one outcome, the others are right, and nothing is left.
 * `HOSTBUNDLE_MIXED_RUNS=10000` for the long run.
 */
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { RunOutcome } from "../../../src/main/index.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { FaultsHost, isRunnable, skipReason, writeFaults } from "./harness.ts";
import type { Way } from "./library.ts";
import { children, descriptors } from "./processes.ts";

const RUNS = Number(process.env["HOSTBUNDLE_MIXED_RUNS"] ?? 400);
const SEED = 0x5eed;
/** One run in twenty. */
const FAULT_EVERY = 20;
const TIMEOUT_MS = 1000;

/** What each may end with: a library that writes to every descriptor may be found out, or lucky. */
const EXPECTED: Readonly<Partial<Record<Way, readonly string[]>>> = {
  segv: ["NATIVE_CRASH"],
  abort: ["NATIVE_CRASH"],
  "exit-0": ["NATIVE_CRASH"],
  "exit-3": ["NATIVE_CRASH"],
  _exit: ["NATIVE_CRASH"],
  "double-free": ["NATIVE_CRASH"],
  "stack-overflow": ["NATIVE_CRASH"],
  spin: ["TIMEOUT"],
  deadlock: ["TIMEOUT"],
  "background-crash": ["NATIVE_CRASH"],
  "close-all": ["NATIVE_CRASH"],
  "close-channel": ["NATIVE_CRASH"],
  rubbish: ["NATIVE_CRASH"],
  "kill-self": ["NATIVE_CRASH"],
  "stop-self": ["TIMEOUT"],
  chdir: ["ok"],
  "block-signals": ["ok"],
};
// Its keys are ways.
// oxlint-disable-next-line typescript/no-unsafe-type-assertion
const FAULTS = Object.keys(EXPECTED) as Way[];

/** xorshift32 */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const inShort = (outcome: RunOutcome): unknown =>
  outcome.status === "ok" ? "ok" : `${outcome.error.code}: ${outcome.error.message}`;

describe.skipIf(!isRunnable)(`${RUNS} runs, of which one in ${FAULT_EVERY} fails ${skipReason}`, () => {
  const folder = temporaryFolder();
  const temporary = join(folder, "tmp");

  beforeAll(async () => {
    mkdirSync(temporary);
    vi.stubEnv("TMPDIR", temporary);
    await writeFaults(folder);
  });
  afterAll(() => vi.unstubAllEnvs());

  test("every run ends as it should, and nothing is left", { timeout: 60_000 + RUNS * 100 }, async () => {
    const before = descriptors();
    const processes = children();
    const faulty = await FaultsHost.open(folder, {
      concurrency: availableParallelism(),
      limits: { timeoutMs: TIMEOUT_MS },
    });
    const next = random(SEED);
    const wrong: string[] = [];
    let outcomes = 0;
    const one = async (): Promise<void> => {
      if (next(FAULT_EVERY) === 0) {
        const way = FAULTS[next(FAULTS.length)] ?? "segv";
        const outcome = await faulty.fail(way);
        outcomes += 1;
        const code = outcome.status === "ok" ? "ok" : outcome.error.code;
        if (EXPECTED[way]?.includes(code) !== true) wrong.push(`${way} ended in ${String(inShort(outcome))}`);
        return;
      }
      const [a, b] = [next(1000), next(1000)];
      const outcome = await faulty.run("add", [a, b]);
      outcomes += 1;
      if (outcome.status !== "ok" || outcome.value !== a + b) {
        wrong.push(`${a} + ${b} ended in ${String(inShort(outcome))}`);
      }
    };
    let begun = 0;
    const lane = async (): Promise<void> => {
      while (begun < RUNS) {
        begun += 1;
        await one();
      }
    };
    await Promise.all(Array.from({ length: 2 * availableParallelism() }, lane));
    await faulty.host.close();
    expect(wrong).toEqual([]);
    expect(outcomes).toBe(RUNS);
    await vi.waitUntil(() => children().length <= processes.length, { timeout: 10_000 });
    expect(existsSync(temporary) ? readdirSync(temporary) : []).toEqual([]);
    // Threads that end give up theirs a little later.
    await vi.waitUntil(() => descriptors() <= before + 2, { timeout: 10_000 });
  });
});
