/**
 * Native code fails in a session: its call ends in the report, what waits in the same, and nobody else notices. A session has its child
 * for itself, so whatever ends that child ends the session and no other.
 */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { HostOptions, OpenOptions, Session } from "../../../src/main/index.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { FaultsHost, FIVE, isRunnable, skipReason, writeFaults } from "./harness.ts";
import { type Way, WAYS } from "./library.ts";
import { children, descriptors, isAlive } from "./processes.ts";

const FUNCTION = "t:faults/lib@1.0.0#fail";
const until = (holds: () => boolean): Promise<void> =>
  vi.waitUntil(holds, { timeout: 10_000, interval: 2 }).then();

const signalled = (signal: string): object => ({ signal, function: FUNCTION });
const CRASHES: readonly (readonly [Way, object, RegExp])[] = [
  [
    "segv",
    signalled("SIGSEGV"),
    /crashed \(SIGSEGV\) in t:faults\/lib@1\.0\.0#fail, \d+ ms after the call began/,
  ],
  ["stack-overflow", signalled("SIGSEGV"), /crashed \(SIGSEGV\) in/],
  ["exit-0", { function: FUNCTION }, /ended its process with exit code 0 in/],
  ["background-crash", signalled("SIGSEGV"), /crashed \(SIGSEGV\) in/],
  ["close-all", {}, /./],
  ["close-channel", {}, /descriptors that are not its own/],
  ["false-frame", {}, /descriptors that are not its own/],
  ["kill-self", { signal: "SIGKILL" }, /was killed \(SIGKILL\)/],
  ["last-words", signalled("SIGABRT"), /standard error.*the first word.*the last word/s],
];

const open = ({ host, component }: FaultsHost, options: OpenOptions = {}): Promise<Session> =>
  host.open(component, options);

const fail = (way: Way): { export: string; args: number[] } => ({
  export: "fail",
  args: [WAYS.indexOf(way)],
});

/** The child that has been started since. */
async function openWithPid(host: FaultsHost): Promise<readonly [Session, number]> {
  const before = children();
  const session = await open(host);
  return [session, children().find((pid) => !before.includes(pid)) ?? 0];
}

