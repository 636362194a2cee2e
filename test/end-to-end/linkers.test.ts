import { parse } from "@bytecodealliance/jco-transpile/wasm-tools";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { createHost } from "../../src/main/index.ts";
import { hostbundle } from "../support/command-line.ts";
import { temporaryFolder } from "../support/temporary.ts";

/** Calls an async function between its parts in `wait`, and nothing of the kind in `seven`. */
const PARTLY_ASYNC = `(component
  (component $inner
    (core module $m
      (import "" "return" (func $return (param i32)))
      (func (export "f") (result i32) (call $return (i32.const 42)) (i32.const 0))
      (func (export "callback") (param i32 i32 i32) (result i32) unreachable))
    (core func $return (canon task.return (result u32)))
    (core instance $i (instantiate $m (with "" (instance (export "return" (func $return))))))
    (func (export "f") async (result u32)
      (canon lift (core func $i "f") async (callback (core func $i "callback")))))
  (instance $inner (instantiate $inner))
  (core func $f (canon lower (func $inner "f")))
  (core module $m
    (import "" "f" (func $f (result i32)))
    (func (export "wait") (result i32) (call $f))
    (func (export "seven") (result i32) (i32.const 7)))
  (core instance $i (instantiate $m (with "" (instance (export "f" (func $f))))))
  (func (export "wait") (result u32) (canon lift (core func $i "wait")))
  (func (export "seven") (result u32) (canon lift (core func $i "seven"))))`;

const PLAIN = `(component
  (core module $m (func (export "seven") (result i32) (i32.const 7)))
  (core instance $i (instantiate $m))
  (func (export "seven") (result u32) (canon lift (core func $i "seven"))))`;

/** Whether this Node can run what jco prints for components with async parts. */
const CAN_SUSPEND = "Suspending" in WebAssembly;

const folder = temporaryFolder();
const partlyAsync = join(folder, "async.wasm");
const plain = join(folder, "plain.wasm");
const env = { HOSTBUNDLE_CACHE_DIR: join(folder, "cache") };

beforeAll(async () => {
  writeFileSync(partlyAsync, await parse(PARTLY_ASYNC));
  writeFileSync(plain, await parse(PLAIN));
});

function seven(component: string, linker: string): ReturnType<typeof hostbundle> {
  return hostbundle(["run", "--invoke", "seven()", component], {
    env: { ...env, HOSTBUNDLE_LINKER: linker },
  });
}

describe("the linker", () => {
  test.each([
    ["auto", plain],
    ["own", plain],
    ["jco", plain],
  ])("%s runs a component without async", async (linker, component) => {
    expect(await seven(component, linker)).toMatchObject({ exitCode: 0, stdout: "7\n", stderr: "" });
  });

  test.runIf(CAN_SUSPEND).each(["auto", "jco"])(
    "%s runs the rest of a component with async parts",
    async (linker) => {
      expect(await seven(partlyAsync, linker)).toMatchObject({ exitCode: 0, stdout: "7\n", stderr: "" });
    },
  );

  test.skipIf(CAN_SUSPEND)("says that this Node cannot run a component with async parts", async () => {
    const { exitCode, stderr } = await seven(partlyAsync, "auto");
    expect(exitCode).toBe(2);
    expect(stderr).toContain("Node lacks WebAssembly.Suspending");
  });

  test("own says why it does not take a component", async () => {
    const { exitCode, stderr } = await seven(partlyAsync, "own");
    expect(exitCode).toBe(2);
    expect(stderr).toContain("it calls an async function");
    expect(stderr).toContain("help: let hostbundle choose the linker");
  });

  test("must be one that there is", async () => {
    const { exitCode, stderr } = await seven(plain, "wasmtime");
    expect(exitCode).toBe(2);
    expect(stderr).toContain('HOSTBUNDLE_LINKER is "wasmtime"');
  });

  test.each([
    [plain, "linked by hostbundle"],
    [partlyAsync, "linked by jco: it calls an async function"],
  ])("of %s is told by inspect", async (component, line) => {
    const { stdout } = await hostbundle(["inspect", component], { env });
    expect(stdout.split("\n")).toContain(line);
  });
});

test.runIf(CAN_SUSPEND)(
  "a run that waits for ever under jco ends in a trap, and the next one runs",
  async () => {
    await using host = await createHost({
      cacheFolder: env.HOSTBUNDLE_CACHE_DIR,
      concurrency: 1,
      linker: "auto",
    });
    const component = await host.load(partlyAsync);
    expect(await host.run(component, { export: "wait" })).toMatchObject({
      status: "error",
      error: { code: "TRAP", fault: "guest" },
    });
    expect(await host.run(component, { export: "seven" })).toMatchObject({ status: "ok", value: 7 });
  },
);
