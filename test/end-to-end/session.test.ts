/** What a session does: the same from the outside wherever the instance lives, and whoever links it. */
import type { RunOutcome } from "hostbundle";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "../support/temporary.ts";
import { failed, over, Sessions, spin, writeGuests } from "./session-harness.ts";

const folder = temporaryFolder();

beforeAll(() => writeGuests(folder));

const MODES = [
  ["thread", "own"],
  ["process", "own"],
  ["thread", "jco"],
  ["process", "jco"],
] as const;

describe.each(MODES)("a session on a %s, linked by %s", (isolation, linker) => {
  let sessions: Sessions;

  beforeAll(async () => {
    sessions = await Sessions.start(folder, { isolation, linker });
  });
  afterAll(() => sessions[Symbol.asyncDispose]());

  it("is one instance, and values go both ways", async () => {
    const session = await sessions.open();
    expect(await session.call("add", 3)).toBe(3);
    expect(await session.call("add", 4)).toBe(7);
    expect(await session.call("echo", "hällo 🌍")).toBe("hällo 🌍");
    const points = [
      { x: -1, name: "a" },
      { x: 2 ** 31 - 1, name: "" },
    ];
    expect(await session.call("echo-all", points)).toEqual(points);
    expect(await session.call("check", 9)).toEqual({ ok: 9 });
    expect(await session.call("check", 10)).toEqual({ err: 10 });
    expect(await session.call("say", "")).toBeUndefined();
    expect(await session.run({ invoke: "add(-7)" })).toMatchObject({ status: "ok", value: 0 });
    expect(session.failure).toBeUndefined();
    expect(await session.close()).toMatchObject({ status: "ok", stdout: "", stderr: "" });
  });

  it("shares nothing with another, nor with runs", async () => {
    const [first, second] = [await sessions.open(), await sessions.open()];
    expect([await first.call("add", 1), await second.call("add", 2), await first.call("add", 4)]).toEqual([
      1, 2, 5,
    ]);
    const component = await sessions.load();
    expect(await sessions.host.run(component, { invoke: "add(8)" })).toMatchObject({ value: 8 });
    await first.close();
    expect(await second.call("add", 2)).toBe(4);
    await second.close();
  });

  it("does what it is asked in that order", async () => {
    const session = await sessions.open();
    const sums = await Promise.all(Array.from({ length: 50 }, () => session.call("add", 1)));
    expect(sums).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
    await session.close();
  });

  it("survives what its caller does wrong", async () => {
    const session = await sessions.open();
    const before = session.call("add", 1);
    const wrong = [session.call("ad", 1), session.call("add", "one"), session.call("add", 1, 2)];
    const after = session.call("add", 1);
    for (const call of wrong) await expect(call).rejects.toMatchObject({ code: "ARGUMENT_INVALID" });
    await expect(session.run({ export: "add", args: [1], timeoutMs: 0 })).rejects.toMatchObject({
      code: "USAGE",
    });
    // No command.
    await expect(session.run()).rejects.toMatchObject({ code: "USAGE" });
    expect([await before, await after]).toEqual([1, 2]);
    expect(session.failure).toBeUndefined();
    await session.close();
  });

  it("gives with each call what the guest wrote during it", async () => {
    const session = await sessions.open({ limits: { outputBytes: 10 } });
    const said: RunOutcome[] = [];
    for (const text of ["one", "", "0123456789", "two"])
      said.push(await session.run({ export: "say", args: [text] }));
    expect(said.map(({ stdout }) => stdout)).toEqual(["one", "", "0123456789", "two"]);
    // The limit is each call's.
    const outcome = await session.run({ export: "say", args: ["0123456789x"] });
    expect(outcome).toMatchObject(failed("OUTPUT_LIMIT", /^the guest wrote more than/));
    expect(session.failure).toMatchObject({ code: "OUTPUT_LIMIT" });
  });

  it("has its memory limit as a whole", async () => {
    const session = await sessions.open({ limits: { memoryBytes: 4 * 65_536 } });
    // One page from the start, four at most.
    expect([
      await session.call("grow", 2),
      await session.call("grow", 2),
      await session.call("grow", 1),
    ]).toEqual([1, -1, 3]);
    await session.close();
  });

  it.each([
    ["trap", [], "TRAP", /^the guest trapped/],
    ["overflow", [], "TRAP", /^the guest trapped/],
    ["quit", [0], "GUEST_EXIT", /^the guest exited with code 0$/],
    ["quit", [3], "GUEST_EXIT", /^the guest exited with code 3$/],
  ] as const)("%s(%j) is its end, and that of what waits", async (name, args, code, message) => {
    const session = await sessions.open();
    await session.call("add", 1);
    await session.call("say", "heard");
    const last = session.run({ export: name, args });
    const waiting = session.run({ export: "add", args: [1] });
    expect(await last).toMatchObject({ ...failed(code, message), stdout: "" });
    const why = session.failure?.message ?? "";
    expect(await waiting).toMatchObject(over(code, why));
    await expect(session.call("add", 1)).rejects.toMatchObject({ code });
    expect(session.failure).toMatchObject({ code, ...(code === "GUEST_EXIT" ? { exitCode: args[0] } : {}) });
    expect(await session.close()).toMatchObject(failed(code, why));
    const next = await sessions.open();
    expect(await next.call("add", 1)).toBe(1);
    await next.close();
  });

  it.each([
    ["of the session", { limits: { timeoutMs: 80 } }, {}],
    ["of the call", { limits: { timeoutMs: 60_000 } }, { timeoutMs: 80 }],
  ])("the deadline %s ends it", async (_name, options, callOptions) => {
    const session = await sessions.open(options);
    const spinning = await spin(session, callOptions);
    const waiting = session.run({ export: "add", args: [1] });
    const outcome = await spinning.ended;
    const message = "the call took longer than 80 ms";
    expect(outcome).toMatchObject(failed("TIMEOUT", message));
    expect(outcome.durationMs).toBeGreaterThanOrEqual(79);
    expect(await waiting).toMatchObject(over("TIMEOUT", message));
    expect(await session.close()).toMatchObject(failed("TIMEOUT", message));
    const next = await sessions.open();
    expect(await next.call("add", 1)).toBe(1);
    await next.close();
  });
});
