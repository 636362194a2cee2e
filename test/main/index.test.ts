import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  createHost,
  isHostbundleError,
  type Host,
  type HostOptions,
  type RunOptions,
} from "../../src/main/index.ts";
import { buildComponent } from "../support/component.ts";
import { compileLibrary, compiler } from "../support/native.ts";
import { temporaryFolder } from "../support/temporary.ts";

const folder = temporaryFolder();
const hosts: Host[] = [];

afterEach(async () => {
  await Promise.all(hosts.splice(0).map((host) => host.close()));
});

const WIT = `package t:e@1.2.0;
interface host { join-all: func(parts: list<string>) -> string; }
interface calc { add: func(a: u32, b: option<u32>) -> u32; same: func() -> u32; }
interface other { same: func() -> u32; }
world w {
  import host;
  export calc;
  export other;
  export greet: func(name: string) -> string;
  export bad-string: func() -> string;
  export bad-list: func() -> list<u32>;
  export odd-list: func() -> list<u32>;
}`;

const WAT = `(module
  (import "t:e/host@1.2.0" "join-all" (func $join (param i32 i32 i32)))
  (memory (export "memory") 1)
  (global $next (mut i32) (i32.const 1024))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (local i32)
    (local.set 4 (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
    (global.set $next (i32.add (local.get 4) (local.get 3)))
    (local.get 4))
  (data (i32.const 64) "Hello, ")
  (data (i32.const 96) "\\ff\\fe")
  (func (export "greet") (param i32 i32) (result i32)
    (i32.store (i32.const 16) (i32.const 64)) (i32.store (i32.const 20) (i32.const 7))
    (i32.store (i32.const 24) (local.get 0)) (i32.store (i32.const 28) (local.get 1))
    (call $join (i32.const 16) (i32.const 2) (i32.const 32))
    (i32.const 32))
  (func (export "bad-string") (result i32)
    (i32.store (i32.const 16) (i32.const 96)) (i32.store (i32.const 20) (i32.const 2))
    (i32.const 16))
  (func (export "bad-list") (result i32)
    (i32.store (i32.const 16) (i32.const 65532)) (i32.store (i32.const 20) (i32.const 100))
    (i32.const 16))
  (func (export "odd-list") (result i32)
    (i32.store (i32.const 16) (i32.const 66)) (i32.store (i32.const 20) (i32.const 1))
    (i32.const 16))
  (func (export "t:e/calc@1.2.0#add") (param i32 i32 i32) (result i32)
    (i32.add (local.get 0) (i32.mul (local.get 1) (local.get 2))))
  (func (export "t:e/calc@1.2.0#same") (result i32) (i32.const 1))
  (func (export "t:e/other@1.2.0#same") (result i32) (i32.const 2)))`;

const SOURCE = `
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
typedef struct { uint8_t *ptr; size_t len; } string_t;
typedef struct { string_t *ptr; size_t len; } list_t;
void t_e_host_join_all(list_t *parts, string_t *ret) {
  ret->len = 0;
  for (size_t i = 0; i < parts->len; i++) ret->len += parts->ptr[i].len;
  ret->ptr = malloc(ret->len);
  size_t at = 0;
  for (size_t i = 0; i < parts->len; i++) {
    memcpy(ret->ptr + at, parts->ptr[i].ptr, parts->ptr[i].len);
    at += parts->ptr[i].len;
  }
}
`;

const app = join(folder, "app.wasm");
const lonely = join(folder, "lonely.wasm");

beforeAll(async () => {
  writeFileSync(app, await buildComponent({ wat: WAT, wit: WIT }));
  writeFileSync(
    lonely,
    await buildComponent({
      wat: `(module (func (export "one") (result i32) (i32.const 1)))`,
      wit: "package t:e; world w { export one: func() -> u32; }",
    }),
  );
  writeBundle("good", WIT);
  writeBundle("broken-wit", "package t:e; world {");
  writeBundle("broken-too", "interface");
});

function writeBundle(name: string, wit: string): void {
  const bundle = join(folder, name);
  mkdirSync(bundle);
  writeFileSync(join(bundle, "host.wit"), wit);
  if (compiler.available) compileLibrary(bundle, "host", SOURCE);
  writeFileSync(
    join(bundle, "host.toml"),
    `[host]\nname = "${name}"\nlib = "libhost.so"\nwit = "host.wit"\n`,
  );
}

async function openHost(options: HostOptions = {}): Promise<Host> {
  const host = await createHost({ cwd: folder, cacheFolder: "cache", ...options });
  hosts.push(host);
  return host;
}

test("a component without imports runs without a bundle, from a path relative to cwd", async () => {
  const host = await openHost();
  expect(host.warnings).toEqual([]);
  const component = await host.load("lonely.wasm");
  expect(component).toMatchObject({ path: lonely, plan: { libraries: [], imports: [] } });
  expect(await host.run(component, { export: "one" })).toMatchObject({
    status: "ok",
    value: 1,
    stdout: "",
    stderr: "",
  });
});

test.each([0, -1, 1.5, Number.NaN])("a concurrency of %d is refused", async (concurrency) => {
  await expect(createHost({ concurrency })).rejects.toMatchObject({ code: "USAGE" });
});

