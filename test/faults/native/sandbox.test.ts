/** Native libraries in a child process with its sandbox: what they are refused, what they are left, and who grants more. */
import { spawnSync } from "node:child_process";
import { constants } from "node:os";
import { chmodSync, existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  createHost,
  type Component,
  type Host,
  type HostOptions,
  type RunOptions,
} from "../../../src/main/index.ts";
import { landlockAbi } from "../../../src/worker/sandbox/landlock.ts";
import { machine, systemCaller } from "../../../src/worker/sandbox/system-calls.ts";
import { hostbundle } from "../../support/command-line.ts";
import { buildComponent } from "../../support/component.ts";
import { compileLibrary, compiler } from "../../support/native.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { library as duckdb } from "../../worker/adapters/duckdb/open.ts";
import { ATTEMPTS, type Attempt, attempting, LIBRARY_SOURCE, LIBRARY_WIT, querying } from "./sandboxed.ts";

const { EACCES, EPERM } = constants.errno;
const on = machine();
const abi = on === undefined ? -1 : landlockAbi(systemCaller(on));
const reason = compiler.available
  ? abi < 3
    ? "(skipped: this kernel's Landlock is too old)"
    : ""
  : compiler.reason;

const BINARY = fileURLToPath(new URL("../../../dist/bundle/hostbundle.cjs", import.meta.url));
/** From util-linux: runs a command at a terminal of its own. */
const SCRIPT = "/usr/bin/script";
const hasScript = existsSync(SCRIPT);

const folder = temporaryFolder();
const hosts: Host[] = [];

afterEach(async () => {
  for (const host of hosts.splice(0)) await host.close();
});

async function open(
  bundle: string,
  component: string,
  options: HostOptions = {},
): Promise<[Host, Component]> {
  const cacheFolder = join(folder, "cache");
  const host = await createHost({ bundles: [bundle], cacheFolder, concurrency: 1, ...options });
  hosts.push(host);
  return [host, await host.load(component)];
}

