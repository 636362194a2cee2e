import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { main } from "../../../src/main/cli/main.ts";
import { cli } from "./io.ts";

const manifest: unknown = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8"));

describe("what works everywhere", () => {
  test.each([
    [["--help"]],
    [["-h"]],
    [["run", "--help"]],
    [["component", "run", "-h"]],
    [["inspect", "--help"]],
    [["check", "--help"]],
    [["types", "--help"]],
    [["doctor", "--help"]],
  ])("%j", async (argv) => {
    const { exitCode, stdout, stderr } = await cli(argv);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toContain("Usage:");
  });

  test.each([[["--version"]], [["-V"]], [["run", "--version"]], [["check", "-V"]]])("%j", async (argv) => {
    const { exitCode, stdout } = await cli(argv);
    expect(exitCode).toBe(0);
    expect(manifest).toMatchObject({ version: /^hostbundle (.*)\n$/.exec(stdout)?.[1] });
  });

  test("--help among the guest's arguments is the guest's", async () => {
    const { exitCode, stdout } = await cli(["run", "/nowhere/app.wasm", "--help"]);
    expect(exitCode).toBe(2);
    expect(stdout).toBe("");
  });
});

describe("usage errors exit 2 and say what is near", () => {
  test.each<[readonly string[], readonly string[]]>([
    [[], ["error: no command given", "help: hostbundle --help"]],
    [
      ["rnu", "app.wasm"],
      ["error: unknown command: rnu", "help: did you mean run?"],
    ],
    [
      ["frobnicate"],
      ["unknown command: frobnicate", "help: the commands are run, inspect, check, types, doctor"],
    ],
    [["component"], ["`component` needs a command", "hostbundle component run"]],
    [
      ["component", "rum"],
      ["unknown command: component rum", "did you mean component run?"],
    ],
    [["batch", "jobs.jsonl"], ["error: batch is not available in this version"]],
    [
      ["doctor", "app.wasm"],
      ["error: unexpected argument: app.wasm", "hostbundle doctor --help"],
    ],
    [["run"], ["error: missing argument: <component.wasm>", "hostbundle run --help"]],
    [["run", "--max-memory", "1MB", "app.wasm"], ["expected a size such as 64MiB or 1GiB"]],
    [
      ["run", "--timeout", "1x", "app.wasm"],
      ["error: --timeout 1x: expected a time such as 500ms, 10s or 2m"],
    ],
    [["run", "--isolation", "vm", "app.wasm"], ["error: --isolation vm: expected thread or process"]],
    [
      ["run", "--jsn", "app.wasm"],
      ["error: unknown flag: --jsn", "help: did you mean --json?"],
    ],
    [["--jsn"], ["error: unknown flag: --jsn"]],
    [
      ["run", "/nowhere/app.wasm", "--env=A=1"],
      ["there is no such file", "help: --env=A=1 after the component went to the guest"],
    ],
    [
      ["run", "--jsn", "--stat"],
      ["several faults", "--jsn", "did you mean --stats?", "missing argument"],
    ],
    [["check", "a", "b"], ["unexpected argument: b"]],
    [
      ["run", "--dir", "/nowhere/at-all", "app.wasm"],
      ["error: --dir /nowhere/at-all: /nowhere/at-all is not a directory"],
    ],
    [
      ["run", "--dir", "::/x", "--dir", "/nowhere", "app.wasm"],
      ["expected HOST[::GUEST][:ro]", "/nowhere is not a directory"],
    ],
    [
      ["run", "--env", "NOT_SET", "app.wasm"],
      ["--env NOT_SET: it is not set here", "--env NOT_SET=VALUE"],
    ],
    [["run", "--env", "=x", "app.wasm"], ["expected NAME[=VALUE]"]],
    [
      ["inspect", "/nowhere/app.wasm"],
      ["/nowhere/app.wasm", "no such file"],
    ],
  ])("%j", async (argv, texts) => {
    const { exitCode, stdout, stderr } = await cli(argv);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    for (const text of texts) expect(stderr).toContain(text);
    expect(stderr).not.toMatch(/^ +at /m);
  });

  test.each([
    [["run", "--json", "--bogus", "app.wasm"]],
    [["run", "--bogus", "--json", "app.wasm"]],
    [["rum", "--json"]],
    [["check", "a", "b", "--json"]],
  ])("--json makes errors data: %j", async (argv) => {
    const { exitCode, stdout, stderr } = await cli(argv);
    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: "" });
    expect(stdout.split("\n")).toHaveLength(2);
    expect(JSON.parse(stdout)).toMatchObject({ status: "error", error: { code: "USAGE", fault: "user" } });
  });
});

describe("colour", () => {
  test.each([
    ["a terminal", true, {}, true],
    ["a pipe", false, {}, false],
    ["NO_COLOR", true, { NO_COLOR: "1" }, false],
    ["an empty NO_COLOR", true, { NO_COLOR: "" }, true],
    ["FORCE_COLOR", false, { FORCE_COLOR: "1" }, true],
    ["FORCE_COLOR=0", true, { FORCE_COLOR: "0" }, false],
    ["both", true, { FORCE_COLOR: "1", NO_COLOR: "1" }, false],
    ["a dumb terminal", true, { TERM: "dumb" }, false],
  ])("%s", async (_title, isTTY, env, coloured) => {
    const { stderr } = await cli(["rnu"], { isTTY, env });
    expect(stderr.includes("\u001B[1;31merror:\u001B[0m unknown command: rnu")).toBe(coloured);
    expect(stderr.includes("\u001B[")).toBe(coloured);
  });
});

describe("paths", () => {
  test.each([
    ["/nowhere", "--dir /nowhere/a b/x", "error: --dir a b/x: a b/x is not a directory"],
    ["/now.ere", "--dir /nowhere/x", "error: --dir /nowhere/x: /nowhere/x is not"],
    ["/", "--dir /nowhere/x", "error: --dir /nowhere/x: /nowhere/x is not"],
    ["/where", "--dir /nowhere/x", "error: --dir /nowhere/x: /nowhere/x is not"],
  ])("below %s are shown relative to it", async (cwd, flag, text) => {
    const value = flag.slice("--dir ".length);
    expect((await cli(["run", "--dir", value, "app"], { cwd })).stderr).toContain(text);
  });
});

describe("faults of our own", () => {
  test.each([
    [{}, false],
    [{ HOSTBUNDLE_DEBUG: "1" }, true],
  ])("with %j", async (env, showsStack) => {
    let stderr = "";
    const exitCode = await main(["--help"], {
      stdout: {
        write: () => {
          throw new Error("the disk is full");
        },
      },
      stderr: { write: (text) => (stderr += text) },
      env,
      cwd: "/",
    });
    expect(exitCode).toBe(70);
    expect(stderr).toContain("error: internal error: the disk is full");
    expect(/^ +at /m.test(stderr)).toBe(showsStack);
  });

  test("a reader that has seen enough is none", async () => {
    const binary = fileURLToPath(new URL("../../../dist/bundle/hostbundle.cjs", import.meta.url));
    const child = spawn(process.execPath, [binary, "--help"], { stdio: ["ignore", "pipe", "pipe"] });
    child.stdout.destroy();
    let stderr = "";
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    const [exitCode]: unknown[] = await once(child, "close");
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  });
});
