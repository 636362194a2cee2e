import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { hostbundle, type CommandLineResult } from "../../support/command-line.ts";
import { buildComponent } from "../../support/component.ts";
import { temporaryFolder } from "../../support/temporary.ts";

const folder = temporaryFolder();
const env = { HOSTBUNDLE_CACHE_DIR: join(folder, "cache") };

const INTERFACE = `interface numbers { absolute: func(x: s32) -> s32; }`;
const WASI = `package wasi:cli@0.2.3 {
  interface exit { exit: func(status: result); }
  interface run { run: func() -> result; }
}`;

const WIT = `package acme:app;
${INTERFACE}
world app {
  import numbers;
  import wasi:cli/exit@0.2.3;
  export wasi:cli/run@0.2.3;
  export absolute: func(x: s32) -> s32;
  export check: func(x: u32) -> result<u32, string>;
  export nothing: func();
  export crash: func();
  export leave: func(code: u32);
}
${WASI}`;

const WAT = `(module
  (import "acme:app/numbers" "absolute" (func $absolute (param i32) (result i32)))
  (import "wasi:cli/exit@0.2.3" "exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 64) "no zero \\"please\\"")
  (func (export "wasi:cli/run@0.2.3#run") (result i32) i32.const 1)
  (func (export "absolute") (param i32) (result i32) local.get 0 call $absolute)
  (func (export "check") (param i32) (result i32)
    (i32.store (i32.const 16) (i32.eqz (local.get 0)))
    (if (i32.eqz (local.get 0))
      (then (i32.store (i32.const 20) (i32.const 64)) (i32.store (i32.const 24) (i32.const 16)))
      (else (i32.store (i32.const 20) (local.get 0))))
    i32.const 16)
  (func (export "nothing"))
  (func (export "crash") unreachable)
  (func (export "leave") (param i32) local.get 0 call $exit)
)`;

const HOST_TOML = `[host]
name = "numbers"
wit = "numbers.wit"
[functions]
"acme:app/numbers#absolute" = "abs"
`;

const HOSTS_TOML = `[[host]]
name = "numbers"
bundle = "numbers"
lib = { linux-x64 = "libc.so.6", linux-arm64 = "libc.so.6", darwin-x64 = "libSystem.B.dylib", darwin-arm64 = "libSystem.B.dylib" }
`;

function run(...args: readonly string[]): Promise<CommandLineResult> {
  return hostbundle(["run", "--host-config", "hosts.toml", ...args], { cwd: folder, env });
}

beforeAll(async () => {
  writeFileSync(join(folder, "app.wasm"), await buildComponent({ wat: WAT, wit: WIT, world: "app" }));
  mkdirSync(join(folder, "numbers"));
  writeFileSync(join(folder, "numbers", "numbers.wit"), `package acme:app;\n${INTERFACE}`);
  writeFileSync(join(folder, "numbers", "host.toml"), HOST_TOML);
  writeFileSync(join(folder, "hosts.toml"), HOSTS_TOML);
});

