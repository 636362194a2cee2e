/** `hostbundle doctor`: what this machine supports, and what to do where something is missing. */
import { spawnSync } from "node:child_process";
import { accessSync, constants, mkdirSync } from "node:fs";
import type { Finding } from "../../shared/errors.ts";
import { parseProbe, type Probe } from "../../shared/probe.ts";
import { missingParts, SANDBOX_FEATURES } from "../../shared/sandbox.ts";
import { findAdapterLibrary } from "../bundle/adapter.ts";
import { defaultCacheFolder } from "../cache-folder.ts";
import { PROBE_FILE } from "../installation.ts";
import { ownVersion } from "../package-version.ts";
import { isSystemError, reasonOf } from "../system-error.ts";
import type { ParsedArgs } from "./args.ts";
import type { CliIo, Output } from "./output.ts";
import { table } from "./table.ts";

/** `missing`: something works less well without it; `broken`: runs with native libraries do not work. */
type State = "ok" | "missing" | "broken";

interface Check {
  readonly name: string;
  readonly state: State;
  /** What was found, in a few words. */
  readonly found: string;
  readonly help?: string;
}

const PROBE_TIMEOUT_MS = 20_000;
const OLDEST_NODE = 20;
/** What it takes to keep signals within the sandbox by Landlock. */
const FULL_LANDLOCK = 6;

/** Exit status 0 where components and native libraries can run, else 1. */
export async function doctor(_args: ParsedArgs, io: CliIo, output: Output): Promise<number> {
  const probed = tryNative();
  const checks = [nodeCheck(), ...nativeChecks(probed), compilerCheck(), duckdbCheck(io.cwd), cacheCheck(io)];
  const isBroken = checks.some(({ state }) => state === "broken");
  if (output.json) {
    output.object({ status: isBroken ? "broken" : "ok", version: ownVersion(), checks });
    return isBroken ? 1 : 0;
  }
  for (const line of table(checks.map(({ name, state, found }) => [MARK[state], name, found])))
    output.line(line);
  for (const { name, help } of checks) if (help !== undefined) output.note(`help: ${name}: ${help}`);
  return isBroken ? 1 : 0;
}

const MARK: Readonly<Record<State, string>> = { ok: "ok", missing: "--", broken: "BROKEN" };

function nodeCheck(): Check {
  const found = `${process.version}, ${process.platform} ${process.arch}`;
  const isOld = Number.parseInt(process.versions.node, 10) < OLDEST_NODE;
  if (!isOld) return { name: "node", state: "ok", found };
  return { name: "node", state: "broken", found, help: `hostbundle needs Node ${OLDEST_NODE} or later` };
}

interface Probed {
  readonly probe?: Probe;
  /** How the process has ended that said nothing. */
  readonly problem: string;
  readonly tookMs: number;
}

function tryNative(): Probed {
  const startMs = performance.now();
  const child = spawnSync(process.execPath, [PROBE_FILE], { encoding: "utf8", timeout: PROBE_TIMEOUT_MS });
  const tookMs = Math.round(performance.now() - startMs);
  const probe = parseProbe(child.stdout ?? "");
  if (probe !== undefined) return { probe, problem: "", tookMs };
  const last = (child.stderr ?? "").trim().split("\n").at(-1) ?? "";
  const problem =
    child.error?.message ?? (last === "" ? `it ended with ${child.signal ?? child.status}` : last);
  return { problem, tookMs };
}

function nativeChecks({ probe, problem, tookMs }: Probed): readonly Check[] {
  if (probe === undefined) {
    const help = "runs with native libraries need child processes; --isolation thread does without";
    return [
      { name: "process isolation", state: "broken", found: `a child process failed: ${problem}`, help },
    ];
  }
  const isolation: Check = {
    name: "process isolation",
    state: "ok",
    found: `a child process with native code starts and ends in ${tookMs} ms`,
  };
  const { koffi, koffiError = "" } = probe;
  if (koffi === undefined) {
    const help = "npm install again, on this machine: native libraries are called by koffi's own";
    return [isolation, { name: "koffi", state: "broken", found: koffiError, help }];
  }
  return [
    isolation,
    { name: "koffi", state: "ok", found: koffi },
    machineCodeCheck(probe),
    limitsCheck(probe),
    ...sandboxChecks(probe),
  ];
}

function machineCodeCheck({ hasMachineCode }: Probe): Check {
  const name = "machine code";
  if (hasMachineCode) return { name, state: "ok", found: "results are released by one call" };
  const help = "nothing is lost but some speed: this machine, or its policy, has no place for such code";
  return { name, state: "missing", found: "results are released by one call each", help };
}

function limitsCheck({ refusedLimits }: Probe): Check {
  const name = "limits of the kernel";
  const refused = Object.entries(refusedLimits);
  if (refused.length === 0)
    return { name, state: "ok", found: "CPU time, native memory, open files, core dumps" };
  const found = refused.map(([limit, reason]) => `${limit} (${reason})`).join(", ");
  const help = "native code is limited by time (--timeout) only; the kernel's limits are there on Linux";
  return { name, state: "missing", found: `not: ${found}`, help };
}

function sandboxChecks({ landlockAbi, sandbox }: Probe): readonly Check[] {
  const name = "sandbox";
  const full = `all of the sandbox needs ABI ${FULL_LANDLOCK}: Linux 6.12, with Landlock among its security modules`;
  const landlock: Check = {
    name: "landlock",
    found: landlockAbi === undefined ? "none" : `ABI ${landlockAbi}`,
    ...((landlockAbi ?? 0) < FULL_LANDLOCK ? { state: "missing", help: full } : { state: "ok" }),
  };
  if (sandbox === undefined) return [landlock];
  const missing = missingParts(sandbox);
  if (missing.length === 0) return [landlock, { name, state: "ok", found: SANDBOX_FEATURES.join(", ") }];
  const help = `runs have what there is of it (--sandbox best-effort); missing: ${missing.join(", ")}`;
  return [landlock, { name, state: "missing", found: "a part of it", help }];
}

function compilerCheck(): Check {
  const name = "C compiler";
  const { status, stdout } = spawnSync("cc", ["--version"], { encoding: "utf8" });
  if (status === 0) return { name, state: "ok", found: stdout.split("\n")[0] ?? "" };
  const help = "only to build libraries from C, the examples' too";
  return { name, state: "missing", found: "no cc", help };
}

function duckdbCheck(folder: string): Check {
  const name = "duckdb";
  const adapter = { kind: "built-in", name: "duckdb", isDeclared: true, where: { file: "" } } as const;
  const findings: Finding[] = [];
  const library = findAdapterLibrary(adapter, folder, findings);
  if (library !== undefined) return { name, state: "ok", found: library.path };
  const [finding] = findings;
  const help = `only for the adapter duckdb: ${finding?.help ?? ""}`;
  return { name, state: "missing", found: "its library is not installed", help };
}

function cacheCheck({ env }: CliIo): Check {
  const name = "cache";
  const folder = defaultCacheFolder(env);
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
    return { name, state: "ok", found: folder };
  } catch (error) {
    if (!isSystemError(error)) throw error;
    const help =
      "name a folder that can be written: HOSTBUNDLE_CACHE_DIR. Until then each program prepares components anew";
    return { name, state: "missing", found: `${folder}: ${reasonOf(error)}`, help };
  }
}
