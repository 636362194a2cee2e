import { expect, test } from "vitest";
import { isHostbundleError } from "../../src/shared/errors.ts";
import type { WasiGrants } from "../../src/shared/protocol.ts";
import { GuestExit } from "../../src/worker/outcome.ts";
import type { WasiRun } from "../../src/worker/wasi.ts";
import { callWasi, openWasi, thrownBy, type GuestPollable, type GuestStream } from "../support/wasi.ts";

const NOTHING: WasiGrants = {
  args: [],
  env: [],
  directories: [],
  stdin: new Uint8Array(),
  output: "capture",
};

const CLI = ["environment", "exit", "stdin", "stdout", "stderr", "terminal-stdin", "terminal-stdout"].map(
  (name) => `wasi:cli/${name}@0.2.0`,
);
const CLOCKS = ["wasi:clocks/monotonic-clock@0.2.0", "wasi:clocks/wall-clock@0.2.0"];
const RANDOM = ["random", "insecure", "insecure-seed"].map((name) => `wasi:random/${name}@0.2.0`);
const IO = ["wasi:io/poll@0.2.0", "wasi:io/streams@0.2.0", "wasi:io/error@0.2.0"];
const FILES = ["wasi:filesystem/types@0.2.0", "wasi:filesystem/preopens@0.2.0"];

function stream(run: WasiRun, name: string): GuestStream {
  return callWasi(run, name);
}

function open(grants: Partial<WasiGrants> = {}): Promise<WasiRun> {
  return openWasi([...CLI, ...CLOCKS, ...RANDOM, ...IO, ...FILES], { ...NOTHING, ...grants });
}

test("what is not granted is not there", async () => {
  const run = await open();
  expect(callWasi(run, "cli/environment#getEnvironment")).toEqual([]);
  expect(callWasi(run, "cli/environment#getArguments")).toEqual([]);
  expect(callWasi(run, "cli/environment#initialCwd")).toBeUndefined();
  expect(callWasi(run, "filesystem/preopens#getDirectories")).toEqual([]);
  expect(callWasi(run, "cli/terminal-stdin#getTerminalStdin")).toBeUndefined();
  expect(callWasi(run, "cli/terminal-stdout#getTerminalStdout")).toBeUndefined();
  expect(thrownBy(() => stream(run, "cli/stdin#getStdin").blockingRead(1n))).toEqual({ tag: "closed" });
});

test("arguments and variables are those of the run", async () => {
  const first = await open({ args: ["app.wasm", "ü"], env: [["A", "1"]] });
  const second = await open({ args: ["app.wasm"] });
  expect(callWasi(first, "cli/environment#getArguments")).toEqual(["app.wasm", "ü"]);
  expect(callWasi(first, "cli/environment#getEnvironment")).toEqual([["A", "1"]]);
  expect(callWasi(second, "cli/environment#getArguments")).toEqual(["app.wasm"]);
  expect(callWasi(second, "cli/environment#getEnvironment")).toEqual([]);
});

test("standard input is what was given, then closed", async () => {
  const run = await open({ stdin: Buffer.from("hello") });
  const stdin = stream(run, "cli/stdin#getStdin");
  expect(Buffer.from(stdin.blockingRead(2n)).toString()).toBe("he");
  expect(stdin.skip(1n)).toBe(1n);
  expect(stdin.blockingRead(0n)).toHaveLength(0);
  expect(Buffer.from(stdin.read(1_000_000_000_000n)).toString()).toBe("lo");
  expect(thrownBy(() => stdin.read(1n))).toEqual({ tag: "closed" });
});

test("output is captured apart, in order, as it was when it was written", async () => {
  const run = await open({ stdin: Buffer.from("in") });
  const stdout = stream(run, "cli/stdout#getStdout");
  const bytes = Buffer.from("one ");
  stdout.write(bytes);
  bytes.fill(0);
  stream(run, "cli/stdout#getStdout").blockingWriteAndFlush(Buffer.from("two "));
  stdout.blockingSplice(stream(run, "cli/stdin#getStdin"), 10n);
  stdout.writeZeroes(2n);
  stream(run, "cli/stderr#getStderr").write(Uint8Array.of(0xff, 0x21));
  expect(run.close()).toEqual({ stdout: "one two in\0\0", stderr: "\uFFFD!" });
});