test("a component of another host is refused", async () => {
  const [first, second] = [await openHost(), await openHost()];
  const component = await first.load(lonely);
  await expect(second.run(component, { export: "one" })).rejects.toMatchObject({ code: "USAGE" });
});

test.each([
  [{}, "USAGE", /exports? .*wasi:cli\/run/],
  [{ export: "one", invoke: "one()" }, "USAGE", /either/],
  [{ args: [] }, "USAGE", /export/],
  [{ export: "noe" }, "ARGUMENT_INVALID", /noe/],
  [{ export: "one", args: [1] }, "ARGUMENT_INVALID", /takes 0 arguments, got 1/],
  [{ invoke: "one(1)" }, "ARGUMENT_INVALID", /one/],
  [{ export: "one", directories: [{ host: "missing", guest: "/", readOnly: true }] }, "USAGE", /missing/],
] as readonly (readonly [RunOptions, string, RegExp])[])(
  "%j is the caller's fault",
  async (options, code, message) => {
    const host = await openHost();
    const component = await host.load(lonely);
    const error: unknown = await host.run(component, options).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code, fault: "user" });
    expect(String(error)).toMatch(message);
  },
);

test("a host that was closed runs nothing, and closing twice is fine", async () => {
  const host = await openHost();
  const component = await host.load(lonely);
  await host.close();
  await host[Symbol.asyncDispose]();
  expect(await host.run(component, { export: "one" })).toMatchObject({ error: { code: "CANCELLED" } });
});

describe.skipIf(!compiler.available)(`with bundles ${compiler.reason}`, () => {
  test("the faults of all bundles are reported together", async () => {
    const error: unknown = await openHost({ bundles: ["broken-wit", "good", "broken-too"] }).catch(
      (thrown: unknown) => thrown,
    );
    const findings = isHostbundleError(error) ? (error.context.findings ?? []) : [];
    const files = findings.map((finding) => finding.where?.file ?? "");
    expect(files.some((file) => file.includes("broken-wit"))).toBe(true);
    expect(files.some((file) => file.includes("broken-too"))).toBe(true);
  });

  test("a component is linked, and refused without its bundle", async () => {
    const component = await (await openHost({ bundles: ["good"] })).load(app);
    expect(component.plan.libraries).toMatchObject([{ bundle: "good" }]);
    await expect((await openHost()).load(app)).rejects.toMatchObject({ code: "LINK_FAILED" });
  });

  test.each([
    [{ export: "greet", args: ["World"] }, "Hello, World"],
    [{ invoke: 'greet("Wörld")' }, "Hello, Wörld"],
    [{ export: "add", args: [2, 3] }, 5],
    [{ export: "add", args: [2] }, 2],
    [{ export: "t:e/calc#add", args: [2, null] }, 2],
    [{ export: "add", interface: "t:e/calc@1.2.0", args: [2, 40] }, 42],
    [{ export: "t:e/other@1.2.0#same" }, 2],
    [{ invoke: "t:e/calc@1.2.0#same()" }, 1],
  ] as readonly (readonly [RunOptions, unknown])[])("%j gives %j", async (options, value) => {
    const host = await openHost({ bundles: ["good"], concurrency: 1 });
    const component = await host.load(app);
    expect(await host.run(component, options)).toMatchObject({ status: "ok", value });
  });

  test("a name that two interfaces export must be told apart", async () => {
    const host = await openHost({ bundles: ["good"] });
    const component = await host.load(app);
    await expect(host.run(component, { export: "same" })).rejects.toMatchObject({ code: "ARGUMENT_INVALID" });
  });

  test.each(["bad-string", "bad-list", "odd-list"])(
    "%s breaks the Canonical ABI: the guest's fault",
    async (name) => {
      const host = await openHost({ bundles: ["good"], concurrency: 1 });
      const component = await host.load(app);
      expect(await host.run(component, { export: name })).toMatchObject({
        error: { code: "TRAP", fault: "guest" },
      });
      expect(await host.run(component, { invoke: 'greet("x")' })).toMatchObject({ value: "Hello, x" });
    },
  );

  test("statistics and trampolines come with the outcome that asked for them", async () => {
    const host = await openHost({ bundles: ["good"], concurrency: 1 });
    const component = await host.load(app);
    const call = { export: "greet", args: ["World"] };
    const plain = await host.run(component, call);
    expect(plain).not.toHaveProperty("stats");
    expect(plain).not.toHaveProperty("trampolines");
    const asked = await host.run(component, { ...call, stats: true, dumpTrampolines: true });
    expect(asked.stats).toMatchObject([{ function: "t:e/host@1.2.0#join-all", calls: 1, bytesOut: 12 }]);
    expect(asked.trampolines).toContain("t_e_host_join_all");
  });

  test("many runs at once each get their own value", async () => {
    const host = await openHost({ bundles: ["good"], concurrency: 2 });
    const component = await host.load(app);
    const names = Array.from({ length: 50 }, (_, index) => `guest ${index}`);
    const outcomes = await Promise.all(
      names.map((name) => host.run(component, { export: "greet", args: [name] })),
    );
    expect(outcomes.map((outcome) => (outcome.status === "ok" ? outcome.value : outcome.error))).toEqual(
      names.map((name) => `Hello, ${name}`),
    );
  });
});
