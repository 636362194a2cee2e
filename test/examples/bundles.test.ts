import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { hostbundle } from "../support/command-line.ts";
import { buildBundle, copyExamples } from "../support/examples.ts";
import { compiler } from "../support/native.ts";
import { hasGlibc } from "../support/platform.ts";
import { temporaryFolder } from "../support/temporary.ts";

const examples = copyExamples();
const env = { HOSTBUNDLE_CACHE_DIR: join(temporaryFolder(), "cache") };

/** Runs in the copy of `examples/`, so that paths read as in the README. */
const run = (...args: string[]) => hostbundle(["run", ...args], { cwd: examples, env });
const check = (...args: string[]) => hostbundle(["check", ...args], { cwd: examples, env });

const keyvalue = (call: string, ...bundle: string[]) =>
  run(
    ...(bundle.length > 0 ? bundle : ["--host-bundle", "keyvalue_host"]),
    "--invoke",
    call,
    "guests/keyvalue/app.wasm",
  );
const trig = (call: string) =>
  run("--host-config", "guests/trig/hosts.toml", "--invoke", call, "guests/trig/app.wasm");

describe.skipIf(!compiler.available)(`the owner's example bundle ${compiler.reason}`, () => {
  beforeAll(() => buildBundle(join(examples, "example_host")));

  it("is in the repository as the owner wrote it", () => {
    expect(readFileSync(join(examples, "example_host/host.toml"), "utf8")).toBe(
      '[host]\nname = "example"\nlib = "lib/libexample.so"\nwit = "wit/example.wit"\n',
    );
    expect(readFileSync(join(examples, "example_host/wit/example.wit"), "utf8")).toBe(
      "package example:interface@1.0.0;\n\ninterface runtime {\n  greet: func(name: string) -> string;\n}\n\n" +
        "world example-runtime {\n  import runtime;\n}\n",
    );
  });

  it("serves a component through --host-bundle", async () => {
    const result = await run(
      "--host-bundle",
      "example_host",
      "--invoke",
      'run("World")',
      "guests/greet/app.wasm",
    );
    expect(result).toMatchObject({ exitCode: 0, stdout: '"Hello, World!"\n' });
  });

  it("serves a component through --host-config and its search_paths", async () => {
    const result = await run(
      "--host-config",
      "guests/greet/hosts.toml",
      "--invoke",
      'run("wörld 🌍")',
      "guests/greet/app.wasm",
    );
    expect(result).toMatchObject({ exitCode: 0, stdout: '"Hello, wörld 🌍!"\n' });
  });

  it("answers to the seed's spelling, component run", async () => {
    const result = await hostbundle(
      ["component", "run", "--host-bundle", "example_host", "--invoke", 'run("")', "guests/greet/app.wasm"],
      { cwd: examples, env },
    );
    expect(result).toMatchObject({ exitCode: 0, stdout: '"Hello, !"\n' });
  });

  it("shows how to spell the keyword, as a warning on stderr", async () => {
    const result = await check("--host-bundle", "example_host", "guests/greet/app.wasm");
    expect(result.exitCode).toBe(0);
    expect(result.stderr).toContain("%interface");
    expect(result.stderr).toContain("example.wit");
  });

  it("is refused with exit 2 where the library was not built", async () => {
    const unbuilt = copyExamples();
    const result = await run(
      "--host-bundle",
      join(unbuilt, "example_host"),
      "--invoke",
      'run("x")',
      "guests/greet/app.wasm",
    );
    expect(result).toMatchObject({ exitCode: 2, stdout: "" });
    expect(result.stderr).toContain("lib/libexample.so");
    expect(result.stderr).toContain("host.toml:3");
  });

  it("is refused with exit 2 where nobody serves the import", async () => {
    const result = await run("--invoke", 'run("x")', "guests/greet/app.wasm");
    expect(result).toMatchObject({ exitCode: 2, stdout: "" });
    expect(result.stderr).toContain("example:interface/runtime@1.0.0");
  });
});

describe.skipIf(!compiler.available)(`the key-value bundle ${compiler.reason}`, () => {
  beforeAll(() => buildBundle(join(examples, "keyvalue_host")));

  it.each([
    ['unique(["a", "b", "a", "", "b"])', '(["a", "b", ""], 2)'],
    ["unique([])", "([], 0)"],
    ['set("k", "v")', "ok"],
    ['remember("k", "värde")', 'some("värde")'],
    ['remember("k", "")', 'some("")'],
    ['forget("k")', "false"],
    ['clear("k")', "[]"],
  ])("%s gives %s", async (call, expected) => {
    expect(await keyvalue(call)).toMatchObject({ exitCode: 0, stdout: `${expected}\n` });
  });

  it("prints an error result and exits 1: delete on a missing key", async () => {
    expect(await keyvalue('delete("k")')).toMatchObject({ exitCode: 1, stdout: "err(no-such-key)\n" });
  });

  it("takes its limit from the manifest, over host.toml", async () => {
    const words = 'unique(["a", "b", "c", "d", "e"])';
    const manifest = ["--host-config", "guests/keyvalue/hosts.toml"];
    expect(await keyvalue(words, ...manifest)).toMatchObject({ stdout: '(["a", "b", "c"], 2)\n' });
    expect(await keyvalue(words)).toMatchObject({ stdout: '(["a", "b", "c", "d", "e"], 0)\n' });
  });
});

describe.skipIf(!hasGlibc)("libm without a shim (skipped: needs glibc Linux)", () => {
  it("serves a JavaScript guest's exports", async () => {
    expect(await trig("path-length([{x: 0, y: 0}, {x: 3, y: 4}, {x: 3, y: 5}])")).toMatchObject({
      exitCode: 0,
      stdout: "6\n",
    });
    const corners = await trig("polygon(4)");
    expect(corners.exitCode).toBe(0);
    expect(corners.stdout).toContain("{x: 0.00000000000000006123233995736766, y: 1}");
  });

  it("serves a JavaScript guest's command, whose output passes through", async () => {
    const result = await run("--host-config", "guests/trig/hosts.toml", "guests/trig/app.wasm");
    expect(result.exitCode).toBe(0);
    expect(result.stdout.split("\n")).toHaveLength(9);
    expect(result.stdout).toContain("     60  0.500000  0.866025\n");
  });
});

describe("guests that need no bundle", () => {
  it("hello prints its arguments and the variables it was given, and no others", async () => {
    const result = await hostbundle(
      ["run", "--env", "COLOUR=blue", "--env", "PASSED_ON", "guests/hello/app.wasm", "one", "--two", "drei"],
      { cwd: examples, env: { ...env, PASSED_ON: "from outside", KEPT: "secret" } },
    );
    expect(result).toMatchObject({
      exitCode: 0,
      stderr: "",
      stdout:
        "Hello from a component\nargument app.wasm\nargument one\nargument --two\nargument drei\n" +
        "variable COLOUR=blue\nvariable PASSED_ON=from outside\n",
    });
  });

  it("divide gives a number, and traps for a divisor of 0", async () => {
    expect(await run("--invoke", "divide(-7, 2)", "guests/divide/app.wasm")).toMatchObject({
      exitCode: 0,
      stdout: "-3\n",
      stderr: "",
    });
    const trap = await run("--invoke", "divide(1, 0)", "guests/divide/app.wasm");
    expect(trap).toMatchObject({ exitCode: 134, stdout: "" });
    expect(trap.stderr).toContain("divide by zero");
  });
});
