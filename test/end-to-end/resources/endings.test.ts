/** However a run ends, every rep that the library made ends once: by the host, or by the library that it was given to. */
import { dirname, join } from "node:path";
import type { Component } from "hostbundle";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hostbundle } from "../../support/command-line.ts";
import { compiler } from "../../support/native.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { hasEngineFeature } from "../../support/wast/engine-features.ts";
import { STREAMS } from "../guests.ts";
import { ENDINGS_C, ENDINGS_WIT } from "./endings-library.ts";
import { ENDINGS, ENDINGS_WAT, IN_REALLOC } from "./endings.ts";
import { buildGuest } from "./guest.ts";
import { Stage } from "./harness.ts";

const world = (exports: readonly string[]): string => `world guest {
  import store;
  import wasi:cli/exit@0.2.0;
  import wasi:cli/stdout@0.2.0;
  ${exports.map((text) => `export ${text};`).join("\n  ")}
}
package wasi:cli@0.2.0 {
  interface exit { exit-with-code: func(status-code: u8); }
  interface stdout { use wasi:io/streams@0.2.0.{output-stream}; get-stdout: func() -> output-stream; }
}
${STREAMS}`;

const MAIN = {
  wit:
    ENDINGS_WIT +
    world([
      ...ENDINGS.map((_, index) => `ending${index}: func()`),
      "text: func(flaw: u32) -> string",
      "silent: func()",
    ]),
  wat: `${ENDINGS_WAT}
    ${ENDINGS.map(({ wat }, index) => `(func (export "ending${index}") (local $a i32) ${wat})`).join("\n    ")}
    ;; Flaw 1: the result is no UTF-8. 2: what is called after that traps. 3: it drops.
    (global $flaw (mut i32) (i32.const 0))
    (func (export "text") (param i32) (result i32)
      (call $store.items (i32.const 2) (i32.const 64))
      (global.set $flaw (local.get 0))
      (i32.store (i32.const 0) (i32.const 1024))
      (i32.store (i32.const 4) (i32.eq (local.get 0) (i32.const 1)))
      (i32.const 0))
    (func (export "cabi_post_text") (param i32)
      (if (i32.eq (global.get $flaw) (i32.const 2)) (then unreachable))
      (if (i32.eq (global.get $flaw) (i32.const 3)) (then (call $store.item.drop (i32.const 1)))))
    (func (export "silent") (drop (call $store.silent.new)) (call $store.silent.drop (call $store.silent.new)))`,
  inRealloc: IN_REALLOC,
};

/** Guests that make items while they are instantiated. */
const starting = (more: string): { readonly wit: string; readonly wat: string } => ({
  wit: ENDINGS_WIT + world(["run: func()"]),
  wat: `(func $start (drop (call $store.item.new (i32.const 1))) (drop (call $store.item.new (i32.const 2))) ${more})
    (start $start)
    (func (export "run") (drop (call $store.item.new (i32.const 3))))`,
});