describe.skipIf(reason !== "")(`the sandbox of a library ${reason}`, () => {
  const bundle = join(folder, "bundle");
  const app = join(folder, "app.wasm");
  const outside = join(folder, "outside");
  const file = join(outside, "file");

  beforeAll(async () => {
    for (const each of [bundle, join(bundle, "lib"), outside]) mkdirSync(each);
    compileLibrary(join(bundle, "lib"), "tries", LIBRARY_SOURCE, ["-pthread"]);
    writeFileSync(join(bundle, "tries.wit"), LIBRARY_WIT);
    writeFileSync(
      join(bundle, "host.toml"),
      '[host]\nname = "tries"\nlib = "lib/libtries.so"\nwit = "tries.wit"\n',
    );
    writeFileSync(join(bundle, "data"), "data");
    writeFileSync(file, "text");
    chmodSync(file, 0o600);
    writeFileSync(app, await buildComponent(attempting));
  });

  /** Gives 0 or an `errno` for each. */
  async function attempt(
    attempts: readonly (readonly [Attempt, path?: string])[],
    options: HostOptions = {},
    runOptions: RunOptions = {},
  ): Promise<unknown[]> {
    const [host, component] = await open(bundle, app, options);
    const results: unknown[] = [];
    for (const [name, path = ""] of attempts) {
      const args = [ATTEMPTS.indexOf(name), path];
      const outcome = await host.run(component, { export: "attempt", args, ...runOptions });
      results.push(outcome.status === "ok" ? outcome.value : outcome.error);
    }
    return results;
  }

  const REFUSED: readonly (readonly [attempt: readonly [Attempt, path?: string], errno: number])[] = [
    [["read-passwords"], EACCES],
    [["read-passwords-in-thread"], EACCES],
    [["list-root"], EACCES],
    [["write-bundle", join(bundle, "new")], EACCES],
    [["read-named", file], EACCES],
    [["write-named", join(folder, "new")], EACCES],
    [["socket"], EACCES],
    [["exec"], EPERM],
    [["spawn"], EPERM],
    [["signal-parent"], EPERM],
    [["trace-parent"], EPERM],
    [["change-mode", file], EPERM],
    [["read-parents-environment"], EACCES],
  ];

  test.each(["best-effort", "required"] as const)("%s refuses all that it should", async (sandbox) => {
    const attempts = REFUSED.map(([each]) => each);
    expect(await attempt(attempts, { sandbox })).toEqual(REFUSED.map(([, errno]) => errno));
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test("without it the same library does the same things", async () => {
    const harmless = ["read-passwords", "list-root", "socket", "spawn", "signal-parent"] as const;
    const attempts = harmless.map((name) => [name] as const);
    expect(await attempt(attempts, { sandbox: "off" })).toEqual(harmless.map(() => 0));
  });

  test("a bundle's files are readable, and what was granted, with a folder of the guest's", async () => {
    const shown = join(folder, "shown");
    const held = join(folder, "held");
    for (const each of [shown, held]) mkdirSync(each, { recursive: true });
    writeFileSync(join(shown, "file"), "text");
    const children = { grants: { readable: [shown], writable: [outside], network: true } };
    const directories = [{ host: held, guest: "/held", readOnly: false }];
    const attempts = [
      ["read-bundle", join(bundle, "data")],
      ["read-named", join(shown, "file")],
      ["write-named", join(shown, "file")],
      ["write-named", file],
      ["write-named", join(held, "new")],
      ["socket"],
      ["read-passwords"],
    ] as const;
    expect(await attempt(attempts, { children }, { directories })).toEqual([0, 0, EACCES, 0, 0, 0, EACCES]);
  });

  test("a run does not have what an earlier one was given", async () => {
    const [host, component] = await open(bundle, app);
    const run = async (directories: RunOptions["directories"]): Promise<unknown> => {
      const args = [ATTEMPTS.indexOf("read-named"), file];
      const outcome = await host.run(component, { export: "attempt", args, directories: directories ?? [] });
      return outcome.status === "ok" ? outcome.value : outcome;
    };
    const given = [{ host: outside, guest: "/o", readOnly: true }];
    expect([await run(given), await run([]), await run(given), await run([])]).toEqual([
      0,
      EACCES,
      0,
      EACCES,
    ]);
  });

  test("required, it leaves no run with a library to a thread", async () => {
    const [outcome] = await attempt([["socket"]], { sandbox: "required", isolation: "thread" });
    expect(outcome).toMatchObject({ code: "USAGE", message: expect.stringContaining("on a thread") });
  });

  test("on the command line", async () => {
    const env = { HOSTBUNDLE_CACHE_DIR: join(folder, "cache") };
    const run = (...flags: string[]): Promise<unknown> => {
      const call = `attempt(${ATTEMPTS.indexOf("read-named")}, ${JSON.stringify(file)})`;
      return hostbundle(["run", "--host-bundle", bundle, ...flags, "--invoke", call, app], { env });
    };
    expect(await run()).toMatchObject({ exitCode: 0, stdout: `${EACCES}\n`, stderr: "" });
    expect(await run("--sandbox=off")).toMatchObject({ stdout: "0\n" });
    expect(await run("--library-dir", `${outside}:ro`)).toMatchObject({ stdout: "0\n" });
    expect(await run("--sandbox=required", "--isolation=thread")).toMatchObject({ exitCode: 2, stdout: "" });
    expect(await run("--library-dir", join(folder, "none"))).toMatchObject({ exitCode: 2 });
  });

  /** The command line, started by a shell. */
  function byShell(name: Attempt, wrap: (command: string) => readonly [string, ...string[]]): string {
    const call = `attempt(${ATTEMPTS.indexOf(name)}, "")`;
    const command = `'${process.execPath}' '${BINARY}' run --host-bundle '${bundle}' --invoke '${call}' '${app}'`;
    const [program, ...args] = wrap(command);
    const env = { PATH: process.env["PATH"], NO_COLOR: "1", HOSTBUNDLE_CACHE_DIR: join(folder, "cache") };
    return spawnSync(program, args, { encoding: "utf8", env }).stdout.trim();
  }

  test("what the program inherited is not passed on", () => {
    const opened = byShell("count-inherited", (command) => [
      "bash",
      "-c",
      `${command} 8<'${file}' 100<'${file}'`,
    ]);
    expect(opened).toBe("0");
  });

  test.skipIf(!hasScript)(
    `a terminal can be written to, and not read ${hasScript ? "" : "(skipped: no script)"}`,
    () => {
      expect(byShell("terminal-mode", (command) => [SCRIPT, "-qec", command, "/dev/null"])).toBe("1");
    },
  );

  test.skipIf(duckdb === undefined)("DuckDB works in memory and on its files, and on no others", async () => {
    const data = join(folder, "data");
    const home = join(folder, "duckdb");
    for (const each of [data, home, join(data, "spill")]) mkdirSync(each);
    const manifest = join(home, "hosts.toml");
    const component = join(folder, "querying.wasm");
    writeFileSync(component, await buildComponent(querying));
    writeFileSync(
      manifest,
      `[[host]]\nname = "duckdb"\nadapter = "duckdb"\nconfig = { path = "../data/ducks.db", temp-directory = "../data/spill", external-access = true }\n`,
    );
    const [host, loaded] = await open(bundle, component, {
      bundles: [],
      manifests: [manifest],
      linker: "own",
    });
    const query = async (name: string, sql: string): Promise<unknown> => {
      const outcome = await host.run(loaded, { export: "query", args: [name, sql] });
      return outcome.status === "ok" ? outcome.value : outcome.error;
    };
    expect(await query(":memory:", "SELECT sum(range) FROM range(1000000)")).toEqual({
      ok: ["[499999500000]"],
    });
    expect(await query("", "CREATE TABLE t AS SELECT 42 AS x; CHECKPOINT; SELECT x FROM t")).toEqual({
      ok: ["[42]"],
    });
    expect(await query("", "SELECT x + 1 FROM t")).toEqual({ ok: ["[43]"] });
    expect(statSync(join(data, "ducks.db")).size).toBeGreaterThan(0);
    expect(await query(":memory:", "SELECT * FROM read_text('/etc/passwd')")).toMatchObject({
      err: expect.stringContaining("ermission denied"),
    });
  });
});
