/** What a guest's memory may grow to, on threads and in processes. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "@bytecodealliance/jco-transpile/wasm-tools";
import { beforeAll, describe, expect, test } from "vitest";
import { createHost, type RunLimits, type RunOutcome } from "hostbundle";
import { buildComponent } from "../support/component.ts";
import { hostbundle } from "../support/command-line.ts";
import { temporaryFolder } from "../support/temporary.ts";

const MIB = 1024 ** 2;

/** `fill` grows by so many pages at a time until it is refused; `trap` says what the guest makes of that. */
const GUEST = {
  wit: `package t:hungry; world hungry { export fill: func(step: u32, trap: bool) -> u32; export stop: func(pages: u32); }`,
  wat: `(module
    (memory (export "memory") 2)
    (table 10 funcref)
    (func (export "fill") (param $step i32) (param $trap i32) (result i32)
      (loop $again
        (br_if $again (i32.ne (memory.grow (local.get $step)) (i32.const -1))))
      (if (local.get $trap) (then unreachable))
      (memory.size))
    (func (export "stop") (param i32) (drop (memory.grow (local.get 0))) unreachable))`,
};

const folder = temporaryFolder();
const app = join(folder, "app.wasm");

beforeAll(async () => writeFileSync(app, await buildComponent(GUEST)));

async function run(
  limits: RunLimits,
  name: string,
  args: readonly unknown[],
  options: { readonly isolation?: "thread" | "process" } = {},
): Promise<RunOutcome> {
  await using host = await createHost({
    cacheFolder: join(folder, "cache"),
    concurrency: 1,
    linker: "own",
    limits,
    ...options,
  });
  return await host.run(await host.load(app), { export: name, args });
}

describe.each(["thread", "process"] as const)("in a %s", (isolation) => {
  test("memory.grow gives -1 at the limit", async () => {
    expect(await run({ memoryBytes: MIB }, "fill", [1, false], { isolation })).toMatchObject({ value: 16 });
  });
});

test("a trap at the limit is the limit's, with the figures", async () => {
  expect(await run({ memoryBytes: 2 * MIB }, "fill", [1, true])).toMatchObject({
    status: "error",
    error: {
      code: "MEMORY_LIMIT",
      fault: "guest",
      message: expect.stringMatching(/at its limit, it has 2 MiB of at most 2 MiB: .*unreachable/u),
    },
  });
});

test("a trap near it says that memory may have been refused", async () => {
  const outcome = await run({ memoryBytes: 2 * MIB }, "fill", [7, true]);
  expect(outcome).toMatchObject({
    error: {
      code: "TRAP",
      findings: [{ message: "the guest may have been refused memory: it has 1.88 MiB of at most 2 MiB" }],
    },
  });
});

test("a trap far from it is just a trap", async () => {
  const outcome = await run({ memoryBytes: 8 * MIB }, "stop", [2]);
  expect(outcome).toMatchObject({ error: { code: "TRAP" } });
  expect(outcome).not.toHaveProperty("error.findings");
});

/** Several memories: those of `fill` grow, `fixed` cannot. */
const GROWS = `(memory (export "memory") 1)
  (func (export "fill") (result i32)
    (loop $again (br_if $again (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))) unreachable)
  (func (export "stop") (result i32) unreachable)`;
const EXPORTS = `(func (export "fill") (result u32) (canon lift (core func $x "fill")))
  (func (export "stop") (result u32) (canon lift (core func $x "stop")))`;
const THREE =
  "(core instance $x (instantiate $a)) (core instance (instantiate $b)) (core instance (instantiate $b))";