test("too much output ends the run, even where the guest catches the exception", async () => {
  const run = await open();
  const error = thrownBy(() => stream(run, "cli/stdout#getStdout").writeZeroes(1_000_000_000n));
  expect(isHostbundleError(error) && error.code).toBe("OUTPUT_LIMIT");
  expect(run.verdict).toBe(error);
  expect(run.close().stdout).toHaveLength(64 * 1024 * 1024);
});

test.each([
  ["exit", { tag: "ok" }, 0],
  ["exit", { tag: "err" }, 1],
  ["exitWithCode", 42, 42],
])("%s(%j) unwinds the guest with code %i", async (name, argument, exitCode) => {
  const run = await open();
  const error = thrownBy(() => callWasi(run, `cli/exit#${name}`, argument));
  expect(error).toBeInstanceOf(GuestExit);
  expect(error).toMatchObject({ exitCode });
  expect(run.verdict).toBe(error);
});

test("clocks go forward, and timers are polled", async () => {
  const run = await open();
  const before = callWasi<bigint>(run, "clocks/monotonic-clock#now");
  const timer = callWasi<GuestPollable>(run, "clocks/monotonic-clock#subscribeDuration", 2_000_000n);
  const never = callWasi<GuestPollable>(run, "clocks/monotonic-clock#subscribeInstant", 2n ** 63n);
  const always = stream(run, "cli/stdout#getStdout").subscribe();
  expect(callWasi(run, "io/poll#poll", [never, always])).toEqual(Uint32Array.of(1));
  expect(callWasi(run, "io/poll#poll", [never, timer])).toEqual(Uint32Array.of(1));
  timer.block();
  expect(timer.ready()).toBe(true);
  expect(never.ready()).toBe(false);
  expect(callWasi<bigint>(run, "clocks/monotonic-clock#now") - before).toBeGreaterThanOrEqual(2_000_000n);
  const { seconds, nanoseconds } = callWasi<{ seconds: bigint; nanoseconds: number }>(
    run,
    "clocks/wall-clock#now",
  );
  expect(Math.abs(Number(seconds) - Date.now() / 1000)).toBeLessThan(10);
  expect(nanoseconds).toBeLessThan(1_000_000_000);
});

test("polling nothing is a trap", async () => {
  const run = await open();
  const error = thrownBy(() => callWasi(run, "io/poll#poll", []));
  expect(isHostbundleError(error) && error.code).toBe("TRAP");
});

test.each(["random#getRandomBytes", "insecure#getInsecureRandomBytes"])(
  "more random bytes than a list can hold are a trap: %s",
  async (name) => {
    const run = await open();
    const error = thrownBy(() => callWasi(run, `random/${name}`, 2n ** 40n));
    expect(isHostbundleError(error) && error.code).toBe("TRAP");
  },
);

test("random is of the length asked for and differs between runs", async () => {
  const [first, second] = [await open(), await open()];
  expect(callWasi(first, "random/random#getRandomBytes", 33n)).toHaveLength(33);
  expect(callWasi(first, "random/insecure-seed#insecureSeed")).not.toEqual(
    callWasi(second, "random/insecure-seed#insecureSeed"),
  );
  expect(callWasi(first, "random/random#getRandomU64")).not.toBe(
    callWasi(first, "random/insecure#getInsecureRandomU64"),
  );
});

test.each([
  ["filesystem/types", "Descriptor", "openAt"],
  ["filesystem/types", "DirectoryEntryStream", "readDirectoryEntry"],
  ["io/streams", "InputStream", "blockingRead"],
  ["io/streams", "OutputStream", "blockingSplice"],
  ["io/poll", "Pollable", "ready"],
])("jco finds the methods of %s.%s", async (owner, resource, method) => {
  const run = await open();
  const found = run.imports[`wasi:${owner}@0.2.0`]?.[resource];
  expect(typeof found === "function" && method in found.prototype).toBe(true);
});

test("an import that is not of WASI is our fault", async () => {
  await expect(openWasi(["wasi:nn/graph@0.2.0"], NOTHING)).rejects.toMatchObject({ code: "INTERNAL" });
});
