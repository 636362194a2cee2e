/** A guest fails in every way it can, on a thread and in a child process: one outcome each, and the next run is right. */
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type Component,
  createHost,
  type Host,
  type HostOptions,
  type RunLimits,
} from "../../src/main/index.ts";
import { hostbundle } from "../support/command-line.ts";
import { buildComponent } from "../support/component.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { misbehaving, PIECE_BYTES } from "./guests.ts";
import { children } from "./native/processes.ts";

const MIB = 1024 ** 2;
const PIECES_PER_MIB = MIB / PIECE_BYTES;
const FIVE = { status: "ok", value: 5 };

/** jco counts calls of bundles only, and does not say how full a memory is. */
const isJco = process.env["HOSTBUNDLE_LINKER"] === "jco";

interface Case {
  /** Of our own linker only. */
  readonly isOwn?: true;
  readonly call: readonly [name: string, ...args: readonly unknown[]];
  readonly limits?: RunLimits;
  /** What the outcome has among others. */
  readonly outcome: object;
}

const fails = (error: object): object => ({ status: "error", error: { fault: "guest", ...error } });
const trap = (says: string): object => fails({ code: "TRAP", message: expect.stringContaining(says) });
const exits = (exitCode: number): object => fails({ code: "GUEST_EXIT", exitCode });

