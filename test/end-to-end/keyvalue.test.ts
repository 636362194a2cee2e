/** The adapter of key-value stores behind components, and one that a bundle brings, as the guide says. */
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import { createHost } from "hostbundle";
import { hostbundle } from "../support/command-line.ts";
import { buildComponent } from "../support/component.ts";
import { copyExamples } from "../support/examples.ts";
import { temporaryFolder } from "../support/temporary.ts";

const folder = temporaryFolder();
const examples = copyExamples();
const env = { HOSTBUNDLE_CACHE_DIR: join(folder, "cache"), HOSTBUNDLE_LINKER: "own" };

function bundle(name: string, config = ""): string {
  const path = join(folder, name);
  mkdirSync(path);
  writeFileSync(
    join(path, "host.toml"),
    `[host]\nname = "${name}"\nadapter = "keyvalue"\n[host.config]\n${config}\n`,
  );
  return path;
}

const run = (path: string, call: string, app = "guests/keyvalue/app.wasm", ...more: string[]) =>
  hostbundle(["run", ...more, "--host-bundle", path, "--invoke", call, app], { cwd: examples, env });

describe("the guest of the C bundle", () => {
  test("runs on the adapter as it is; a run finds nothing of the one before", async () => {
    const path = bundle("memory");
    expect(await run(path, 'unique(["a", "b", "a"])')).toMatchObject({
      exitCode: 0,
      stdout: '(["a", "b"], 1)\n',
      stderr: "",
    });
    expect(await run(path, 'remember("a", "new")')).toMatchObject({ stdout: 'some("new")\n' });
    expect(await run(path, 'delete("a")')).toMatchObject({ exitCode: 1, stdout: "err(no-such-key)\n" });
    expect(await run(path, 'clear("a")')).toMatchObject({ stdout: "[]\n" });
  });

  test("limits are values of the interface", async () => {
    const path = bundle("limited", "max-keys = 2");
    expect(await run(path, 'unique(["a", "b", "c"])')).toMatchObject({ stdout: '(["a", "b"], 1)\n' });
  });

  test("a store in a file is there for the next process", async () => {
    const path = bundle("kept", 'path = "kv.lmdb"');
    expect(await run(path, 'set("key", "wörld")')).toMatchObject({ exitCode: 0, stdout: "ok\n" });
    expect(await run(path, 'set("key", "again")')).toMatchObject({
      exitCode: 1,
      stdout: "err(key-exists)\n",
    });
    // `remember` sets only what is not there, and then gets.
    expect(await run(path, 'remember("key", "x")')).toMatchObject({ stdout: 'some("wörld")\n' });
  });

  test("a config that is wrong is told with all its faults", async () => {
    const path = bundle("wrong", 'max-keys = "many"\nmax_keys = 1\nread-only = true');
    const { exitCode, stdout, stderr } = await run(path, 'clear("a")');
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    for (const text of ['"wrong" is not usable', 'max-keys = "many"', "max_keys", "read-only = true is for"])
      expect(stderr).toContain(text);
  });
});

const BUCKETS = "keyvalue:store/buckets@0.1.0";
const COUNTER = {
  wat: `(module
    (import "${BUCKETS}" "[static]bucket.open" (func $open (param i32 i32 i32)))
    (import "${BUCKETS}" "[method]bucket.increment" (func $increment (param i32 i32 i32 i64 i32)))
    (import "${BUCKETS}" "[resource-drop]bucket" (func $drop (param i32)))
    (memory (export "memory") 1)
    (global $bump (mut i32) (i32.const 1024))
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
      (global.get $bump) (global.set $bump (i32.add (global.get $bump) (local.get 3))))
    ;; A result begins with 0 for ok; the payload is at 8.
    (func (export "refused") (param i32 i32) (result i32)
      (call $open (local.get 0) (local.get 1) (i32.const 16))
      (i32.load8_u (i32.const 16)))
    (func (export "count") (param i32 i32 i32 i32 i64) (result i64) (local $bucket i32)
      (call $open (local.get 0) (local.get 1) (i32.const 16))
      (if (i32.load8_u (i32.const 16)) (then unreachable))
      (local.set $bucket (i32.load (i32.const 24)))
      (call $increment (local.get $bucket) (local.get 2) (local.get 3) (local.get 4) (i32.const 64))
      (call $drop (local.get $bucket))
      (if (i32.load8_u (i32.const 64)) (then unreachable))
      (i64.load (i32.const 72))))`,
  wit: (store: string) => `package acme:counter;
    world counter {
      import ${BUCKETS};
      export refused: func(bucket: string) -> bool;
      export count: func(bucket: string, key: string, delta: s64) -> s64;
    }
    ${store.replace("package keyvalue:store@0.1.0;", "package keyvalue:store@0.1.0 {").replace(/world keyvalue \{[^}]*\}/, "}")}`,
};

