import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { beforeAll, describe, expect, it } from "vitest";
import { binary, hostbundle, type CommandLineOptions } from "../support/command-line.ts";
import { buildComponent, type GuestSource } from "../support/component.ts";
import { compiler } from "../support/native.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { asking, endings, files, greet } from "./guests.ts";
import {
  ASK_WIT,
  BAD_UTF8_SOURCE,
  CONFIG_SOURCE,
  FAILING_INIT_SOURCE,
  OWN_ALLOCATOR_SOURCE,
  RUNTIME_WIT,
  greetSource,
  writeBundle,
} from "./libraries.ts";

const folder = temporaryFolder();
const env = { HOSTBUNDLE_CACHE_DIR: join(folder, "cache") };

const run = (args: readonly string[], options: CommandLineOptions = {}) =>
  hostbundle(["run", ...args], { cwd: folder, ...options, env: { ...env, ...options.env } });

const json = async (...args: string[]): Promise<unknown> => {
  const result = await run(["--json", ...args]);
  expect(result.stdout.trimEnd().split("\n")).toHaveLength(1);
  return JSON.parse(result.stdout);
};

const greeting = (bundle: string, ...more: string[]) =>
  run(["--host-bundle", bundle, ...more, "--invoke", 'run("wörld 🌍")', "greet.wasm"]);

async function writeComponent(name: string, guest: GuestSource): Promise<void> {
  writeFileSync(join(folder, name), await buildComponent(guest));
}

beforeAll(async () => {
  await writeComponent("greet.wasm", greet);
  await writeComponent("greet16.wasm", { ...greet, stringEncoding: "utf16" });
  await writeComponent("endings.wasm", endings);
  await writeComponent("files.wasm", files);
  await writeComponent("asking.wasm", asking);
});

describe("exit codes", () => {
  it.each([
    ["a value", ["--invoke", "answer(false)"], 0, "ok(42)\n"],
    ["no value", ["--invoke", "nothing()"], 0, ""],
    ["an error result", ["--invoke", "answer(true)"], 1, 'err("asked to fail")\n'],
    ["wasi:cli/run that returns err", [], 1, ""],
    ["wasi:cli/exit with an error", ["--invoke", "quit-with-err()"], 1, ""],
    ["wasi:cli/exit with code 0", ["--invoke", "quit(0)"], 0, ""],
    ["wasi:cli/exit with code 42", ["--invoke", "quit(42)"], 42, ""],
    ["unreachable", ["--invoke", "trap()"], 134, ""],
    ["endless recursion", ["--invoke", "recurse()"], 134, ""],
  ])("%s", async (_name, args, exitCode, stdout) => {
    expect(await run([...args, "endings.wasm"])).toMatchObject({ exitCode, stdout });
  });

  it.each([
    ["a file that is not there", ["missing.wasm"], "missing.wasm"],
    ["a file that is no component", ["host.txt"], "host.txt"],
    ["a directory", ["."], "component"],
    ["an unknown flag", ["--host-bundel", "x", "endings.wasm"], "--host-bundle"],
    ["an export that is not there", ["--invoke", "anwser(true)", "endings.wasm"], "answer"],
    ["an argument of the wrong type", ["--invoke", "answer(1)", "endings.wasm"], "bool"],
    ["too few arguments", ["--invoke", "answer()", "endings.wasm"], "answer"],
    ["a call that is no WAVE", ["--invoke", "answer(", "endings.wasm"], "answer("],
    ["a bundle that is not there", ["--host-bundle", "nowhere", "endings.wasm"], "nowhere"],
    ["a manifest that is not there", ["--host-config", "nowhere.toml", "endings.wasm"], "nowhere.toml"],
    ["a manifest that is no TOML", ["--host-config", "host.txt", "endings.wasm"], "host.txt:1"],
    [
      "an import that nobody serves",
      ["--invoke", 'run("x")', "greet.wasm"],
      "example:interface/runtime@1.0.0",
    ],
    ["a directory that is not there", ["--dir", "nowhere", "endings.wasm"], "nowhere"],
    ["a component without a command", ["asking.wasm"], "acme:ask/native@1.0.0"],
  ])("2: %s", async (_name, args, mentions) => {
    writeFileSync(join(folder, "host.txt"), "just text\n");
    const result = await run(args);
    expect(result).toMatchObject({ exitCode: 2, stdout: "" });
    expect(result.stderr).toMatch(/^error: /);
    expect(result.stderr).toContain(mentions);
    expect(result.stderr).not.toMatch(/^ {4}at /m);
  });
});

