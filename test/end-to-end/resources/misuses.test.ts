/** Handles that are wrong: the guest traps, the library is not called, and every rep is dropped all the same. */
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Component } from "hostbundle";
import { compiler } from "../../support/native.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { STREAMS } from "../guests.ts";
import { buildGuest } from "./guest.ts";
import { Stage } from "./harness.ts";
import { MISUSE_C, MISUSE_WIT } from "./misuse-library.ts";
import { HONEST, IN_REALLOC, MISUSES } from "./misuses.ts";

const HIGHEST_GUESS = 100;

const WORLD = `world guest {
  import store;
  import elsewhere;
  import wasi:io/streams@0.2.0;
  import wasi:cli/stdin@0.2.0;
  export honest: func();
  /// Makes items 1 and 3 and an other 2, and looks at a handle.
  export guess: func(handle: u32) -> u32;
  /// Makes an item and says its handle.
  export leave: func() -> u32;
  /// Looks at a handle that it was told.
  export told: func(handle: u32) -> u32;
  ${MISUSES.map((_, index) => `export misuse${index}: func();`).join("\n  ")}
}
package wasi:cli@0.2.0 {
  interface stdin { use wasi:io/streams@0.2.0.{input-stream}; get-stdin: func() -> input-stream; }
}
${STREAMS}`;

const exported = (name: string, body: string): string =>
  `(func (export "${name}") (local $a i32) (local $b i32) (local $c i32) ${body})`;

const WAT = `(global $act (mut i32) (i32.const 0))
  ${exported("honest", HONEST)}
  ${MISUSES.map(({ wat }, index) => exported(`misuse${index}`, wat)).join("\n  ")}
  (func (export "guess") (param i32) (result i32)
    (drop (call $store.item.new (i32.const 1001)))
    (drop (call $store.other.new (i32.const 1002)))
    (drop (call $store.item.new (i32.const 1003)))
    (call $store.look (local.get 0)))
  (func (export "leave") (result i32) (call $store.item.new (i32.const 1)))
  (func (export "told") (param i32) (result i32) (call $store.look (local.get 0)))`;

describe.skipIf(!compiler.available)(`misuse of handles ${compiler.reason}`, () => {
  let stage: Stage;
  let component: Component;
  beforeAll(async () => {
    stage = await Stage.open(join(temporaryFolder(), "misuse"), { wit: MISUSE_WIT, c: MISUSE_C });
    const wit = MISUSE_WIT + WORLD;
    component = await stage.load(
      "guest",
      await buildGuest({ wit, world: "guest", wat: WAT, inRealloc: IN_REALLOC }),
    );
  });
  afterAll(() => stage[Symbol.asyncDispose]());

  it("is no use: an honest guest", async () => {
    const { outcome, census } = await stage.run(component, { export: "honest" });
    expect(outcome).toMatchObject({ status: "ok" });
    expect(census).toEqual({ made: 30, consumed: 27, dropped: 3, violations: 0, calls: 23 });
  });

  it.each([...MISUSES.entries()].map(([index, row]) => [row.name, index, row] as const))(
    "%s",
    async (_name, index, { message, calls = 0, consumed = 0 }) => {
      const { outcome, census } = await stage.run(component, { export: `misuse${index}` });
      expect(outcome).toMatchObject({
        status: "error",
        error: { code: "TRAP", fault: "guest", message: expect.stringMatching(message) },
      });
      expect(census).toMatchObject({ calls, consumed, violations: 0 });
      expect(census.dropped + census.consumed).toBe(census.made);
    },
  );

  it("only a handle that the guest was given opens anything", async () => {
    const opened = new Map<number, unknown>();
    for (let handle = 0; handle <= HIGHEST_GUESS; handle += 1) {
      const { outcome, census } = await stage.run(component, { export: "guess", args: [handle] });
      const isOpened = outcome.status === "ok";
      if (isOpened) opened.set(handle, outcome.value);
      expect(outcome).toMatchObject(isOpened ? {} : { error: { code: "TRAP", fault: "guest" } });
      expect(census).toMatchObject({
        made: 3,
        dropped: 3,
        violations: 0,
        calls: isOpened ? 1 : 0,
      });
    }
    expect([...opened]).toEqual([
      [1, 1001],
      [3, 1003],
    ]);
  });

  it("a handle of one run is nothing to the next", async () => {
    const first = await stage.run(component, { export: "leave" });
    expect(first).toMatchObject({ outcome: { status: "ok", value: 1 }, census: { made: 1, dropped: 1 } });
    const second = await stage.run(component, { export: "told", args: [1] });
    expect(second).toMatchObject({
      outcome: { status: "error", error: { code: "TRAP" } },
      census: { calls: 0 },
    });
  });
});
