import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { loadImage } from "../../src/main/component/image.ts";
import { ClaimTable } from "../../src/shared/claim-table.ts";
import { RunPool, type RunPoolOptions } from "../../src/main/pool/pool.ts";
import type { Call, ComponentImage, LibraryPlan, RunOutcome, RunRequest } from "../../src/shared/protocol.ts";
import { buildComponent } from "../support/component.ts";
import { compileLibrary, compiler } from "../support/native.ts";
import { temporaryFolder } from "../support/temporary.ts";

const folder = temporaryFolder();

const WIT = `package t:e@1.0.0;
interface lib { bump: func() -> u32; say: func() -> string; }
world w { import lib; export bump: func() -> u32; export say: func() -> string; export caught: func() -> u32;
  export flood: func() -> list<tuple<u64, u64, u64, u64>>; export trap: func(); export ok: func() -> u32; }`;

/** Node 20 has no `try_table`. */
const CATCHES = Number.parseInt(process.versions.node, 10) >= 24;

const CATCHING = `(func (export "caught") (result i32)
    (block $handler
      (try_table (catch_all $handler) (call $say (i32.const 16))))
    (i32.const 1))`;

const WAT = `(module
  (import "t:e/lib@1.0.0" "bump" (func $bump (result i32)))
  (import "t:e/lib@1.0.0" "say" (func $say (param i32)))
  (memory (export "memory") 1 2000)
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
  (func (export "bump") (result i32) (call $bump))
  (func (export "say") (result i32) (call $say (i32.const 16)) (i32.const 16))
  ${CATCHES ? CATCHING : '(func (export "caught") (result i32) unreachable)'}
  ;; Four million tuples of four: more than the JavaScript heap of the thread in that test holds.
  (func (export "flood") (result i32)
    (drop (memory.grow (i32.const 1990)))
    (i32.store (i32.const 16) (i32.const 1024))
    (i32.store (i32.const 20) (i32.const 4000000))
    (i32.const 16))
  (func (export "trap") unreachable)
  (func (export "ok") (result i32) (i32.const 7)))`;

/** Counts in a global; notes in a file, named in its configuration, when it begins and ends. */
const SOURCE = `
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
typedef struct { uint8_t *ptr; size_t len; } string_t;
static uint32_t count;
static char log_path[4096];
static void note(const char *what) {
  FILE *file = fopen(log_path, "a");
  if (file == NULL) return;
  fprintf(file, "%s %u\\n", what, count);
  fclose(file);
}
bool hostbundle_init(const char *config, char **error) {
  (void)error;
  /* The configuration is the path in quotes. */
  snprintf(log_path, sizeof log_path, "%.*s", (int)(strlen(config) - 2), config + 1);
  note("init");
  return true;
}
void hostbundle_deinit(void) { note("deinit"); }
uint32_t t_e_lib_bump(void) { usleep(20000); return __atomic_add_fetch(&count, 1, __ATOMIC_SEQ_CST); }
void t_e_lib_say(string_t *ret) { ret->ptr = malloc(1); ret->ptr[0] = 0xff; ret->len = 1; }
`;

let image: ComponentImage;
const pools: RunPool[] = [];

beforeAll(async () => {
  const path = join(folder, "app.wasm");
  writeFileSync(path, await buildComponent({ wat: WAT, wit: WIT }));
  image = await loadImage(path, { cacheFolder: join(folder, "cache") });
});

afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()));
});

function openPool(concurrency: number, options: Partial<RunPoolOptions> = {}): RunPool {
  const pool = new RunPool({ concurrency, isolation: "thread", ...options });
  pools.push(pool);
  return pool;
}

let libraries = 0;

interface TestLibrary {
  readonly plan: LibraryPlan;
  /** What the library noted so far, in no order. */
  readonly notes: () => readonly string[];
}

function library(options: { readonly threadsafe: boolean }): TestLibrary {
  const name = `lib${libraries++}`;
  const log = join(folder, `${name}.log`);
  const plan: LibraryPlan = {
    bundle: name,
    path: compileLibrary(folder, name, SOURCE),
    declaredIn: "host.toml:3",
    threadsafe: options.threadsafe,
    hasInit: true,
    hasDeinit: true,
    configJson: JSON.stringify(log),
  };
  return {
    plan,
    notes: () =>
      existsSync(log)
        ? readFileSync(log, "utf8")
            .trim()
            .split("\n")
            .toSorted((a, b) => a.localeCompare(b))
        : [],
  };
}