it.skipIf(process.platform === "win32")("a working directory that is gone is said to be", async () => {
  const gone = join(folder, "gone");
  mkdirSync(gone);
  const script = 'cd "$1" && rmdir "$1" && exec "$2" "$3" --version';
  const shell = spawn("sh", ["-c", script, "sh", gone, process.execPath, binary], { stdio: "pipe" });
  const [stderr, exitCode] = await Promise.all([
    text(shell.stderr),
    new Promise((resolve) => shell.on("close", resolve)),
  ]);
  expect(stderr).toMatch(/^error: the working directory is gone.*\n  help: .*\n$/u);
  expect(exitCode).toBe(2);
});

describe.skipIf(!existsSync("/dev/full"))("output that cannot be written", () => {
  it.each([
    ["the result of a run", ["run", "--invoke", "answer(false)", "endings.wasm"]],
    ["JSON", ["run", "--json", "--invoke", "answer(false)", "endings.wasm"]],
    ["help", ["run", "--help"]],
  ])("%s: an error that says so", async (_what, args) => {
    const script = 'exec "$@" > /dev/full';
    const child = spawn("sh", ["-c", script, "sh", process.execPath, binary, ...args], {
      cwd: folder,
      stdio: "pipe",
    });
    const [stderr, exitCode] = await Promise.all([
      text(child.stderr),
      new Promise((resolve) => child.on("close", resolve)),
    ]);
    expect(stderr).toMatch(/^error: standard output cannot be written: ENOSPC.*\n  help: .*\n$/u);
    expect(exitCode).toBe(70);
  });
});

describe("--json", () => {
  it.each([
    ["answer(false)", { status: "ok", value: { ok: 42 }, wave: "ok(42)" }],
    ["nothing()", { status: "ok" }],
    ["trap()", { status: "error", error: { code: "TRAP", fault: "guest" } }],
    ["quit(7)", { status: "error", error: { code: "GUEST_EXIT", fault: "guest", exitCode: 7 } }],
    ["answer(1)", { status: "error", error: { code: "ARGUMENT_INVALID", fault: "user" } }],
  ])("%s", async (call, expected) => {
    expect(await json("--invoke", call, "endings.wasm")).toMatchObject(expected);
  });

  it("has the exit codes of the plain output", async () => {
    expect(await run(["--json", "--invoke", "answer(true)", "endings.wasm"])).toMatchObject({ exitCode: 1 });
    expect(await run(["--json", "--invoke", "quit(7)", "endings.wasm"])).toMatchObject({ exitCode: 7 });
    expect(await run(["--json", "missing.wasm"])).toMatchObject({ exitCode: 2 });
  });

  it("holds what the guest printed", async () => {
    const result = await run(["--json", "files.wasm"], { stdin: "over and out" });
    expect(JSON.parse(result.stdout)).toMatchObject({ status: "ok", stdout: "over and out", stderr: "" });
  });
});

