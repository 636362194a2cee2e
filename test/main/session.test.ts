/** A session against a thread that does as the test says: moments that no real thread can be brought to. */
import { EventEmitter, once } from "node:events";
import { setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { SessionThread } from "../../src/main/pool/session.ts";
import { LiveSession, type SessionOptions } from "../../src/main/session.ts";
import type { Call, RunOutcome } from "../../src/shared/protocol.ts";
import type { SessionServer } from "../../src/shared/session.ts";

const CALL: Call = { kind: "export", function: "f", type: { params: [] }, args: [] };
const OK: RunOutcome = { status: "ok", durationMs: 1 };
const CRASH: RunOutcome = {
  status: "error",
  error: { code: "NATIVE_CRASH", fault: "bundle", message: "it crashed", signal: "SIGSEGV" },
  durationMs: 7,
};
const CANCELLED: RunOutcome = {
  status: "error",
  error: { code: "CANCELLED", fault: "user", message: "stopped" },
  durationMs: 3,
};

interface Answer {
  readonly resolve: (outcome: RunOutcome) => void;
  readonly reject: (reason: unknown) => void;
}

class FakeThread implements SessionThread {
  readonly ended: Promise<RunOutcome>;
  end: (outcome: RunOutcome) => void = () => undefined;
  /** Why it was stopped. */
  readonly stops: string[] = [];
  /** What it was asked, in order. */
  readonly asked: (keyof SessionServer)[] = [];
  readonly server: SessionServer;
  readonly #answers: Answer[] = [];

  constructor() {
    this.ended = new Promise((resolve) => {
      this.end = resolve;
    });
    this.server = {
      ready: async () => void (await this.#ask("ready")),
      open: () => this.#ask("open"),
      call: () => this.#ask("call"),
      close: async () => void (await this.#ask("close")),
    };
  }

  stop(message: string): void {
    this.stops.push(message);
    this.end(CANCELLED);
  }

  /** Answers the question that waits longest, and lets that be known. */
  async answer(outcome: RunOutcome = OK): Promise<void> {
    this.#answers.shift()?.resolve(outcome);
    await turn();
  }

  async refuse(reason: unknown): Promise<void> {
    this.#answers.shift()?.reject(reason);
    await turn();
  }

  #ask(name: keyof SessionServer): Promise<RunOutcome> {
    this.asked.push(name);
    return new Promise<RunOutcome>((resolve, reject) => {
      this.#answers.push({ resolve, reject });
    });
  }
}

function session(options: Partial<SessionOptions> = {}): { thread: FakeThread; session: LiveSession } {
  const thread = new FakeThread();
  const rest = { timeoutMs: undefined, idleTimeoutMs: undefined, signal: undefined };
  return {
    thread,
    session: new LiveSession(thread, { ...rest, resolveCall: () => Promise.resolve(CALL), ...options }),
  };
}

async function opened(
  options: Partial<SessionOptions> = {},
): Promise<{ thread: FakeThread; session: LiveSession }> {
  const made = session(options);
  const opening = made.session.open();
  await made.thread.answer();
  await made.thread.answer();
  await opening;
  return made;
}

/** What a promise is rejected with; waited for at once, so that nothing is left unhandled. */
function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
}

afterEach(() => {
  vi.useRealTimers();
});

describe("while it is opened", () => {
  test.each([
    ["before it was asked", async () => turn()],
    ["when it is ready", async (thread: FakeThread) => thread.answer()],
  ])("%s, what closes it stops its thread, and asks nothing of an instance", async (_name, reach) => {
    const { thread, session: one } = session();
    const refused = rejection(one.open());
    await reach(thread);
    expect(await one.end("closed")).toMatchObject({ status: "error", error: { message: "closed" } });
    expect(await refused).toMatchObject({ code: "CANCELLED", message: "closed" });
    expect(thread.stops).toEqual(["closed"]);
    expect(thread.asked).not.toContain("close");
  });

  test("a thread that cannot serve is stopped", async () => {
    const { thread, session: one } = session();
    const refused = rejection(one.open());
    await thread.refuse(new Error("no port"));
    expect(await refused).toMatchObject({
      code: "INTERNAL",
      message: "the thread of the session cannot answer: Error: no port",
    });
    expect(thread.stops).toHaveLength(1);
  });

  test("a thread that ends without a word is what it ended with", async () => {
    const { thread, session: one } = session();
    const refused = rejection(one.open());
    thread.end(CRASH);
    expect(await refused).toMatchObject({ code: "NATIVE_CRASH", message: "it crashed" });
  });

  test("its time begins when there is a place for it", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { thread, session: one } = session({ timeoutMs: 100 });
    const refused = rejection(one.open());
    vi.advanceTimersByTime(1000);
    await thread.answer();
    expect(thread.stops).toEqual([]);
    vi.advanceTimersByTime(101);
    expect(await refused).toMatchObject({
      code: "TIMEOUT",
      message: "making the instance took longer than 100 ms",
    });
    expect(thread.stops).toHaveLength(1);
  });
});