describe.skipIf(!compiler.available)(`reps at the end of a run ${compiler.reason}`, () => {
  let stage: Stage;
  let component: Component;
  beforeAll(async () => {
    stage = await Stage.open(join(temporaryFolder(), "endings"), { wit: ENDINGS_WIT, c: ENDINGS_C });
    component = await stage.load("main", await buildGuest({ ...MAIN, world: "guest" }));
  });
  afterAll(() => stage[Symbol.asyncDispose]());

  it.each([...ENDINGS.entries()].map(([index, row]) => [row.name, index, row] as const))(
    "%s",
    async (_name, index, { code, made, consumed = 0, calls = 0 }) => {
      const { outcome, census } = await stage.run(component, { export: `ending${index}` });
      expect(outcome).toMatchObject(
        code === undefined ? { status: "ok" } : { status: "error", error: { code } },
      );
      expect(census).toEqual({ made, consumed, dropped: made - consumed, violations: 0, calls });
    },
  );

  it.each([
    ["a result that is lifted", 0, { status: "ok" }],
    ["a result of the guest that is no UTF-8", 1, { error: { code: "TRAP" } }],
    ["a trap after the result was lifted", 2, { error: { code: "TRAP" } }],
    ["a drop after the result was lifted", 3, { error: { code: "TRAP" } }],
  ])("%s", async (_name, flaw, expected) => {
    const { outcome, census } = await stage.run(component, { export: "text", args: [flaw] });
    expect(outcome).toMatchObject(expected);
    expect(census).toEqual({ made: 2, consumed: 0, dropped: 2, violations: 0, calls: 1 });
  });

  it("a resource that the library cannot end is left alone", async () => {
    const { outcome, census } = await stage.run(component, { export: "silent" });
    expect(outcome).toMatchObject({ status: "ok" });
    expect(census).toEqual({ made: 2, consumed: 0, dropped: 0, violations: 0, calls: 0 });
  });

  it.each([
    ["a start function that makes some", "", { status: "ok" }, 3],
    ["a start function that traps", "unreachable", { error: { code: "TRAP" } }, 2],
    [
      "a start function that uses what is none",
      "(call $store.item.drop (i32.const 9))",
      { error: { code: "TRAP" } },
      2,
    ],
    [
      "a start function that exits",
      "(call $exit.exit-with-code (i32.const 3))",
      { error: { code: "GUEST_EXIT" } },
      2,
    ],
  ])("%s", async (name, more, expected, made) => {
    const guest = await stage.load(name, await buildGuest({ ...starting(more), world: "guest" }));
    const { outcome, census } = await stage.run(guest, { export: "run" });
    expect(outcome).toMatchObject(expected);
    expect(census).toEqual({ made, consumed: 0, dropped: made, violations: 0, calls: 0 });
  });

  it.each([
    ["returns and leaves all", 0, 3],
    ["unreachable", 134, 3],
    ["exits with 7", 7, 3],
    ["a letter that is no char", 3, 5],
  ])("on the command line: %s", async (row, exitCode, made) => {
    const invoke = `ending${ENDINGS.findIndex(({ name }) => name === row)}()`;
    const counted = ["--library-dir", dirname(stage.bundle)];
    const args = ["run", "--host-bundle", stage.bundle, ...counted, "--invoke", invoke, component.path];
    const env = { HOSTBUNDLE_CACHE_DIR: join(stage.bundle, "../cache"), HOSTBUNDLE_LINKER: "own" };
    const { outcome, census } = await stage.counted(() => hostbundle(args, { env }));
    expect(outcome.exitCode).toBe(exitCode);
    expect(census).toMatchObject({ made, dropped: made, violations: 0 });
  });

  // A `catch_all` gets what our imports throw; the run ends as it would have.
  it.runIf(hasEngineFeature("exception-handling")).each([
    ["a handle that is none", "(call $store.item.drop (i32.const 9))", "TRAP", 0],
    [
      "arguments behind an owned one",
      "(call $store.send ITEM (i32.const 1024) (i32.const 2) ITEM)",
      "TRAP",
      2,
    ],
    ["arguments behind a lent one", "(drop (call $store.swap ITEM ITEM (i32.const 9)))", "TRAP", 2],
    ["a result of the library", "(call $store.give-parcel (i32.const 1) (i32.const 64))", "HOST_FAULT", 5],
  ])("a guest that catches the failure and goes on: %s", async (name, failing, code, made) => {
    const item = "(call $store.item.new (i32.const 1))";
    const wat = `
      (data (i32.const 1024) "\\c0\\80")
      (func $failing (block $caught (try_table (catch_all $caught) ${failing.replaceAll("ITEM", item)})))
      (func (export "run")
        (call $failing)
        (block $caught (try_table (catch_all $caught) (call $store.take ${item})))
        (block $caught (try_table (catch_all $caught) (drop (call $store.echo ${item})))))`;
    const guest = await stage.load(
      name,
      await buildGuest({ wit: ENDINGS_WIT + world(["run: func()"]), wat, world: "guest" }),
    );
    const { outcome, census } = await stage.run(guest, { export: "run" });
    expect(outcome).toMatchObject({ status: "error", error: { code } });
    // It goes on alone: nothing of ours answers any more.
    expect(census).toMatchObject({ made, consumed: 0, dropped: made, violations: 0 });
  });

  it("the same host goes on after all of that", async () => {
    const { outcome, census } = await stage.run(component, { export: "ending0" });
    expect(outcome).toMatchObject({ status: "ok" });
    expect(census).toEqual({ made: 3, consumed: 0, dropped: 3, violations: 0, calls: 0 });
  });
});
