/** The sandbox as a library meets it: in a child process that runs the two steps of `dist/worker`. */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import type { SandboxLaunch, SandboxPolicy } from "../../../src/shared/sandbox.ts";
import { landlockAbi } from "../../../src/worker/sandbox/landlock.ts";
import { policyFor } from "../../../src/worker/sandbox/policy.ts";
import { machine, systemCaller } from "../../../src/worker/sandbox/system-calls.ts";
import { compileLibrary, compiler } from "../../support/native.ts";
import { softhsm } from "../../support/softhsm.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { library as duckdb } from "../adapters/duckdb/open.ts";
import { TRIES_SOURCE } from "./library.ts";

const on = machine();
const abi = on === undefined ? -1 : landlockAbi(systemCaller(on));
const reason = !compiler.available
  ? compiler.reason
  : abi < 6
    ? `(skipped: Landlock is version ${abi}, not 6)`
    : "";
const PASSWORDS = "/etc/passwd";

const LAUNCH = fileURLToPath(new URL("../../../dist/worker/launch-entry.js", import.meta.url));
const CHILD = fileURLToPath(new URL("child.mjs", import.meta.url));
const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

type Try = readonly [name: string, ...args: (string | number)[]];

interface Told {
  readonly refused?: string;
  readonly report: Readonly<Record<string, string>>;
  readonly results: readonly (string | number)[];
  readonly threads: readonly (string | number)[];
  readonly node: Readonly<Record<string, unknown>>;
}

describe.skipIf(reason !== "")(`the sandbox of a child ${reason}`, () => {
  const folder = temporaryFolder();
  const bundle = join(folder, "bundle");
  const written = join(folder, "written");
  const shown = join(folder, "shown");
  let library = "";

  beforeAll(() => {
    for (const each of [bundle, written, shown]) mkdirSync(each);
    library = compileLibrary(bundle, "tries", TRIES_SOURCE, ["-pthread"]);
    writeFileSync(join(shown, "file"), "text");
    writeFileSync(join(folder, "secret"), "secret");
  });

  function policy(change: Partial<SandboxPolicy> = {}): SandboxPolicy {
    const base = policyFor(
      {
        plan: { libraries: [{ ...PLAN, path: library }], adapters: [] },
        wasi: {
          directories: [
            { host: written, guest: "/w", readOnly: false },
            { host: shown, guest: "/s", readOnly: true },
          ],
        },
        image: { folder: join(folder, "cache", "image") },
      },
      join(ROOT, "dist", "bundle", "child.cjs"),
      // The program of this test lies elsewhere than one that is installed.
      { mode: "required", readable: [ROOT], writable: [], network: false },
    );
    if (base === undefined) throw new Error("there is no policy");
    return { ...base, ...change };
  }

  function runChild(tries: readonly Try[], given = policy(), opens: readonly string[] = []): Told {
    const wishes = { library, tries, readable: join(shown, "file"), unreadable: PASSWORDS, opens };
    const launch: SandboxLaunch = {
      policy: given,
      file: CHILD,
      execArgv: [],
      args: [JSON.stringify(wishes)],
      descriptors: [],
    };
    const env = { PATH: process.env["PATH"] };
    const child = spawnSync(process.execPath, [LAUNCH, JSON.stringify(launch)], { encoding: "utf8", env });
    expect({ status: child.status, signal: child.signal, stderr: child.stderr }).toEqual({
      status: 0,
      signal: null,
      stderr: "",
    });
    return JSON.parse(child.stdout);
  }

  it("refuses files, sockets, programs, processes and signals, and is on in all its parts", () => {
    const cases: readonly (readonly [Try, string])[] = [
      [["try_read", PASSWORDS], "EACCES"],
      [["try_read", join(folder, "secret")], "EACCES"],
      [["try_read", `/proc/${process.pid}/environ`], "EACCES"],
      [["try_read_in_thread", PASSWORDS], "EACCES"],
      [["try_write", join(bundle, "new")], "EACCES"],
      [["try_write", join(shown, "file")], "EACCES"],
      [["try_remove", join(shown, "file")], "EACCES"],
      [["try_socket", 2, 1], "EACCES"],
      [["try_socket", 2, 2], "EACCES"],
      [["try_socket", 1, 1], "EACCES"],
      [["try_socket", 16, 3], "EACCES"],
      [["try_exec"], "EPERM"],
      [["try_fork"], "EPERM"],
      [["try_spawn"], "EPERM"],
      [["try_kill", "parent"], "EPERM"],
      [["try_kill", 1], "EPERM"],
      [["try_kill", -1], "EPERM"],
      [["try_kill", 0], "EPERM"],
      [["try_ptrace", "parent"], "EPERM"],
      [["try_leave_group"], "EPERM"],
      [["try_untie"], "EPERM"],
      [["try_io_uring"], "ENOSYS"],
    ];
    const { report, results, threads } = runChild(cases.map(([each]) => each));
    expect(cases.map(([[name, ...args]], index) => [name, args, results[index]])).toEqual(
      cases.map(([[name, ...args], expected]) => [name, args, expected]),
    );
    expect(new Set(Object.values(report))).toEqual(new Set(["on"]));
    // No thread that Node has started before is left out; those that block signals say nothing.
    expect(threads.length).toBeGreaterThan(4);
    expect(threads.filter((each) => each !== -1 && each !== "EACCES")).toEqual([]);
  });

  it("leaves what was granted, the library's own folder, the system's libraries, and Node as it is", () => {
    const tries: readonly Try[] = [
      ["try_read", library],
      ["try_read", join(shown, "file")],
      ["try_write", join(written, "new")],
      ["try_remove", join(written, "new")],
      ["try_write", "/dev/null"],
      ["try_read", "/proc/self/status"],
      ["try_kill", "self"],
    ];
    const { results, node } = runChild(tries);
    expect(results).toEqual(tries.map(() => "allowed"));
    expect(node).toEqual({ timer: "fired", read: 4, unread: "EACCES", zipped: true, opened: [] });
  });

  it("opens sockets where the network was granted", () => {
    const { results } = runChild([["try_socket", 2, 1], ["try_exec"]], policy({ network: true }));
    expect(results).toEqual(["allowed", "EPERM"]);
  });

  it.skipIf(duckdb === undefined || !softhsm.available)(
    `opens large libraries: DuckDB and SoftHSM ${softhsm.reason}`,
    () => {
      const opens = [duckdb ?? "", softhsm.path];
      expect(runChild([], policy(), opens).node).toMatchObject({ opened: [true, true] });
    },
  );

  it("ends where it is required and a part of it is missing", () => {
    const handover = JSON.stringify({ policy: policy(), before: { "no-new-privileges": "no reason" } });
    const wishes = JSON.stringify({ library, tries: [], readable: "", unreadable: "", opens: [] });
    const { stdout } = spawnSync(process.execPath, [CHILD, wishes, handover], { encoding: "utf8" });
    expect(JSON.parse(stdout)).toMatchObject({
      refused: expect.stringContaining("no-new-privileges (no reason)"),
    });
  });
});

const PLAN = {
  bundle: "tries",
  declaredIn: "",
  threadsafe: false,
  hasInit: false,
  hasDeinit: false,
  configJson: "{}",
};
