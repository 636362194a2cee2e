/** A library fails during a run in a child process: that run has one outcome, the next one is right, and nothing is left. */
import { beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "../../support/temporary.ts";
import { cxxCompiler } from "../../support/native.ts";
import { FaultsHost, FIVE, isRunnable, skipReason, writeFaults, writeThrowing } from "./harness.ts";
import type { Way } from "./library.ts";
import { children, descriptors } from "./processes.ts";

interface Expected {
  /** What the outcome has among others. */
  readonly outcome: object;
  /** What its error says. */
  readonly says: RegExp;
  readonly timeoutMs?: number;
}

const crash = (members: object, says = /./): Expected => ({
  outcome: {
    status: "error",
    error: { code: "NATIVE_CRASH", fault: "bundle", bundle: "faults", ...members },
  },
  says,
});
const FUNCTION = "t:faults/lib@1.0.0#fail";
const signalled = (signal: string): Expected =>
  crash({ signal, function: FUNCTION }, new RegExp(`crashed \\(${signal}\\) in ${FUNCTION}, \\d+ ms after`));
const exited = (code: number): Expected =>
  crash({ function: FUNCTION }, new RegExp(`ended its process with exit code ${code} in`));
const GARBLED = crash({}, /descriptors that are not its own/);
const TIMEOUT: Expected = {
  outcome: { status: "error", error: { code: "TIMEOUT" } },
  says: /the run took longer than 100 ms/,
  timeoutMs: 100,
};
const FINE: Expected = { outcome: { status: "ok", value: 1 }, says: /./ };

/** What `outside` ends with. */
const OUTSIDE = {
  status: "error",
  error: { code: "TRAP", message: expect.stringContaining("out of bounds") },
};

const CASES: readonly (readonly [Way, Expected])[] = [
  ["segv", signalled("SIGSEGV")],
  ["abort", signalled("SIGABRT")],
  ["exit-0", exited(0)],
  ["exit-3", exited(3)],
  ["_exit", exited(7)],
  ["double-free", crash({ signal: "SIGABRT" }, /double free/)],
  // Whatever the allocator notices first.
  ["heap-corruption", crash({ function: FUNCTION })],
  ["stack-overflow", signalled("SIGSEGV")],
  ["spin", TIMEOUT],
  ["sleep", TIMEOUT],
  ["deadlock", TIMEOUT],
  ["pthread-exit", TIMEOUT],
  ["background-crash", signalled("SIGSEGV")],
  ["fork", FINE],
  ["fork-and-stay", FINE],
  ["close-all", crash({})],
  ["close-channel", GARBLED],
  ["rubbish", GARBLED],
  ["false-frame", GARBLED],
  ["false-length", GARBLED],
  ["kill-self", crash({ signal: "SIGKILL" }, /was killed \(SIGKILL\)/)],
  ["stop-self", TIMEOUT],
  ["chdir", FINE],
  ["block-signals", FINE],
  ["ignore-signals", FINE],
  ["handle-segv", FINE],
  // Where nobody catches it, as here, whoever throws ends the process.
  ["unwind", signalled("SIGABRT")],
  ["rubbish-note", crash({ signal: "SIGABRT" })],
  ["last-words", crash({ signal: "SIGABRT" }, /standard error.*the first word.*the last word/s)],
  ["none", FINE],
];

describe.skipIf(!isRunnable)(`a library fails ${skipReason}`, () => {
  const folder = temporaryFolder();
  let host: FaultsHost;
  let before = 0;

  beforeAll(async () => {
    await writeFaults(folder);
    before = descriptors();
    host = await FaultsHost.open(folder);
  });

  test.each(CASES)("%s", async (way, { outcome, says, timeoutMs }) => {
    const ended = await host.fail(way, timeoutMs === undefined ? {} : { limits: { timeoutMs } });
    expect(ended).toMatchObject(outcome);
    expect(JSON.stringify(ended)).toMatch(says);
    expect(await host.add()).toMatchObject(FIVE);
    // Of what the library did to its process, nothing is left: a guest's trap is found by a signal.
    expect(await host.run("outside")).toMatchObject(OUTSIDE);
    expect(await host.fail("is-as-begun")).toMatchObject(FINE.outcome);
  });

  test("nothing is left behind", async () => {
    await host.host.close();
    expect(children()).toEqual([]);
    expect(descriptors()).toBe(before);
  });
});

describe.skipIf(!isRunnable || !cxxCompiler.available)(
  `a library throws through C ${skipReason}${cxxCompiler.reason}`,
  () => {
    const folder = temporaryFolder();

    beforeAll(() => writeThrowing(folder));

    test.each([
      ["an object", 0, /thrown through C/],
      ["a number", 1, /crashed \(SIGABRT\)/],
    ])("%s", async (_name, way, says) => {
      const host = await FaultsHost.open(folder);
      try {
        const ended = await host.run("fail", [way]);
        expect(ended).toMatchObject(signalled("SIGABRT").outcome);
        expect(JSON.stringify(ended)).toMatch(says);
        expect(await host.add()).toMatchObject(FIVE);
      } finally {
        await host.host.close();
      }
    });
  },
);