const CASES: Readonly<Record<string, Case>> = {
  unreachable: { call: ["trap"], outcome: trap("unreachable") },
  "out of bounds": { call: ["outside"], outcome: trap("out of bounds") },
  "stack overflow": { call: ["recurse"], outcome: trap("call stack exhausted") },
  "infinite loop": {
    call: ["spin"],
    limits: { timeoutMs: 100 },
    outcome: fails({ code: "TIMEOUT", limit: { name: "timeoutMs", max: 100 } }),
  },
  "memory.grow for ever": {
    call: ["grow", false],
    limits: { memoryBytes: 8 * MIB },
    // 16 pages at a time, from 2: the 6 that are left are too few.
    outcome: { status: "ok", value: 114 },
  },
  "memory.grow, and a trap when refused": {
    isOwn: true,
    call: ["grow", true],
    limits: { memoryBytes: 2 * MIB + 2 * 65_536 },
    outcome: fails({
      code: "MEMORY_LIMIT",
      message: expect.stringContaining("it has 2.13 MiB of at most 2.13 MiB"),
      limit: { name: "memoryBytes", max: 34 * 65_536, used: 34 * 65_536 },
    }),
  },
  "1 GiB of standard output": {
    call: ["flood", 1024 * PIECES_PER_MIB],
    outcome: fails({
      code: "OUTPUT_LIMIT",
      message: "the guest wrote more than 64 MiB to its standard output",
      limit: { name: "outputBytes", max: 64 * MIB },
    }),
  },
  "more output than was allowed": {
    call: ["flood", 2],
    limits: { outputBytes: 5000 },
    outcome: fails({
      code: "OUTPUT_LIMIT",
      message: "the guest wrote more than 5000 bytes to its standard output",
      limit: { name: "outputBytes", max: 5000 },
    }),
  },
  "as much output as was allowed": {
    call: ["flood", 2],
    limits: { outputBytes: 2 * PIECE_BYTES },
    outcome: { status: "ok", value: 0, stdout: "x".repeat(2 * PIECE_BYTES) },
  },
  "more calls than were allowed": {
    isOwn: true,
    call: ["ask", 101],
    limits: { calls: 100 },
    outcome: fails({
      code: "CALL_LIMIT",
      message: expect.stringMatching(/may make 100 calls .* wasi:clocks\/monotonic-clock@0\.2\.0#now$/u),
      function: "wasi:clocks/monotonic-clock@0.2.0#now",
      limit: { name: "calls", max: 100 },
    }),
  },
  "as many calls as were allowed": {
    call: ["ask", 100],
    limits: { calls: 100 },
    outcome: { status: "ok", value: 0 },
  },
  "a list longer than any array": {
    isOwn: true,
    call: ["many", 120_000_000],
    outcome: fails({ code: "TRAP", message: expect.stringContaining("a list of 120000000 elements") }),
  },
  "a list larger than the host has room for": {
    call: ["many", 40_000_000],
    outcome: fails({ code: "OUTPUT_LIMIT", message: expect.stringContaining("cannot be handed on") }),
  },
  "exit 0": { call: ["quit", 0], outcome: { status: "ok" } },
  "exit 1": { call: ["quit", 1], outcome: exits(1) },
  "exit 3": { call: ["quit", 3], outcome: exits(3) },
  "exit 255": { call: ["quit", 255], outcome: exits(255) },
};

const folder = temporaryFolder();
const app = join(folder, "app.wasm");

beforeAll(async () => writeFileSync(app, await buildComponent(misbehaving)));

async function open(options: HostOptions): Promise<readonly [Host, Component]> {
  const host = await createHost({ cacheFolder: join(folder, "cache"), concurrency: 1, ...options });
  return [host, await host.load(app)];
}

describe.each(["thread", "process"] as const)("a guest on a %s", (isolation) => {
  let host: Host;
  let component: Component;

  beforeAll(async () => {
    [host, component] = await open({ isolation });
  });
  afterAll(() => host.close());

  const cases = Object.entries(CASES).filter(([, { isOwn = false }]) => !(isOwn && isJco));
  test.each(cases)("%s", async (_name, { call: [name, ...args], limits, outcome }) => {
    const options = limits === undefined ? {} : { limits };
    expect(await host.run(component, { export: name, args, ...options })).toMatchObject(outcome);
    expect(await host.run(component, { export: "add", args: [2, 3] })).toMatchObject(FIVE);
  });

  test("the JavaScript heap", async () => {
    const [small, loaded] = await open({ isolation, maxHeapBytes: 48 * MIB });
    try {
      expect(await small.run(loaded, { export: "t:guests/things#hoard" })).toMatchObject(
        fails({
          code: "MEMORY_LIMIT",
          message: `the run used up the JavaScript heap of its ${isolation}: 48 MiB`,
          limit: { name: "maxHeapBytes", max: 48 * MIB },
        }),
      );
      expect(await small.run(loaded, { export: "add", args: [2, 3] })).toMatchObject(FIVE);
    } finally {
      await small.close();
    }
  });

  test.skipIf(isJco)("of a session, calls count together", async () => {
    await using session = await host.open(component, { limits: { calls: 100 } });
    expect(await session.call("ask", 60)).toBe(0);
    await expect(session.call("ask", 60)).rejects.toMatchObject({ code: "CALL_LIMIT" });
    expect(session.failure).toMatchObject({ limit: { name: "calls", max: 100 } });
  });

  describe("on the command line", () => {
    const env = { HOSTBUNDLE_CACHE_DIR: join(folder, "cache") };

    async function ends(
      invoke: string,
      flags: readonly string[],
      exitCode: number,
      stdout: string,
      says: RegExp,
    ): Promise<void> {
      const args = ["run", "--isolation", isolation, ...flags, "--invoke", invoke, app];
      const result = await hostbundle(args, { env });
      expect(result).toMatchObject({ exitCode, stdout });
      expect(result.stderr).toMatch(says);
    }

    test.skipIf(isJco).each<[string, readonly string[], number, string, RegExp]>([
      ["grow(true)", ["--max-memory=2176KiB"], 137, "", /^error: the guest's memory is at its limit/],
      ["ask(11)", ["--max-calls=10"], 137, "", /^error: the guest may make 10 calls to its host/],
    ])("%s %j exits with %i", ends);

    test.each<[string, readonly string[], number, string, RegExp]>([
      ["trap()", [], 134, "", /^error: the guest trapped: .*unreachable/],
      ["recurse()", [], 134, "", /^error: the guest trapped: call stack exhausted/],
      ["spin()", ["--timeout=100ms"], 124, "", /^error: the run took longer than 100 ms/],
      ["grow(false)", ["--max-memory=4MiB"], 0, "50\n", /^$/],
      [
        "flood(3)",
        ["--max-output=5KiB"],
        137,
        "x".repeat(5 * 1024),
        /^error: the guest wrote more than 5 KiB to its standard output/,
      ],
      ["flood(1)", ["--max-output=4KiB"], 0, `${"x".repeat(PIECE_BYTES)}0\n`, /^$/],
      ["quit(0)", [], 0, "", /^$/],
      ["quit(1)", [], 1, "", /^$/],
      ["quit(3)", [], 3, "", /^$/],
      ["quit(255)", [], 255, "", /^$/],
    ])("%s %j exits with %i", ends);

    test.skipIf(process.platform !== "linux")("1 GiB of standard output streams", async () => {
      const pieces = 1024 * PIECES_PER_MIB;
      const command = spawn(process.execPath, [
        fileURLToPath(new URL("../../dist/bundle/hostbundle.cjs", import.meta.url)),
        "run",
        `--isolation=${isolation}`,
        "--invoke",
        `flood(${pieces})`,
        app,
      ]);
      const own = command.pid ?? 0;
      let bytes = 0;
      let peaks: readonly number[] = [];
      command.stdout.on("data", (piece: Buffer) => {
        bytes += piece.length;
        // While the last of it is on its way.
        if (peaks.length === 0 && bytes > 1000 * MIB) peaks = [own, ...children(own)].map(peakBytes);
      });
      const exitCode = await new Promise((resolve) => command.on("close", resolve));
      expect(exitCode).toBe(0);
      expect(bytes).toBe(1024 * MIB + "0\n".length);
      expect(peaks).toHaveLength(isolation === "process" ? 2 : 1);
      expect(Math.max(...peaks)).toBeLessThan(400 * MIB);
    });
  });
});

/** The most memory that a process has had. Linux only. */
function peakBytes(pid: number): number {
  const [, kib = "0"] = /^VmHWM:\s+([0-9]+) kB$/mu.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kib) * 1024;
}