function request(name: string, plan?: LibraryPlan): RunRequest {
  const exported = image.world.exports.find((item) => item.name === name);
  if (exported?.kind !== "function") throw new Error(`no export ${name}`);
  const call: Call = { kind: "export", function: name, type: exported.function.type, args: [] };
  const [lib] = image.world.imports;
  if (lib?.kind !== "interface") throw new Error("no import");
  const functions = lib.interface.functions.map((func) => ({
    name: func.name,
    type: func.type,
    library: 0,
    symbol: `t_e_lib_${func.name}`,
    convention: "import" as const,
  }));
  // Without a library its functions are there, and broken: nobody may call them.
  const imports = [
    plan === undefined
      ? ({ kind: "native-interface", name: lib.name, functions: [] } as const)
      : ({ kind: "native-interface", name: lib.name, functions } as const),
  ];
  return {
    kind: "run",
    image,
    plan: { libraries: plan === undefined ? [] : [plan], resources: [], adapters: [], imports },
    call,
    wasi: { args: [], env: [], directories: [], stdin: new Uint8Array(), output: "capture" },
    limits: {},
    stats: false,
    dumpTrampolines: false,
  };
}

function numbers(outcomes: readonly RunOutcome[]): readonly number[] {
  return outcomes
    .map((outcome) => (outcome.status === "ok" ? Number(outcome.value) : Number.NaN))
    .toSorted((a, b) => a - b);
}

test("a pool that never ran closes, twice, and runs nothing afterwards", async () => {
  const pool = openPool(1);
  await pool.close();
  await pool.close();
  expect(await pool.run(request("ok"))).toMatchObject({ status: "error", error: { code: "CANCELLED" } });
});

