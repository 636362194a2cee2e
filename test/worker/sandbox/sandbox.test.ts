/** The sandbox as a library meets it: in a process that has entered it by what is in `dist/worker`. */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { NO_GRANTS, type SandboxPolicy } from "../../../src/shared/sandbox.ts";
import { landlockAbi } from "../../../src/worker/sandbox/landlock.ts";
import { startWithoutRings } from "../../../src/worker/sandbox/no-rings.ts";
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

const CHILD = fileURLToPath(new URL("child.mjs", import.meta.url));
const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

type Try = readonly [name: string, ...args: (string | number)[]];

interface Told {
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
    // As a supervisor does: for the children of this thread.
    startWithoutRings();
    for (const each of [bundle, written, shown]) mkdirSync(each);
    library = compileLibrary(bundle, "tries", TRIES_SOURCE, ["-pthread"]);
    writeFileSync(join(shown, "file"), "text");
    writeFileSync(join(folder, "secret"), "secret");
  });

  function policy(change: Partial<SandboxPolicy> = {}): SandboxPolicy {
    const base = policyFor(
      {
        libraries: [{ path: library }],
        files: { readable: [shown], writable: [written] },
        imageFolder: join(folder, "cache", "image"),
        env: {},
      },
      join(ROOT, "dist", "bundle", "child.cjs"),
      NO_GRANTS,
    );
    return { ...base, ...change };
  }

  function runChild(tries: readonly Try[], given = policy(), opens: readonly string[] = []): Told {
    const wishes = {
      library,
      tries,
      opens,
      policy: given,
      readable: join(shown, "file"),
      unreadable: PASSWORDS,
    };
    const env = { PATH: process.env["PATH"] };
    const child = spawnSync(process.execPath, [CHILD, JSON.stringify(wishes)], { encoding: "utf8", env });
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
      [["try_exec_in_copy"], "EPERM"],
      [["try_mode", library], "EPERM"],
      [["try_truncate", library], "EACCES"],
      [["try_spawn"], "EPERM"],
      [["try_kill", "parent"], "EPERM"],
      [["try_kill", 1], "EPERM"],
      [["try_kill", -1], "EPERM"],
      [["try_kill", 0], "EPERM"],
      [["try_ptrace", "parent"], "EPERM"],
      [["try_leave_group"], "EPERM"],
      [["try_untie"], "EPERM"],
      [["try_io_uring"], "ENOSYS"],
      [["try_fork"], "EPERM"],
      [["try_datagram", join(folder, "socket")], "EACCES"],
      [["try_device", join(written, "device")], "EACCES"],
      [["try_times", join(folder, "secret")], "EPERM"],
      [["try_watch", folder], "EPERM"],
      [["try_schedule", "parent"], "EPERM"],
      [["try_pin", "parent"], "EPERM"],
      [["try_priority", 0, "parent"], "EPERM"],
      [["try_priority", 2, 0], "EPERM"],
      [["try_shared_memory"], "EPERM"],
      [["try_user"], "EPERM"],
      [["try_owner", "parent"], "EPERM"],
      [["try_terminal"], "EPERM"],
      [["try_young_call"], "ENOSYS"],
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
      ["try_write", join(written, "file")],
      ["try_write", "/dev/null"],
      ["try_read", "/proc/self/status"],
      ["try_kill", "self"],
      ["try_times_of_open", join(written, "file")],
      ["try_pair", 1],
      ["try_schedule", 0],
      ["try_pin", "self"],
      ["try_priority", 0, 0],
    ];
    const { results, node } = runChild(tries);
    expect(results).toEqual(tries.map(() => "allowed"));
    expect(node).toEqual({ timer: "fired", read: 4, unread: "EACCES", zipped: true, opened: [] });
  });

  it("opens sockets where the network was granted, and none to other programs of this machine", () => {
    const tries: readonly Try[] = [
      ["try_socket", 2, 1],
      ["try_socket", 10, 2],
      ["try_socket", 16, 3],
      // Behind such a one may be who does anything for who asks.
      ["try_socket", 1, 1],
      ["try_socket", 17, 3],
      ["try_exec"],
    ];
    const expected = ["allowed", "allowed", "allowed", "EACCES", "EACCES", "EPERM"];
    expect(runChild(tries, policy({ network: true })).results).toEqual(expected);
  });

  it.skipIf(duckdb === undefined || !softhsm.available)(
    `opens large libraries: DuckDB and SoftHSM ${softhsm.reason}`,
    () => {
      const opens = [duckdb ?? "", softhsm.path];
      expect(runChild([], policy(), opens).node).toMatchObject({ opened: [true, true] });
    },
  );
});