describe("what a guest is given", () => {
  const data = join(folder, "data");

  beforeAll(() => {
    mkdirSync(data, { recursive: true });
    writeFileSync(join(data, "note.txt"), "what it says");
    writeFileSync(join(folder, "secret.txt"), "not for guests");
  });

  it("is no directory at all by default", async () => {
    expect(await run(["--invoke", "directories()", "files.wasm"])).toMatchObject({
      exitCode: 0,
      stdout: "[]\n",
    });
    expect(await run(["--invoke", 'read("note.txt")', "files.wasm"])).toMatchObject({
      exitCode: 1,
      stdout: "err(not-permitted)\n",
    });
  });

  it("is a directory under the name it was given", async () => {
    const result = await run(["--dir", `${data}::/notes`, "--invoke", "directories()", "files.wasm"]);
    expect(result).toMatchObject({ exitCode: 0, stdout: '["/notes"]\n' });
    expect(await run(["--dir", "data", "--invoke", 'read("note.txt")', "files.wasm"])).toMatchObject({
      exitCode: 0,
      stdout: 'ok("what it says")\n',
    });
  });

  it("can be written to", async () => {
    const result = await run(["--dir", "data", "--invoke", 'write("new.txt", "hej")', "files.wasm"]);
    expect(result).toMatchObject({ exitCode: 0, stdout: "ok(3)\n" });
    expect(readFileSync(join(data, "new.txt"), "utf8")).toBe("hej");
  });

  it("is read and written through streams", async () => {
    const text = "0123456789".repeat(1234);
    writeFileSync(join(data, "long.txt"), text);
    const result = await run(["--dir", "data", "--invoke", 'copy("long.txt", "copy.txt")', "files.wasm"]);
    expect(result).toMatchObject({ exitCode: 0, stdout: "ok(12340)\n", stderr: "" });
    expect(readFileSync(join(data, "copy.txt"), "utf8")).toBe(text);
    const absent = await run(["--dir", "data", "--invoke", 'copy("none.txt", "copy.txt")', "files.wasm"]);
    expect(absent).toMatchObject({ exitCode: 1, stdout: "err(no-entry)\n" });
    const refused = await run([
      "--dir",
      "data:ro",
      "--invoke",
      'copy("long.txt", "new-copy.txt")',
      "files.wasm",
    ]);
    expect(refused).toMatchObject({ exitCode: 1, stdout: "err(read-only)\n" });
    expect(readdirSync(data)).not.toContain("new-copy.txt");
  });

  it("cannot be written to where it is read-only", async () => {
    const read = await run(["--dir", "data:ro", "--invoke", 'read("note.txt")', "files.wasm"]);
    expect(read).toMatchObject({ exitCode: 0, stdout: 'ok("what it says")\n' });
    for (const path of ["note.txt", "never.txt"]) {
      const result = await run(["--dir", "data:ro", "--invoke", `write("${path}", "x")`, "files.wasm"]);
      expect(result.exitCode).toBe(1);
      expect(result.stdout).toMatch(/^err\((read-only|not-permitted)\)\n$/);
    }
    expect(readFileSync(join(data, "note.txt"), "utf8")).toBe("what it says");
    expect(readdirSync(data)).not.toContain("never.txt");
  });

  it.each(["../secret.txt", "/etc/hostname", "x/../../secret.txt"])(
    "does not reach above a directory: %s",
    async (path) => {
      const result = await run(["--dir", "data", "--invoke", `read("${path}")`, "files.wasm"]);
      expect(result.exitCode).toBe(1);
      expect(result.stdout).toMatch(/^err\(/);
    },
  );

  it("is the standard input, all of it", async () => {
    const text = "line\n".repeat(20_000);
    const result = await run(["files.wasm"], { stdin: text });
    expect(result.exitCode).toBe(0);
    expect(result.stdout).toBe(text);
  });
});

describe("the cache", () => {
  it("serves a second run: nothing in it is written again", async () => {
    const cache = join(temporaryFolder(), "cache");
    const once = () =>
      run(["--invoke", "answer(false)", "endings.wasm"], { env: { HOSTBUNDLE_CACHE_DIR: cache } });
    expect(await once()).toMatchObject({ exitCode: 0 });
    const before = snapshot(cache);
    expect(before.length).toBeGreaterThan(0);
    expect(await once()).toMatchObject({ exitCode: 0 });
    expect(snapshot(cache)).toEqual(before);
  });

  it("is filled by several processes at once, and whole", async () => {
    const cache = join(temporaryFolder(), "cache");
    const once = () =>
      run(["--invoke", "answer(false)", "endings.wasm"], { env: { HOSTBUNDLE_CACHE_DIR: cache } });
    const results = await Promise.all(Array.from({ length: 3 }, once));
    for (const result of results)
      expect(result).toMatchObject({ exitCode: 0, stdout: "ok(42)\n", stderr: "" });
    const after = snapshot(cache);
    expect(await once()).toMatchObject({ exitCode: 0, stdout: "ok(42)\n" });
    expect(snapshot(cache)).toEqual(after);
  });
});

/** Every file below a folder with its identity and the time it was written. */
function snapshot(root: string): readonly string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const { ino, mtimeMs, size } = statSync(path);
      return `${path} ${ino} ${mtimeMs} ${size}`;
    })
    .toSorted();
}

