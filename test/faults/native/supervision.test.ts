/** What supervision does besides surviving crashes: deadlines, cancellation, spares, recycling, and that nothing is left. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { HostOptions, RunOutcome } from "../../../src/main/index.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { FaultsHost, FIVE, isRunnable, skipReason, writeFaults } from "./harness.ts";
import { children, descriptors, isAlive, processorTime } from "./processes.ts";

const CANCELLED = { status: "error", error: { code: "CANCELLED" } };

/** Waits for what happens in another process. */
const until = (holds: () => boolean): Promise<void> =>
  vi.waitUntil(holds, { timeout: 10_000, interval: 5 }).then();

const isFault = (index: number): boolean => index % 10 === 7;
const inShort = (outcome: RunOutcome): unknown =>
  outcome.status === "ok" ? outcome.value : outcome.error.code;

describe.skipIf(!isRunnable)(`supervision ${skipReason}`, () => {
  const folder = temporaryFolder();
  const hosts: FaultsHost[] = [];

  beforeAll(() => writeFaults(folder));

  afterEach(async () => {
    vi.unstubAllEnvs();
    for (const { host } of hosts.splice(0)) await host.close();
  });

  async function open(options: HostOptions = {}): Promise<FaultsHost> {
    const host = await FaultsHost.open(folder, options);
    hosts.push(host);
    return host;
  }

  describe.each(["thread", "process"] as const)("a guest on a %s", (isolation) => {
    test.each([
      ["trap", {}, "TRAP"],
      ["recurse", {}, "TRAP"],
      ["spin", { limits: { timeoutMs: 50 } }, "TIMEOUT"],
    ])("%s ends its run", async (name, options, code) => {
      const host = await open({ isolation });
      expect(await host.run(name, [], options)).toMatchObject({ status: "error", error: { code } });
      expect(await host.add()).toMatchObject(FIVE);
    });

    test("is cancelled while it runs, while it waits, and before", async () => {
      const host = await open({ isolation });
      expect(await host.add()).toMatchObject(FIVE);
      const first = new AbortController();
      const second = new AbortController();
      const running = host.run("spin", [], { signal: first.signal });
      const waiting = host.run("spin", [], { signal: second.signal });
      second.abort();
      expect(await waiting).toMatchObject(CANCELLED);
      first.abort();
      expect(await running).toMatchObject(CANCELLED);
      expect(await host.add({ signal: first.signal })).toMatchObject(CANCELLED);
      expect(await host.add()).toMatchObject(FIVE);
    });

    test("the time in the queue is not part of its time", async () => {
      const host = await open({ isolation, limits: { timeoutMs: 150 } });
      const outcomes = await Promise.all([host.run("spin"), host.run("spin"), host.add()]);
      expect(outcomes.map(inShort)).toEqual(["TIMEOUT", "TIMEOUT", 5]);
    });
  });

  test("native code that spins is cancelled", async () => {
    const host = await open();
    const controller = new AbortController();
    const running = host.fail("spin", { signal: controller.signal });
    await until(() => children().length > 0);
    controller.abort();
    expect(await running).toMatchObject(CANCELLED);
    expect(await host.add()).toMatchObject(FIVE);
  });

  test("closing the host cancels what runs, and leaves nothing", async () => {
    const before = descriptors();
    const host = await FaultsHost.open(folder);
    const running = host.fail("spin");
    await until(() => children().length > 0);
    await host.host.close();
    expect(await running).toMatchObject(CANCELLED);
    expect(children()).toEqual([]);
    expect(descriptors()).toBe(before);
  });

  test("a child killed while nothing runs is missed by nobody, and is no zombie", async () => {
    const host = await open({ children: { spares: 0 } });
    expect(await host.add()).toMatchObject(FIVE);
    const [pid = 0] = children();
    process.kill(pid, "SIGKILL");
    await until(() => children().length === 0);
    expect(await host.add()).toMatchObject(FIVE);
    expect(children()).not.toContain(pid);
  });

  test("a child killed during a run costs that run", async () => {
    const host = await open({ children: { spares: 0 } });
    expect(await host.add()).toMatchObject(FIVE);
    const [pid = 0] = children();
    const idle = processorTime(pid);
    const running = host.fail("spin");
    // Until then the run has perhaps not begun, and goes to another child.
    await until(() => processorTime(pid) > idle + 5);
    process.kill(pid, "SIGKILL");
    expect(await running).toMatchObject({
      status: "error",
      error: { code: "NATIVE_CRASH", signal: "SIGKILL" },
    });
    expect(await host.add()).toMatchObject(FIVE);
  });

  test("a child stopped during a run is ended by the deadline", async () => {
    const host = await open({ children: { spares: 0 } });
    expect(await host.add()).toMatchObject(FIVE);
    const stopped = children();
    const running = host.fail("sleep", { limits: { timeoutMs: 300 } });
    for (const pid of stopped) process.kill(pid, "SIGSTOP");
    expect(await running).toMatchObject({
      error: { code: "TIMEOUT", limit: { name: "timeoutMs", max: 300 } },
    });
    await until(() => !stopped.some(isAlive));
    expect(await host.add()).toMatchObject(FIVE);
  });

  test("a child stopped while nothing runs costs the next run no more than its deadline", async () => {
    const host = await open({ children: { spares: 0 } });
    expect(await host.add()).toMatchObject(FIVE);
    for (const pid of children()) process.kill(pid, "SIGSTOP");
    expect(await host.add({ limits: { timeoutMs: 300 } })).toMatchObject({ error: { code: "TIMEOUT" } });
    expect(await host.add()).toMatchObject(FIVE);
  });

  test("a child that native code has changed is replaced, others are kept", async () => {
    const host = await open({ children: { spares: 0 } });
    expect(await host.fail("none")).toMatchObject({ value: 1 });
    const before = children();
    expect(await host.fail("none")).toMatchObject({ value: 1 });
    expect(children()).toEqual(before);
    for (const way of ["chdir", "block-signals", "ignore-signals", "handle-segv"] as const) {
      const changed = children();
      expect(await host.fail(way)).toMatchObject({ value: 1 });
      expect(await host.fail("is-as-begun")).toMatchObject({ value: 1 });
      expect(children().filter((pid) => changed.includes(pid))).toEqual([]);
    }
  });

  test("a copy that answers ends where it would", async () => {
    const host = await open({ children: { spares: 0 } });
    expect(await host.fail("fork")).toMatchObject({ value: 1 });
    const [pid = 0] = children();
    await until(() => !children(pid).some(isAlive));
    expect(await host.add()).toMatchObject(FIVE);
    expect(children()).toEqual([pid]);
  });

  test("a copy that a library makes with fork() ends with its child", async () => {
    // In the sandbox there are no copies.
    const host = await open({ children: { spares: 0 }, sandbox: "off" });
    expect(await host.fail("fork-and-stay")).toMatchObject({ status: "ok" });
    const [pid = 0] = children();
    const copies = children(pid);
    expect(copies).toHaveLength(1);
    expect(await host.fail("segv")).toMatchObject({ status: "error" });
    await until(() => !copies.some(isAlive));
  });

  test("a spare takes over after a crash, and another takes its place", async () => {
    const host = await open();
    await host.add();
    await until(() => children().length === 2);
    const before = children();
    await host.fail("segv");
    expect(await host.add()).toMatchObject(FIVE);
    await until(() => children().length === 2);
    expect(children().filter((pid) => before.includes(pid))).toHaveLength(1);
  });

  test("a child is replaced after so many runs", async () => {
    const host = await open({ children: { spares: 0, maxRuns: 2 } });
    const seen: number[] = [];
    for (let count = 0; count < 5; count++) {
      expect(await host.add()).toMatchObject(FIVE);
      seen.push(...children());
    }
    expect(seen).toHaveLength(5);
    expect(new Set(seen).size).toBe(3);
    expect(seen[0]).toBe(seen[1]);
    expect(seen[2]).toBe(seen[3]);
  });

  test("a library sees what was granted of the environment, and no more", async () => {
    vi.stubEnv("HOSTBUNDLE_TEST_SECRET", "1");
    const refused = await open();
    expect(await refused.fail("environment")).toMatchObject({ value: 0 });
    const granted = await open({ children: { env: { HOSTBUNDLE_TEST_GRANTED: "1" } } });
    expect(await granted.fail("environment")).toMatchObject({ value: 1 });
  });

  test("of many runs at once each has its outcome", async () => {
    const host = await open({ concurrency: 2 });
    const outcomes = await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        isFault(index) ? host.fail("abort") : host.run("add", [index, 1]),
      ),
    );
    expect(outcomes.map(inShort)).toEqual(
      Array.from({ length: 60 }, (_, index) => (isFault(index) ? "NATIVE_CRASH" : index + 1)),
    );
  });

  test("a bundle that crashes when it is opened is soon not opened any more", async () => {
    const broken = join(folder, "broken");
    await writeFaults(broken, "__attribute__((constructor)) static void boom(void) { abort(); }");
    const host = await FaultsHost.open(broken);
    hosts.push(host);
    const outcomes = [await host.add(), await host.add(), await host.add(), await host.add()];
    const crash = { code: "NATIVE_CRASH", bundle: "faults", phase: "load", signal: "SIGABRT" };
    for (const outcome of outcomes) expect(outcome).toMatchObject({ status: "error", error: crash });
    const messages = outcomes.map((outcome) => (outcome.status === "error" ? outcome.error.message : ""));
    expect(messages.slice(0, 3).every((message) => message.includes("while it was opened, "))).toBe(true);
    expect(messages[3]).toMatch(/3 times in a row while it was opened; it is tried again in [01]\.\d s/);
  });

  test("a bundle that is mended is opened again when its time has come", async () => {
    const broken = join(folder, "mended");
    // Where there is such a file, it is broken.
    const mark = join(broken, "bundle", "broken");
    await writeFaults(
      broken,
      `__attribute__((constructor)) static void boom(void) { if (access(${JSON.stringify(mark)}, F_OK) == 0) abort(); }`,
    );
    writeFileSync(mark, "");
    const host = await FaultsHost.open(broken);
    hosts.push(host);
    for (let count = 0; count < 4; count++)
      expect(await host.add()).toMatchObject({ error: { code: "NATIVE_CRASH", phase: "load" } });
    rmSync(mark);
    // Its runs fail at once, and start nothing, until then.
    expect(await host.add()).toMatchObject({
      error: { code: "NATIVE_CRASH", message: expect.stringContaining("it is tried again in") },
    });
    await vi.waitUntil(async () => (await host.add()).status === "ok", { timeout: 10_000, interval: 50 });
    expect(await host.add()).toMatchObject(FIVE);
  });
});
