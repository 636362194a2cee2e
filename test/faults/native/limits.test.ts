/** What the system holds a child process to: native memory, CPU time, open files; and what a guest may write. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  createHost,
  type HostOptions,
  type RunLimits,
  type RunOutcome,
  type Session,
} from "../../../src/main/index.ts";
import { buildComponent } from "../../support/component.ts";
import { compileLibrary } from "../../support/native.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { isRunnable, skipReason } from "./harness.ts";

const MIB = 1024 ** 2;

const WIT = `package t:greedy@1.0.0;
  interface lib { allocate: func(mebibytes: u32) -> u32; burn: func(); open-files: func() -> u32; core-size: func() -> u64; share: func(mebibytes: u32) -> u32; }`;

const SOURCE = `
  #include <fcntl.h>
  #include <stdint.h>
  #include <stdlib.h>
  #include <string.h>
  #include <sys/mman.h>
  #include <sys/resource.h>
  #include <unistd.h>
  /* How many of so many mebibytes could be had; all are given back. */
  uint32_t t_greedy_lib_allocate(uint32_t count) {
    char **blocks = calloc(count, sizeof *blocks);
    uint32_t had = 0;
    while (had < count && (blocks[had] = malloc(1 << 20)) != NULL) memset(blocks[had++], 1, 1 << 20);
    for (uint32_t i = 0; i < had; i++) free(blocks[i]);
    free(blocks);
    return had;
  }
  void t_greedy_lib_burn(void) { for (volatile uint64_t i = 0;; i++) {} }
  uint32_t t_greedy_lib_open_files(void) {
    int first = -1, last = -1; uint32_t count = 0;
    for (; count < 100 && (last = open("/dev/null", O_RDONLY)) >= 0; count++) if (first < 0) first = last;
    for (int fd = first; fd >= 0 && fd < first + (int)count; fd++) close(fd);
    return count;
  }
  /* Memory that the system does not count as data, eight mebibytes at a time, kept. */
  uint32_t t_greedy_lib_share(uint32_t mebibytes) {
    for (uint32_t had = 0; had < mebibytes; had += 8) {
      char *block = mmap(NULL, 8 << 20, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
      if (block == MAP_FAILED) return had;
      memset(block, 1, 8 << 20);
      usleep(5000);
    }
    return mebibytes;
  }
  uint64_t t_greedy_lib_core_size(void) { struct rlimit limit; getrlimit(RLIMIT_CORE, &limit); return limit.rlim_cur; }`;

const GUEST = {
  wit: `package t:guest; world guest { import t:greedy/lib@1.0.0;
    export allocate: func(mebibytes: u32) -> u32; export burn: func(); export open-files: func() -> u32; export core-size: func() -> u64; export share: func(mebibytes: u32) -> u32; }
    package t:greedy@1.0.0 { interface lib { allocate: func(mebibytes: u32) -> u32; burn: func(); open-files: func() -> u32; core-size: func() -> u64; share: func(mebibytes: u32) -> u32; } }`,
  wat: `(module
    (import "t:greedy/lib@1.0.0" "allocate" (func $allocate (param i32) (result i32)))
    (import "t:greedy/lib@1.0.0" "burn" (func $burn))
    (import "t:greedy/lib@1.0.0" "open-files" (func $files (result i32)))
    (import "t:greedy/lib@1.0.0" "core-size" (func $core (result i64)))
    (import "t:greedy/lib@1.0.0" "share" (func $share (param i32) (result i32)))
    (func (export "share") (param i32) (result i32) (call $share (local.get 0)))
    (func (export "allocate") (param i32) (result i32) (call $allocate (local.get 0)))
    (func (export "burn") (call $burn))
    (func (export "open-files") (result i32) (call $files))
    (func (export "core-size") (result i64) (call $core)))`,
};

describe.skipIf(!isRunnable)(`limits of a child process ${skipReason}`, () => {
  const folder = temporaryFolder();
  const app = join(folder, "app.wasm");
  const bundle = join(folder, "bundle");
  const open: Awaited<ReturnType<typeof createHost>>[] = [];

  beforeAll(async () => {
    mkdirSync(bundle);
    compileLibrary(bundle, "greedy", SOURCE, ["-O0"]);
    writeFileSync(join(bundle, "greedy.wit"), WIT);
    writeFileSync(
      join(bundle, "host.toml"),
      '[host]\nname = "greedy"\nlib = "libgreedy.so"\nwit = "greedy.wit"\n',
    );
    writeFileSync(app, await buildComponent(GUEST));
  });
  afterEach(async () => {
    for (const host of open.splice(0)) await host.close();
  });

  async function runner(
    options: HostOptions = {},
  ): Promise<(name: string, args: readonly unknown[], limits?: RunLimits) => Promise<RunOutcome>> {
    const host = await createHost({
      bundles: [bundle],
      cacheFolder: join(folder, "cache"),
      concurrency: 1,
      ...options,
    });
    open.push(host);
    const component = await host.load(app);
    return (name, args, limits = {}) => host.run(component, { export: name, args, limits });
  }

  async function session(limits: RunLimits): Promise<Session> {
    const host = await createHost({ bundles: [bundle], cacheFolder: join(folder, "cache") });
    open.push(host);
    return host.open(await host.load(app), { limits });
  }

  test("malloc gives NULL beyond the limit, and the next run has its own", async () => {
    const run = await runner();
    const limits = { nativeBytes: 64 * MIB, memoryBytes: 0 };
    const limited = await run("allocate", [2000], limits);
    expect(limited).toMatchObject({ status: "ok" });
    // 64 and at most the headroom of JavaScript.
    const had = limited.status === "ok" ? Number(limited.value) : 0;
    expect(had).toBeGreaterThan(32);
    expect(had).toBeLessThanOrEqual(64 + 128);
    expect(await run("allocate", [400])).toMatchObject({ value: 400 });
  });

  const SHARING = {
    code: "MEMORY_LIMIT",
    bundle: "greedy",
    function: "t:greedy/lib@1.0.0#share",
    limit: { name: "nativeBytes", max: 16 * MIB },
    message: expect.stringMatching(
      /has grown by \d+(\.\d+)? MiB; it may by 16 MiB of native memory, 0 MiB of the guest's, and 128 MiB/u,
    ),
  };

  test("memory that the system does not count is noticed, and ends the run", async () => {
    const run = await runner();
    const limits = { nativeBytes: 16 * MIB, memoryBytes: 0 };
    expect(await run("share", [800], limits)).toMatchObject({ status: "error", error: SHARING });
    // What another run holds is not its own.
    expect(await run("share", [200])).toMatchObject({ value: 200 });
    expect(await run("share", [24], limits)).toMatchObject({ value: 24 });
  });

  test("of a session, all calls together", async () => {
    const host = await createHost({ bundles: [bundle], cacheFolder: join(folder, "cache") });
    open.push(host);
    const limits = { nativeBytes: 16 * MIB, memoryBytes: 0 };
    await using session = await host.open(await host.load(app), { limits });
    expect(await session.call("share", 80)).toBe(80);
    await expect(session.call("share", 800)).rejects.toMatchObject({ code: "MEMORY_LIMIT" });
    expect(session.failure).toMatchObject(SHARING);
  });

  test("CPU time ends native code, and says so", async () => {
    const run = await runner();
    expect(await run("burn", [], { cpuMs: 300 })).toMatchObject({
      status: "error",
      error: {
        code: "TIMEOUT",
        message: "the run used more than 300 ms of CPU time",
        limit: { name: "cpuMs", max: 300 },
      },
    });
    expect(await run("allocate", [1])).toMatchObject({ value: 1 });
  });

  test("files that may be open", async () => {
    const run = await runner();
    expect(await run("open-files", [], { openFiles: 5 })).toMatchObject({ value: 5 });
    expect(await run("open-files", [])).toMatchObject({ value: 100 });
  });

  test("a crash leaves no memory image", async () => {
    const run = await runner();
    expect(await run("core-size", [])).toMatchObject({ value: 0n });
  });

  describe("of a session", () => {
    test("hold from the first call to the last, and not for the next session", async () => {
      const limited = await session({ nativeBytes: 64 * MIB, memoryBytes: 0, openFiles: 5 });
      for (let count = 0; count < 2; count += 1) {
        const had = Number(await limited.call("allocate", 2000));
        expect(had).toBeGreaterThan(32);
        expect(had).toBeLessThanOrEqual(64 + 128);
        expect(await limited.call("open-files")).toBe(5);
      }
      await limited.close();
      const [host] = open;
      const next = await host?.open(await host.load(app));
      expect(await next?.call("allocate", 400)).toBe(400);
      expect(await next?.call("open-files")).toBe(100);
    });

    test("CPU time is that of all its calls", async () => {
      const limited = await session({ cpuMs: 500 });
      let outcome = await limited.run({ export: "allocate", args: [50] });
      let calls = 0;
      for (; calls < 500 && outcome.status === "ok"; calls += 1)
        outcome = await limited.run({ export: "allocate", args: [50] });
      expect(calls).toBeGreaterThan(1);
      const message = "the session used more than 500 ms of CPU time";
      expect(outcome).toMatchObject({ error: { code: "TIMEOUT", message } });
      expect(limited.failure).toMatchObject({ code: "TIMEOUT", message });
    });

    test("a thread cannot be held to them", async () => {
      const host = await createHost({
        bundles: [bundle],
        cacheFolder: join(folder, "cache"),
        isolation: "thread",
        maxSessions: 1,
      });
      open.push(host);
      const component = await host.load(app);
      for (let count = 0; count < 2; count += 1) {
        await expect(host.open(component, { limits: { cpuMs: 1 } })).rejects.toMatchObject({
          code: "USAGE",
          message: "a thread cannot be held to the limit cpuMs (--max-cpu)",
        });
      }
      expect((await host.open(component)).failure).toBeUndefined();
    });
  });

  test("a thread cannot be held to them", async () => {
    const run = await runner({ isolation: "thread" });
    expect(await run("allocate", [1], { nativeBytes: MIB })).toMatchObject({
      error: {
        code: "USAGE",
        message: "a thread cannot be held to the limit nativeBytes (--max-native-memory)",
      },
    });
  });
});