describe("run", () => {
  test.each<[string, readonly string[], number, string, string]>([
    ["a value from a native function", ["--invoke", "absolute(-42)"], 0, "42\n", ""],
    ["no value", ["--invoke", "nothing()"], 0, "", ""],
    ["a result that is ok", ["--invoke", "check(7)"], 0, "ok(7)\n", ""],
    ["a result that is err", ["--invoke", "check(0)"], 1, 'err("no zero \\"please\\"")\n', ""],
    ["a command that returns err", [], 1, "", ""],
    ["a guest that exits", ["--invoke", "leave(1)"], 1, "", ""],
    ["a trap", ["--invoke", "crash()"], 134, "", "error: the guest trapped"],
    ["an unknown export", ["--invoke", "crush()"], 2, "", "did you mean crash?"],
    ["a wrong argument", ["--invoke", "absolute(true)"], 2, "", "s32"],
    ["no call at all", ["--invoke", ""], 2, "", "error: "],
  ])("%s", async (_title, args, exitCode, stdout, stderr) => {
    const result = await run(...args, "app.wasm");
    expect({ exitCode: result.exitCode, stdout: result.stdout }).toEqual({ exitCode, stdout });
    expect(result.stderr).toContain(stderr);
    expect(result.stderr === "").toBe(stderr === "");
  });

  test("--json gives one object, with statistics and trampolines when asked", async () => {
    const result = await run(
      "--json",
      "--stats",
      "--dump-trampolines",
      "--invoke",
      "absolute(-1)",
      "app.wasm",
    );
    expect(result).toMatchObject({ exitCode: 0, stderr: "" });
    expect(JSON.parse(result.stdout)).toEqual({
      status: "ok",
      value: 1,
      wave: "1",
      stdout: "",
      stderr: "",
      durationMs: expect.any(Number),
      stats: [expect.objectContaining({ function: "acme:app/numbers#absolute", calls: 1 })],
      trampolines: expect.stringContaining("acme:app/numbers#absolute"),
    });
  });

  test.each<[string, string, number, object]>([
    ["err", "check(0)", 1, { status: "ok", value: { err: 'no zero "please"' } }],
    ["a trap", "crash()", 134, { status: "error", error: { code: "TRAP", fault: "guest" } }],
    ["an exit", "leave(1)", 1, { status: "error", error: { code: "GUEST_EXIT", exitCode: 1 } }],
    ["an argument", "check(-1)", 2, { status: "error", error: { code: "ARGUMENT_INVALID", fault: "user" } }],
  ])("--json: %s", async (_title, call, exitCode, object) => {
    const result = await run("--json", "--invoke", call, "app.wasm");
    expect(result).toMatchObject({ exitCode, stderr: "" });
    expect(JSON.parse(result.stdout)).toMatchObject(object);
  });

  test("--stats is a table on stderr, and stdout stays data", async () => {
    const { stdout, stderr } = await run("--stats", "--invoke", "absolute(3)", "app.wasm");
    expect(stdout).toBe("3\n");
    expect(stderr).toMatch(/^import +calls .*\nacme:app\/numbers#absolute +1 /);
  });

  test("nothing runs without a bundle: exit 2", async () => {
    const { exitCode, stderr } = await hostbundle(["run", "app.wasm"], { cwd: folder, env });
    expect(exitCode).toBe(2);
    expect(stderr).toContain("nobody serves acme:app/numbers");
    expect(stderr).toContain("  absolute: func(x: s32) -> s32");
  });

  test.each([["none.wasm"], ["."], ["hosts.toml"], ["none/none.wasm"]])(
    "%s is no component: exit 2",
    async (path) => {
      const { exitCode, stdout, stderr } = await run(path);
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
      expect(stderr).toMatch(/^error: /);
      expect(stderr).not.toMatch(/^ +at /m);
    },
  );
});

describe("check and inspect", () => {
  test("check prints the plan", async () => {
    const args = ["check", "app.wasm", "--host-config", "hosts.toml"];
    const { exitCode, stdout, stderr } = await hostbundle(args, { cwd: folder, env });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout.split("\n").slice(0, 4)).toEqual([
      "app.wasm links",
      '  acme:app/numbers     host bundle "numbers"',
      "    absolute  abs",
      "  wasi:cli/exit@0.2.3  built in",
    ]);
    const json = await hostbundle([...args, "--json"], { cwd: folder, env });
    expect(JSON.parse(json.stdout)).toMatchObject({
      status: "ok",
      imports: [
        { servedBy: "bundle", bundle: "numbers", functions: [{ symbol: "abs" }] },
        { servedBy: "wasi" },
      ],
    });
  });

  test("check without the bundle lists what is missing", async () => {
    const { exitCode, stdout } = await hostbundle(["check", "--json", "app.wasm"], { cwd: folder, env });
    expect(exitCode).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      status: "error",
      error: { code: "LINK_FAILED", findings: [{}] },
    });
  });

  test.each([
    ["app.wasm", "  absolute: func(x: s32) -> s32"],
    ["hosts.toml", "abs  present"],
  ])("inspect %s", async (path, line) => {
    const { exitCode, stdout, stderr } = await hostbundle(["inspect", path], { cwd: folder, env });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toContain(line);
    const json = await hostbundle(["inspect", "--json", path], { cwd: folder, env });
    expect(JSON.parse(json.stdout)).toHaveProperty("status", "ok");
  });

  test.each([["numbers"], ["numbers/host.toml"], ["none"], ["numbers/numbers.wit"]])(
    "inspect %s: exit 2",
    async (path) => {
      const { exitCode, stdout, stderr } = await hostbundle(["inspect", path], { cwd: folder, env });
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
      expect(stderr).toMatch(/^error: /);
      expect(stderr).not.toMatch(/^ +at /m);
    },
  );
});