describe.skipIf(!isRunnable)(`native code fails in a session ${skipReason}`, () => {
  const folder = temporaryFolder();
  const hosts: FaultsHost[] = [];

  beforeAll(() => writeFaults(folder));
  afterEach(async () => {
    for (const { host } of hosts.splice(0)) await host.close();
  });

  async function start(options: HostOptions = {}): Promise<FaultsHost> {
    const host = await FaultsHost.open(folder, options);
    hosts.push(host);
    return host;
  }

  describe("and ends its child", () => {
    let host: FaultsHost;
    let bystander: Session;
    let before = 0;

    beforeAll(async () => {
      before = descriptors();
      host = await FaultsHost.open(folder);
      bystander = await open(host);
    });

    test.each(CRASHES)("%s", async (way, members, says) => {
      const session = await open(host);
      expect(await session.call("add", 2, 3)).toBe(5);
      const failing = session.run(fail(way));
      const waiting = session.run({ export: "add", args: [1, 1] });
      const error = { code: "NATIVE_CRASH", fault: "bundle", bundle: "faults", ...members };
      const outcome = await failing;
      expect(outcome).toMatchObject({ status: "error", error });
      expect(JSON.stringify(outcome)).toMatch(says);
      expect(session.failure).toMatchObject(error);
      const { message = "", ...report } = session.failure ?? {};
      const inherited = { ...report, message: `the session is over: ${message}` };
      expect(await waiting).toMatchObject({ status: "error", error: inherited });
      await expect(session.call("add", 1, 1)).rejects.toMatchObject({ code: "NATIVE_CRASH" });
      expect(await session.close()).toMatchObject({ status: "error", error: session.failure });
      expect(await bystander.call("add", 2, 3)).toBe(5);
      expect(await host.add()).toMatchObject(FIVE);
    });

    test("nothing is left behind", async () => {
      await host.host.close();
      expect(children()).toEqual([]);
      expect(descriptors()).toBe(before);
    });
  });

  test.each(["spin", "sleep", "deadlock", "pthread-exit", "stop-self"] as const)(
    "%s ends with its deadline, and its child with it",
    async (way) => {
      const host = await start();
      const [session, pid] = await openWithPid(host);
      const outcome = await session.run({ ...fail(way), timeoutMs: 80 });
      expect(outcome).toMatchObject({
        status: "error",
        error: { code: "TIMEOUT", message: "the call took longer than 80 ms" },
      });
      await until(() => !isAlive(pid));
      const next = await open(host);
      expect(await next.call("add", 2, 3)).toBe(5);
    },
  );

  test.each(["call", "session", "close", "host"] as const)(
    "native code that spins is cancelled with its %s",
    async (what) => {
      const host = await start();
      const controller = new AbortController();
      const { signal } = controller;
      const session = await open(host, what === "session" ? { signal } : {});
      const spinning = session.run({ ...fail("spin"), ...(what === "call" ? { signal } : {}) });
      await sleep(30);
      if (what === "close") await session.close();
      else if (what === "host") await host.host.close();
      else controller.abort();
      expect(await spinning).toMatchObject({ status: "error", error: { code: "CANCELLED" } });
      expect(session.failure).toMatchObject({ code: "CANCELLED" });
      expect(await session.close()).toMatchObject({ status: "error", error: { code: "CANCELLED" } });
    },
  );

  test("a child killed between two calls ends its session, and nothing else", async () => {
    const host = await start({ children: { spares: 0 } });
    expect(await host.add()).toMatchObject(FIVE);
    const bystander = await open(host);
    const [session, pid] = await openWithPid(host);
    expect(await session.call("add", 2, 3)).toBe(5);
    process.kill(pid, "SIGKILL");
    await until(() => session.failure !== undefined);
    const error = {
      code: "NATIVE_CRASH",
      signal: "SIGKILL",
      message: expect.stringMatching(/was killed \(SIGKILL\), \d+ ms after the session was opened/),
    };
    expect(session.failure).toMatchObject(error);
    expect(await session.run({ export: "add", args: [2, 3] })).toMatchObject({
      status: "error",
      error: { ...error, message: expect.stringContaining("the session is over: ") },
    });
    expect(await session.close()).toMatchObject({ status: "error", error });
    expect(await bystander.call("add", 2, 3)).toBe(5);
    expect(await host.add()).toMatchObject(FIVE);
    expect(children()).not.toContain(pid);
  });

  test("a child serves the next session, after an end of any kind that leaves it well", async () => {
    const host = await start();
    const [first, pid] = await openWithPid(host);
    await first.close();
    const second = await open(host);
    expect(await second.run({ export: "trap" })).toMatchObject({ status: "error", error: { code: "TRAP" } });
    const third = await open(host);
    expect(await third.call("add", 2, 3)).toBe(5);
    expect(children()).toEqual([pid]);
    // It crashes for that session, and not for those before.
    await third.run(fail("segv"));
    expect(first.failure).toMatchObject({ code: "CANCELLED" });
    expect(second.failure).toMatchObject({ code: "TRAP" });
  });

  test("a bundle that crashes when it is opened is soon not opened any more", async () => {
    const broken = join(folder, "broken");
    await writeFaults(broken, "__attribute__((constructor)) static void boom(void) { abort(); }");
    const host = await FaultsHost.open(broken, { maxSessions: 1 });
    hosts.push(host);
    const crash = { code: "NATIVE_CRASH", bundle: "faults", phase: "load", signal: "SIGABRT" };
    for (const says of [
      "while it was opened, ",
      "while it was opened, ",
      "while it was opened, ",
      "3 times in a row",
    ]) {
      await expect(open(host)).rejects.toMatchObject({
        code: "NATIVE_CRASH",
        message: expect.stringContaining(says),
        context: { bundle: "faults", phase: "load", signal: "SIGABRT" },
      });
    }
    // Runs learn of it too.
    expect(await host.add()).toMatchObject({ status: "error", error: crash });
    expect(await host.add()).toMatchObject({
      error: { message: expect.stringContaining("it is tried again in") },
    });
  });

  test("many sessions leave nothing: no thread, no process, no descriptor", { timeout: 60_000 }, async () => {
    const host = await start({ children: { spares: 0 } });
    const turn = async (index: number): Promise<void> => {
      const session = await open(host);
      await session.call("add", 1, index);
      await session.close();
    };
    await turn(0);
    const [before, processes] = [descriptors(), children()];
    for (let index = 1; index < 60; index += 1) await turn(index);
    expect(children()).toEqual(processes);
    expect(descriptors()).toBe(before);
  });
});