describe.skipIf(!compiler.available)(`with a native library ${compiler.reason}`, () => {
  it("3: a library that answers with bad UTF-8; bundle and function are named", async () => {
    const bundle = writeBundle(folder, { name: "bad", wit: RUNTIME_WIT, c: BAD_UTF8_SOURCE });
    const result = await greeting(bundle);
    expect(result).toMatchObject({ exitCode: 3, stdout: "" });
    expect(result.stderr).toContain('"bad"');
    expect(result.stderr).toContain("example:interface/runtime@1.0.0#greet");
    const json = await greeting(bundle, "--json");
    expect(JSON.parse(json.stdout)).toMatchObject({
      status: "error",
      error: {
        code: "HOST_FAULT",
        fault: "bundle",
        bundle: "bad",
        function: "example:interface/runtime@1.0.0#greet",
      },
    });
  });

  it("3: an init that fails; its reason is shown", async () => {
    const bundle = writeBundle(folder, { name: "unlicensed", wit: RUNTIME_WIT, c: FAILING_INIT_SOURCE });
    const result = await greeting(bundle);
    expect(result).toMatchObject({ exitCode: 3, stdout: "" });
    expect(result.stderr).toContain("no licence found");
    expect(result.stderr).toContain('"unlicensed"');
  });

  it("2: a library without the function; the symbol is named", async () => {
    const bundle = writeBundle(folder, { name: "empty", wit: RUNTIME_WIT, c: "int unrelated = 1;\n" });
    const result = await greeting(bundle);
    expect(result).toMatchObject({ exitCode: 2, stdout: "" });
    expect(result.stderr).toContain("example_interface_runtime_greet");
    expect(result.stderr).toContain("host.toml:3");
  });

  it("serves a guest with UTF-16 strings", async () => {
    const bundle = writeBundle(folder, { name: "wide", wit: RUNTIME_WIT, c: greetSource() });
    const result = await run(["--host-bundle", bundle, "--invoke", 'run("wörld 🌍")', "greet16.wasm"]);
    expect(result).toMatchObject({ exitCode: 0, stdout: '"Hello, wörld 🌍!"\n' });
  });

  it("hands owned copies to exports_ symbols", async () => {
    const bundle = writeBundle(folder, { name: "owning", wit: RUNTIME_WIT, c: greetSource("exports_") });
    expect(await greeting(bundle)).toMatchObject({ exitCode: 0, stdout: '"Hello, wörld 🌍!"\n' });
  });

  it("calls any symbol that [functions] names", async () => {
    const source = greetSource().replace("example_interface_runtime_greet", "say_hello");
    const toml = '[functions]\n"example:interface/runtime#greet" = "say_hello"';
    const bundle = writeBundle(folder, { name: "mapped", wit: RUNTIME_WIT, c: source, toml });
    expect(await greeting(bundle)).toMatchObject({ exitCode: 0, stdout: '"Hello, wörld 🌍!"\n' });
  });

  it("releases with the function that free names", async () => {
    const toml = 'free = "my_release"';
    const bundle = writeBundle(folder, { name: "allocating", wit: ASK_WIT, c: OWN_ALLOCATOR_SOURCE, toml });
    const result = await run(["--host-bundle", bundle, "--invoke", "ask()", "asking.wasm"]);
    expect(result).toMatchObject({ exitCode: 0, stdout: '"released 0"\n', stderr: "" });
  });

  it("takes a library and its WIT from anywhere, where a manifest names them", async () => {
    writeBundle(folder, { name: "elsewhere", wit: RUNTIME_WIT, c: greetSource() });
    writeFileSync(
      join(folder, "explicit.toml"),
      `[[host]]\nname = "ours"\nwit = "elsewhere/host.wit"\nlib = "${folder}/elsewhere/libelsewhere.so"\n`,
    );
    const result = await run(["--host-config", "explicit.toml", "--invoke", 'run("x")', "greet.wasm"]);
    expect(result).toMatchObject({ exitCode: 0, stdout: '"Hello, x!"\n', stderr: "" });
  });

  it("gives hostbundle_init the manifest's config over the bundle's", async () => {
    const toml = '[host.config]\npath = "default.db"\ndepth = 3\nsize = { width = 1, height = 2 }';
    writeBundle(folder, { name: "configured", wit: ASK_WIT, c: CONFIG_SOURCE, toml });
    writeFileSync(
      join(folder, "hosts.toml"),
      '[[host]]\nname = "configured"\nbundle = "configured"\nconfig = { path = "ours.db", fast = true }\n',
    );
    const result = await run(["--host-config", "hosts.toml", "--json", "--invoke", "ask()", "asking.wasm"]);
    const outcome: { value: string } = JSON.parse(result.stdout);
    const expected = { path: "ours.db", depth: 3, size: { width: 1, height: 2 }, fast: true };
    expect(JSON.parse(outcome.value)).toEqual(expected);
  });

  it("--stats counts calls and bytes, --dump-trampolines shows the source; both on stderr", async () => {
    const bundle = writeBundle(folder, { name: "watched", wit: RUNTIME_WIT, c: greetSource() });
    const result = await greeting(bundle, "--stats", "--dump-trampolines");
    expect(result).toMatchObject({ exitCode: 0, stdout: '"Hello, wörld 🌍!"\n' });
    expect(result.stderr).toContain("example:interface/runtime@1.0.0#greet");
    expect(result.stderr).toContain("example_interface_runtime_greet");
    const json: unknown = JSON.parse((await greeting(bundle, "--json", "--stats")).stdout);
    expect(json).toMatchObject({
      stats: [
        {
          function: "example:interface/runtime@1.0.0#greet",
          calls: 1,
          bytesIn: Buffer.byteLength("wörld 🌍"),
          bytesOut: Buffer.byteLength("Hello, wörld 🌍!"),
        },
      ],
    });
  });

  it("a guest pointer out of bounds traps, and the library is not called", async () => {
    const bundle = writeBundle(folder, {
      name: "aborting",
      wit: RUNTIME_WIT,
      c: `#include <stdlib.h>\nvoid example_interface_runtime_greet(void *name, void *ret) { (void)name; (void)ret; abort(); }\n`,
    });
    await writeComponent("hostile.wasm", {
      ...greet,
      wat: greet.wat.replace(
        "(local.get 0) (local.get 1) (i32.const 16)",
        "(i32.const -16) (i32.const 64) (i32.const 16)",
      ),
    });
    const result = await run(["--host-bundle", bundle, "--invoke", 'run("x")', "hostile.wasm"]);
    expect(result).toMatchObject({ exitCode: 134, signal: null, stdout: "" });
    expect(result.stderr).toContain("example:interface/runtime@1.0.0#greet");
  });
});