describe("once it is open", () => {
  test("one call at a time is with the thread", async () => {
    const { thread, session: one } = await opened();
    const calls = [one.run({ export: "f" }), one.run({ export: "f" })];
    await turn();
    expect(thread.asked.filter((name) => name === "call")).toHaveLength(1);
    await thread.answer({ ...OK, value: 1 });
    await thread.answer({ ...OK, value: 2 });
    expect(await Promise.all(calls)).toMatchObject([{ value: 1 }, { value: 2 }]);
  });

  test("a crash answers the call that was made and those that wait, and the thread is asked no more", async () => {
    const { thread, session: one } = await opened();
    const calls = [one.run({ export: "f" }), one.run({ export: "f" })];
    await turn();
    thread.end(CRASH);
    expect(await Promise.all(calls)).toMatchObject([
      CRASH,
      {
        status: "error",
        error: { code: "NATIVE_CRASH", signal: "SIGSEGV", message: "the session is over: it crashed" },
      },
    ]);
    expect(one.failure).toEqual("error" in CRASH ? CRASH.error : undefined);
    expect(await one.close()).toEqual(CRASH);
    expect(thread.asked.filter((name) => name === "call")).toHaveLength(1);
    expect(thread.stops).toEqual([]);
  });

  test("an answer that no message can hold ends it", async () => {
    const { thread, session: one } = await opened();
    const call = one.run({ export: "f" });
    await turn();
    await thread.refuse(new TypeError("Unserializable return value"));
    expect(await call).toMatchObject({ error: { code: "INTERNAL" } });
    expect(one.failure).toMatchObject({ code: "INTERNAL" });
  });

  test("arguments that take long to read don't lose their turn", async () => {
    const reading = new EventEmitter();
    const slow = once(reading, "read").then(() => CALL);
    const { thread, session: one } = await opened({
      resolveCall: ({ export: name }) => (name === "slow" ? slow : Promise.resolve(CALL)),
    });
    const calls = [one.run({ export: "slow" }), one.run({ export: "f" })];
    await turn();
    expect(thread.asked).not.toContain("call");
    reading.emit("error", new Error("no such function"));
    await expect(calls[0]).rejects.toThrow("no such function");
    await turn();
    await thread.answer({ ...OK, value: 2 });
    expect(await calls[1]).toMatchObject({ value: 2 });
  });

  test("the end of an instance has its time", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { thread, session: one } = await opened();
    const ended = { ...OK, stdout: "bye" };
    const closing = one.close();
    thread.end(ended);
    expect(await closing).toEqual(ended);

    const slow = await opened();
    const late = slow.session.close();
    vi.advanceTimersByTime(2000);
    expect(await late).toMatchObject({
      error: { code: "TIMEOUT", message: "ending the instance took longer than 2000 ms" },
    });
    expect(slow.thread.stops).toHaveLength(1);
  });

  test("an idle time begins anew with each call, and stands still during one", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { thread, session: one } = await opened({ idleTimeoutMs: 100 });
    vi.advanceTimersByTime(99);
    const call = one.run({ export: "f" });
    await turn();
    vi.advanceTimersByTime(1000);
    expect(one.failure).toBeUndefined();
    await thread.answer();
    await call;
    vi.advanceTimersByTime(99);
    expect(one.failure).toBeUndefined();
    vi.advanceTimersByTime(1);
    expect(one.failure?.message).toBe("the session was closed after 100 ms without a call");
    thread.end(OK);
    await turn();
    expect(vi.getTimerCount()).toBe(0);
  });

  test("calls leave nothing behind", async () => {
    setFlagsFromString("--expose-gc");
    const collect: unknown = runInNewContext("gc");
    if (typeof collect !== "function") throw new Error("no gc");
    const { signal } = new AbortController();
    const { thread, session: one } = await opened({ timeoutMs: 10_000, idleTimeoutMs: 10_000, signal });
    const kept: WeakRef<RunOutcome>[] = [];
    for (let index = 0; index < 100; index += 1) {
      const call = one.run({ export: "f", signal });
      await turn();
      await thread.answer({ ...OK });
      kept.push(new WeakRef(await call));
    }
    await turn();
    collect();
    // The last may still lie on a stack.
    expect(kept.filter((outcome) => outcome.deref() !== undefined).length).toBeLessThan(5);
    thread.end(OK);
  });
});