describe("buckets", () => {
  const app = join(folder, "counter.wasm");

  beforeAll(async () => {
    const wit = new URL("../../src/worker/adapters/keyvalue/wit/keyvalue.wit", import.meta.url);
    writeFileSync(
      app,
      await buildComponent({ wat: COUNTER.wat, wit: COUNTER.wit(readFileSync(wit, "utf8")) }),
    );
  });

  test("are resources of the guest", async () => {
    await using host = await createHost({ bundles: [bundle("buckets")], linker: "own" });
    const component = await host.load(app);
    const call = async (name: string, ...args: readonly unknown[]): Promise<unknown> => {
      const outcome = await host.run(component, { export: name, args });
      return outcome.status === "ok" ? outcome.value : outcome.error.message;
    };
    expect(await call("count", "hits", "home", 5)).toBe(5n);
    expect(await call("count", "hits", "home", -1)).toBe(-1n);
    expect(await call("refused", "not a name")).toBe(true);
    expect(await call("refused", "a-name")).toBe(false);
  });

  test("in a file count for all threads", async () => {
    await using host = await createHost({
      bundles: [bundle("shared", 'path = "kv.lmdb"')],
      linker: "own",
      concurrency: 2,
    });
    const component = await host.load(app);
    const count = async (): Promise<unknown> => {
      const outcome = await host.run(component, { export: "count", args: ["hits", "home", 1] });
      return outcome.status === "ok" ? outcome.value : outcome.error.message;
    };
    const seen = await Promise.all(Array.from({ length: 16 }, count));
    expect(seen.toSorted((left, right) => Number(left) - Number(right))).toEqual(
      Array.from({ length: 16 }, (_, index) => BigInt(index + 1)),
    );
  });
});

describe("the example of a bundle with its own adapter", () => {
  const greeter = join(examples, "greeter_host");
  const greet = (...more: string[]) => run(greeter, 'run("World")', "guests/greet/app.wasm", ...more);

  test("serves a guest that some other bundle serves from C", async () => {
    expect(await greet("--allow-adapter-code")).toMatchObject({ stdout: '"Good day, World!"\n', stderr: "" });
    expect(await greet()).toMatchObject({ exitCode: 2, stdout: "" });
  });

  test("has the declarations that `types` prints, and tsc holds it to them", async () => {
    const printed = await hostbundle(["types", greeter], { cwd: examples, env });
    expect(printed).toMatchObject({ exitCode: 0, stderr: "" });
    expect(readFileSync(join(greeter, "bindings.d.ts"), "utf8")).toBe(printed.stdout);
    expect(await complaints(greeter)).toBe("");
    const adapter = join(greeter, "adapter.mjs");
    writeFileSync(adapter, readFileSync(adapter, "utf8").replace("`${greeting}, ${name}!`", "name.length"));
    expect(await complaints(greeter)).toContain("TS2322");
  });
});

async function complaints(path: string): Promise<string> {
  const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "lib/tsc.js");
  const flags = ["--noEmit", "--allowJs", "--strict", "--target", "es2022", "--module", "nodenext"];
  const more = ["--lib", "es2023,esnext.disposable", "--types", "", "--pretty", "false"];
  try {
    await promisify(execFile)(process.execPath, [tsc, ...flags, ...more, "adapter.mjs"], { cwd: path });
    return "";
  } catch (error) {
    if (error instanceof Error && "stdout" in error) return String(error.stdout);
    throw error;
  }
}