test.each<[string, string, string, object]>([
  [
    "a memory is full when its share is used up",
    `(core module $a ${GROWS}) (core module $b ${GROWS}) ${THREE}`,
    "fill",
    { code: "MEMORY_LIMIT", message: expect.stringContaining("1 MiB of at most 1 MiB, its share of 3 MiB:") },
  ],
  [
    "the memories of one module that is instantiated several times share too",
    `(core module $a ${GROWS}) (alias outer 0 0 (core module $b)) ${THREE}`,
    "fill",
    { code: "MEMORY_LIMIT", message: expect.stringContaining("1 MiB of at most 1 MiB, its share of 3 MiB:") },
  ],
  [
    "a memory that its module does not let grow says nothing",
    `(core module $a ${GROWS}) (core module $b (memory (export "memory") 20 20)) ${THREE}`,
    "stop",
    { code: "TRAP", message: "the guest trapped: unreachable" },
  ],
])("of several memories, %s", async (_what, text, name, error) => {
  const several = join(folder, "several.wasm");
  writeFileSync(several, await parse(`(component ${text} ${EXPORTS})`));
  await using host = await createHost({
    cacheFolder: join(folder, "cache"),
    concurrency: 1,
    linker: "own",
    limits: { memoryBytes: 3 * MIB },
  });
  const outcome = await host.run(await host.load(several), { export: name, args: [] });
  expect(outcome).toMatchObject({ status: "error", error });
});

test.each<[string, RunLimits, string]>([
  ["memory", { memoryBytes: 65_536 }, "begins with 128 KiB of memory, the limit is 64 KiB"],
  ["a table", { tableElements: 9 }, "begins with tables of 10 elements, the limit is 9"],
])("%s that is too large from the first is refused before anything runs", async (_what, limits, message) => {
  expect(await run(limits, "fill", [1, false])).toMatchObject({
    error: { code: "MEMORY_LIMIT", message: expect.stringContaining(message) },
  });
});

test("jco's modules have the same maxima", async () => {
  await using host = await createHost({
    cacheFolder: join(folder, "cache"),
    linker: "jco",
    limits: { memoryBytes: MIB },
  });
  expect(await host.run(await host.load(app), { export: "fill", args: [1, false] })).toMatchObject({
    value: 16,
  });
});

test("jco's instances of one module share the limit", async () => {
  const several = join(folder, "several-jco.wasm");
  const text = `(core module $a ${GROWS}) (core instance $x (instantiate $a)) (core instance (instantiate $a))`;
  const size = `(core module $s (import "x" "memory" (memory 1)) (func (export "size") (result i32) (memory.grow (i32.const 16)))) (core instance $z (instantiate $s (with "x" (instance $x))))`;
  const lifted = `(func (export "grow") (result s32) (canon lift (core func $z "size")))`;
  writeFileSync(several, await parse(`(component ${text} ${size} ${lifted})`));
  await using host = await createHost({ cacheFolder: join(folder, "cache"), concurrency: 1, linker: "jco" });
  const component = await host.load(several);
  const grow = (memoryBytes: number): Promise<RunOutcome> =>
    host.run(component, { export: "grow", args: [], limits: { memoryBytes } });
  // 16 pages more, for each of the two: not within 2 MiB.
  expect(await grow(2 * MIB)).toMatchObject({ value: -1 });
  expect(await grow(4 * MIB)).toMatchObject({ value: 1 });
});

test("without a word a guest gets a gibibyte", async () => {
  expect(await run({}, "fill", [16_384, false])).toMatchObject({ value: 2 });
  expect(await run({}, "fill", [16_382, false])).toMatchObject({ value: 16_384 });
});

test("runs of one host have limits of their own", async () => {
  await using host = await createHost({ cacheFolder: join(folder, "cache"), concurrency: 1 });
  const component = await host.load(app);
  for (const memoryBytes of [MIB, 2 * MIB, MIB]) {
    const outcome = await host.run(component, { export: "fill", args: [1, false], limits: { memoryBytes } });
    expect(outcome).toMatchObject({ value: memoryBytes / 65_536 });
  }
});

test("on the command line", async () => {
  const args = ["run", "--max-memory", "1MiB", "--invoke"];
  const env = { HOSTBUNDLE_CACHE_DIR: join(folder, "cache"), HOSTBUNDLE_LINKER: "own" };
  expect(await hostbundle([...args, "fill(1, false)", app], { env })).toMatchObject({ stdout: "16\n" });
  const trap = await hostbundle([...args, "fill(1, true)", app], { env });
  expect(trap).toMatchObject({ exitCode: 137, stdout: "" });
  expect(await hostbundle(["run", "--max-memory", "1 MB", app])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining("expected a size such as 64MiB"),
  });
});
