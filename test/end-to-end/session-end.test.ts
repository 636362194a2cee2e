/** How sessions begin and end: closed, cancelled, left alone, never come to be. */
import { execFileSync } from "node:child_process";
import type { Session } from "hostbundle";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { temporaryFolder } from "../support/temporary.ts";
import { failed, over, Sessions, spin, writeGuests } from "./session-harness.ts";

const folder = temporaryFolder();

beforeAll(() => writeGuests(folder));

const CLOSED = { code: "CANCELLED", fault: "user", message: "the session was closed" };
const until = (holds: () => boolean): Promise<void> =>
  vi.waitUntil(holds, { timeout: 10_000, interval: 2 }).then();

describe.each(["thread", "process"] as const)("a session on a %s", (isolation) => {
  let sessions: Sessions;

  const start = async (maxSessions = 16): Promise<void> => {
    sessions = await Sessions.start(folder, { isolation, maxSessions });
  };
  afterEach(() => sessions[Symbol.asyncDispose]());

  it("a call is cancelled without harm while it waits, and with the session once it has begun", async () => {
    await start();
    const session = await sessions.open();
    const [first, second] = [new AbortController(), new AbortController()];
    const spinning = await spin(session, { signal: second.signal });
    const waiting = session.run({ export: "add", args: [1], signal: first.signal });
    const never = session.run({ export: "add", args: [1], signal: AbortSignal.abort() });
    first.abort();
    const early = failed("CANCELLED", "the call was cancelled before it began");
    expect([await waiting, await never]).toMatchObject([early, early]);
    expect(session.failure).toBeUndefined();
    second.abort();
    expect(await spinning.ended).toMatchObject(failed("CANCELLED", "the call was cancelled"));
    expect(session.failure).toMatchObject({ code: "CANCELLED", message: "the call was cancelled" });
  });

  it("goes on after a call that was cancelled while it waited, and a signal that came too late", async () => {
    await start();
    const session = await sessions.open();
    const controller = new AbortController();
    const first = session.run({ export: "add", args: [1] });
    const waiting = session.run({ export: "add", args: [10], signal: AbortSignal.abort() });
    const third = session.run({ export: "add", args: [1], signal: controller.signal });
    expect([await first, await waiting, await third]).toMatchObject([
      { value: 1 },
      { status: "error" },
      { value: 2 },
    ]);
    controller.abort();
    expect(await session.call("add", 1)).toBe(3);
  });

  it("is closed once, however often it is asked, and all that was asked of it is answered", async () => {
    await start();
    const session = await sessions.open();
    const spinning = await spin(session);
    const waiting = session.run({ export: "spin" });
    const closed = [session.close(), session.close()];
    const late = session.run({ export: "add", args: [1] });
    expect(await spinning.ended).toMatchObject(failed(CLOSED.code, CLOSED.message));
    const tooLate = over(CLOSED.code, CLOSED.message);
    expect([await waiting, await late]).toMatchObject([tooLate, tooLate]);
    expect(await closed[0]).toBe(await closed[1]);
    expect(await session.close()).toMatchObject({ status: "error", error: CLOSED });
    expect(session.failure).toEqual(CLOSED);
  });

  it("calls that have not begun don't keep it from being closed well", async () => {
    await start();
    const session = await sessions.open();
    const calls = [session.run({ export: "spin" }), session.run({ export: "add", args: [1] })];
    expect(await session.close()).toMatchObject({ status: "ok" });
    const tooLate = over(CLOSED.code, CLOSED.message);
    expect(await Promise.all(calls)).toMatchObject([tooLate, tooLate]);
  });

  it("is closed by its own signal, and by a block that it was made for", async () => {
    await start();
    const controller = new AbortController();
    const session = await sessions.open({ signal: controller.signal });
    const spinning = await spin(session);
    controller.abort();
    expect(await spinning.ended).toMatchObject(failed("CANCELLED", "the session was cancelled"));
    expect(session.failure).toMatchObject({ message: "the session was cancelled" });
    let left: Session;
    {
      await using scoped = await sessions.open();
      left = scoped;
    }
    expect(left.failure).toEqual(CLOSED);
  });

  it("ends with its host: idle, busy, or not yet there", async () => {
    await start();
    const [idle, busy] = [await sessions.open(), await sessions.open()];
    const spinning = await spin(busy);
    const component = await sessions.load();
    const opening = sessions.host.open(component);
    const [refused] = await Promise.allSettled([opening, sessions.host.close()]);
    expect(refused).toMatchObject({ status: "rejected", reason: { code: "CANCELLED" } });
    expect(await spinning.ended).toMatchObject(failed("CANCELLED", "the host was closed"));
    for (const { failure } of [idle, busy]) expect(failure).toMatchObject({ message: "the host was closed" });
    await expect(sessions.host.open(component)).rejects.toMatchObject({
      code: "USAGE",
      message: "the host is closed",
    });
  });

  it("ends when nothing was asked of it for some time, and not while it works", async () => {
    await start();
    const idleTimeoutMs = 40;
    const busy = await sessions.open({ idleTimeoutMs });
    const spinning = await spin(busy, { timeoutMs: 4 * idleTimeoutMs });
    expect(await spinning.ended).toMatchObject(failed("TIMEOUT", /./));
    const idle = await sessions.open({ idleTimeoutMs });
    expect(await idle.call("add", 1)).toBe(1);
    await until(() => idle.failure !== undefined);
    const message = "the session was closed after 40 ms without a call";
    expect(idle.failure?.message).toBe(message);
    expect(await idle.run({ export: "add", args: [1] })).toMatchObject(over("CANCELLED", message));
    expect(await idle.close()).toMatchObject({ status: "ok" });
  });

  it("there are so many at once, and a closed one makes room", async () => {
    await start(1);
    const session = await sessions.open();
    await expect(sessions.open()).rejects.toMatchObject({
      code: "USAGE",
      message: "1 sessions are open, and there may be no more at once",
    });
    await session.close();
    const second = await sessions.open();
    // Runs go on beside it.
    const run = await sessions.host.run(await sessions.load(), { invoke: "add(1)" });
    expect(run).toMatchObject({ value: 1 });
    expect(await second.call("add", 5)).toBe(5);
  });

  it.each([
    ["traps", "stillborn", () => ({}), "TRAP", /^the guest trapped/],
    ["is late", "endless", () => ({ limits: { timeoutMs: 80 } }), "TIMEOUT", /^making the instance took lon/],
    ["is cancelled", "endless", () => ({ signal: AbortSignal.timeout(80) }), "CANCELLED", /^the session was/],
    [
      "was cancelled",
      "session",
      () => ({ signal: AbortSignal.abort() }),
      "CANCELLED",
      /^the session was canc/,
    ],
    [
      "has no memory",
      "session",
      () => ({ limits: { memoryBytes: 1 } }),
      "MEMORY_LIMIT",
      /^the component beg/,
    ],
  ] as const)("an instance that %s throws, and takes no place", async (_name, guest, options, code, says) => {
    await start(1);
    for (let turn = 0; turn < 2; turn += 1) {
      await expect(sessions.open(options(), guest)).rejects.toMatchObject({
        code,
        message: expect.stringMatching(says),
      });
    }
    const next = await sessions.open();
    expect(await next.call("add", 1)).toBe(1);
  });

  it.each([
    [{ idleTimeoutMs: 0 }, "idleTimeoutMs must be a number"],
    [{ limits: { timeoutMs: -1 } }, "timeoutMs must be a number"],
  ])("there is none with %j", async (options, message) => {
    await start();
    await expect(sessions.open(options)).rejects.toMatchObject({
      code: "USAGE",
      message: expect.stringContaining(message),
    });
  });

  it("a program ends once its sessions are closed, without closing its host", async () => {
    await start();
    const program = `
      import { createHost } from ${JSON.stringify(import.meta.resolve("hostbundle"))};
      const host = await createHost({ cacheFolder: "cache", isolation: "${isolation}" });
      const component = await host.load("session.wasm");
      const [first, second] = [await host.open(component, { idleTimeoutMs: 60_000 }), await host.open(component)];
      const spinning = second.call("spin").catch((error) => error.code);
      console.log(await first.call("add", 1), (await first.close()).status, (await second.close()).status, await spinning);`;
    const options = { cwd: folder, encoding: "utf8", timeout: 20_000 } as const;
    const printed = execFileSync(process.execPath, ["--input-type=module", "-e", program], options);
    expect(printed).toBe("1 ok error CANCELLED\n");
  });
});