describe.skipIf(!compiler.available)(`with a library ${compiler.reason}`, () => {
  test("each thread has globals of its own, and ends them", async () => {
    const { plan, notes } = library({ threadsafe: false });
    const pool = openPool(2);
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => pool.run(request("bump", plan))));
    const values = numbers(outcomes);
    expect(values.slice(0, 2)).toEqual([1, 1]);
    expect(values).not.toContain(8);
    await pool.close();
    const ends = notes().filter((note) => note.startsWith("deinit"));
    expect(notes().filter((note) => note === "init 0")).toHaveLength(2);
    expect(ends).toHaveLength(2);
    expect(ends.reduce((sum, note) => sum + Number(note.split(" ")[1]), 0)).toBe(8);
  });

  test("a threadsafe library is one for all threads, begun and ended once", async () => {
    const { plan, notes } = library({ threadsafe: true });
    for (const round of [1, 2]) {
      const pool = openPool(2);
      const outcomes = await Promise.all(Array.from({ length: 6 }, () => pool.run(request("bump", plan))));
      expect(numbers(outcomes)).toEqual([1, 2, 3, 4, 5, 6].map((value) => value + 6 * (round - 1)));
      await pool.close();
      expect(notes().filter((note) => note.startsWith("init"))).toHaveLength(round);
      expect(notes().filter((note) => note.startsWith("deinit"))).toHaveLength(round);
    }
  });

  test("a second pool does not see the first one's globals", async () => {
    const { plan } = library({ threadsafe: false });
    for (const pool of [openPool(1), openPool(1)]) {
      expect(numbers([await pool.run(request("bump", plan))])).toEqual([1]);
    }
  });

  test("one file under two names is two libraries", async () => {
    const { plan } = library({ threadsafe: true });
    const pool = openPool(1);
    const other = { ...plan, bundle: "other" };
    expect(numbers([await pool.run(request("bump", plan)), await pool.run(request("bump", other))])).toEqual([
      1, 1,
    ]);
    const claims = new ClaimTable();
    expect(claims.claimFor(plan)).toEqual(claims.claimFor(plan));
    expect(claims.claimFor(other)).toEqual({});
  });

  test("a fault of the library ends the run, also where the guest catches it", async () => {
    const { plan } = library({ threadsafe: false });
    const pool = openPool(1);
    for (const name of CATCHES ? ["say", "caught"] : ["say"]) {
      expect(await pool.run(request(name, plan))).toMatchObject({
        status: "error",
        error: { code: "HOST_FAULT", fault: "bundle", bundle: plan.bundle, function: "t:e/lib@1.0.0#say" },
      });
    }
    expect(numbers([await pool.run(request("ok", plan))])).toEqual([7]);
  });

  test("a thread that runs out of heap costs its run and no other", async () => {
    const { plan } = library({ threadsafe: false });
    const pool = openPool(1, { heapLimitMib: 64 });
    const [flood, next] = await Promise.all([
      pool.run(request("flood", plan)),
      pool.run(request("ok", plan)),
    ]);
    expect(flood).toMatchObject({ status: "error", error: { code: "MEMORY_LIMIT", fault: "guest" } });
    expect(flood.status === "error" && flood.error.message).toContain("heap");
    expect(next).toMatchObject({ status: "ok", value: 7 });
    expect(await pool.run(request("trap", plan))).toMatchObject({ error: { code: "TRAP" } });
    expect(await pool.run(request("ok", plan))).toMatchObject({ status: "ok", value: 7 });
  });

  test("runs that have not ended when the pool closes are cancelled", async () => {
    const { plan } = library({ threadsafe: false });
    const pool = openPool(1);
    const runs = Array.from({ length: 20 }, () => pool.run(request("bump", plan)));
    await runs[0];
    await pool.close();
    const outcomes = await Promise.all(runs);
    const codes = new Set(outcomes.map((outcome) => (outcome.status === "ok" ? "ok" : outcome.error.code)));
    expect([...codes].every((code) => code === "ok" || code === "CANCELLED")).toBe(true);
  });

  test("a thread that is ended while it copies a library leaves nothing behind", async () => {
    const temporary = join(folder, "temporary");
    mkdirSync(temporary);
    vi.stubEnv("TMPDIR", temporary);
    const path = compileLibrary(
      folder,
      "slow",
      `#include <unistd.h>
    __attribute__((constructor)) static void wait(void) { usleep(200000); }
    unsigned t_e_lib_bump(void) { return 1; }
    void t_e_lib_say(void *ret) { (void)ret; }`,
    );
    const plan: LibraryPlan = {
      bundle: "slow",
      path,
      declaredIn: "host.toml:3",
      threadsafe: false,
      hasInit: false,
      hasDeinit: false,
      configJson: "{}",
    };
    try {
      // The first in this process needs no copy.
      expect(await openPool(1).run(request("bump", plan))).toMatchObject({ status: "ok", value: 1 });
      const pool = openPool(1);
      const cancel = new AbortController();
      const run = pool.run(request("bump", plan), cancel.signal);
      while (
        readdirSync(temporary, { recursive: true }).every((name) => !String(name).endsWith("libslow.so"))
      )
        await setTimeout(5);
      cancel.abort();
      expect(await run).toMatchObject({ error: { code: "CANCELLED" } });
      await pool.close();
      expect(readdirSync(temporary)).toEqual([]);
    } finally {
      vi.unstubAllEnvs();
    }
  });
});

test("an image that is not there any more is an error of ours, and the thread lives on", async () => {
  const pool = openPool(1);
  const lost = { ...request("ok"), image: { ...image, digest: "gone", folder: join(folder, "gone") } };
  expect(await pool.run(lost)).toMatchObject({ status: "error", error: { code: "INTERNAL" } });
});

test("an import without its library is an error of ours before the guest runs", async () => {
  const pool = openPool(1);
  expect(await pool.run(request("ok"))).toMatchObject({ status: "error", error: { code: "INTERNAL" } });
});

test("threads that cannot start end every run in an error, and none waits for ever", async () => {
  const workerFile = join(folder, "broken.mjs");
  writeFileSync(workerFile, 'import "./missing.mjs";');
  const pool = openPool(2, { workerFile });
  const runs = await Promise.all(Array.from({ length: 5 }, () => pool.run(request("ok"))));
  for (const outcome of [...runs, await pool.run(request("ok"))]) {
    expect(outcome).toMatchObject({ status: "error", error: { code: "INTERNAL" } });
  }
});
