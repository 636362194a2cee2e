/** Resources and libraries over the calls of a session: what the guest holds lives as long as its instance, and ends once. */
import { join } from "node:path";
import type { Component, Session } from "hostbundle";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compiler } from "../../support/native.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { ENDINGS_C, ENDINGS_WIT } from "./endings-library.ts";
import { buildGuest } from "./guest.ts";
import { Stage } from "./harness.ts";

const GUEST = {
  world: "guest",
  wit: `${ENDINGS_WIT}world guest {
    import store;
    export keep: func(count: u32);
    export drop-handle: func(handle: u32);
    export take-handle: func(handle: u32);
    export trap: func();
    export mine: func(value: own-item) -> own-item;
    use store.{item as own-item};
  }`,
  wat: `
    (func (export "keep") (param i32) (call $store.items (local.get 0) (i32.const 64)))
    (func (export "drop-handle") (param i32) (call $store.item.drop (local.get 0)))
    (func (export "take-handle") (param i32) (call $store.take (local.get 0)))
    (func (export "mine") (param i32) (result i32) (local.get 0))
    (func (export "trap") unreachable)`,
};

/** As far as a `count` says. */
const NONE = { made: 0, dropped: 0, consumed: 0, violations: 0 };

describe.skipIf(!compiler.available).each(["thread", "process"] as const)(
  `resources in a session on a %s ${compiler.reason}`,
  (isolation) => {
    let stage: Stage;
    let component: Component;
    beforeAll(async () => {
      const library = { wit: ENDINGS_WIT, c: ENDINGS_C };
      stage = await Stage.open(join(temporaryFolder(), "sessions"), library, { isolation });
      component = await stage.load("main", await buildGuest(GUEST));
    });
    afterAll(() => stage[Symbol.asyncDispose]());

    const open = (): Promise<Session> => stage.session(component, { stats: true });

    it("live from call to call, and end once: by the guest, by the library, or with the session", async () => {
      const session = await open();
      const count = async (name: string, ...args: readonly unknown[]): Promise<object> =>
        (await stage.counted(() => session.call(name, ...args))).census;
      expect(await count("keep", 3)).toMatchObject({ ...NONE, made: 3 });
      expect(await count("keep", 2)).toMatchObject({ ...NONE, made: 2 });
      expect(await count("drop-handle", 2)).toMatchObject({ ...NONE, dropped: 1 });
      expect(await count("take-handle", 4)).toMatchObject({ ...NONE, consumed: 1 });
      const closed = await stage.counted(() => session.close());
      expect(closed.outcome).toMatchObject({ status: "ok" });
      expect(closed.census).toMatchObject({ ...NONE, dropped: 3 });
      expect((await stage.counted(() => session.close())).census).toMatchObject(NONE);
    });

    it("end with a trap, and not once more when the session is closed", async () => {
      const session = await open();
      await session.call("keep", 3);
      const { outcome, census } = await stage.counted(() =>
        session.run({ export: "drop-handle", args: [9] }),
      );
      expect(outcome).toMatchObject({ status: "error", error: { code: "TRAP" } });
      expect(census).toMatchObject({ ...NONE, dropped: 3 });
      expect((await stage.counted(() => session.close())).census).toMatchObject(NONE);
    });

    it("no handle crosses", async () => {
      const session = await open();
      await expect(session.call("mine", 1)).rejects.toMatchObject({
        code: "ARGUMENT_INVALID",
        message: "mine deals in resources and cannot be called from outside",
      });
      expect(session.failure).toBeUndefined();
      await session.close();
    });

    it("accounts of imports are those since the session was opened", async () => {
      const session = await open();
      const calls = async (): Promise<number | undefined> => {
        const { stats } = await session.run({ export: "keep", args: [1] });
        return stats?.find(({ function: name }) => name === "test:endings/store#items")?.calls;
      };
      expect([await calls(), await calls(), await calls()]).toEqual([1, 2, 3]);
      const { stats } = await session.close();
      expect(stats?.find(({ function: name }) => name.endsWith("#items"))?.calls).toBe(3);
    });
  },
);
