/**
 * Landlock: what this process may open from now on. A rule set restricts the thread that applies it and what that thread starts
 * later; threads that exist already, libuv's and V8's, are restricted with a flag of newer kernels, or one by one (`each-thread.ts`).
 */
import { closeSync, constants, fstatSync, openSync } from "node:fs";
import type { SandboxPolicy } from "../../shared/sandbox.ts";
import { restrictOtherThreads } from "./each-thread.ts";
import { errorName, type Machine, type SystemCaller } from "./system-calls.ts";

const CREATE_RULESET_VERSION = 1;
const CREATE_RULESET_ERRATA = 2;
const RULE_PATH_BENEATH = 1;
const RESTRICT_SELF_TSYNC = 8;
const FIRST_ABI_WITH_TSYNC = 8;
/** Not in Node's constants: a descriptor that only names a file. */
const O_PATH = 0x20_0000;

/** `LANDLOCK_ACCESS_FS_*` */
const ACCESS = {
  execute: 1,
  writeFile: 2,
  readFile: 4,
  readFolder: 8,
  makeCharacterDevice: 1 << 6,
  makeBlockDevice: 1 << 11,
  truncate: 1 << 14,
  ioctl: 1 << 15,
} as const;
/** By ABI, all kinds of access to files that there are: `REFER` came with 2, `TRUNCATE` with 3, `IOCTL_DEV` with 5. */
const ALL_ACCESS = [0, 0x1fff, 0x3fff, 0x7fff, 0x7fff, 0xffff] as const;
/** What can be said of a file that is no folder. */
const FILE_ACCESS = ACCESS.writeFile | ACCESS.readFile | ACCESS.truncate;
/** Mapping a library takes no right to execute, which nobody gets. */
const READ = ACCESS.readFile | ACCESS.readFolder;
/** A device that root makes is a way to whatever it stands for. */
const NOT_WRITTEN = ACCESS.execute | ACCESS.ioctl | ACCESS.makeCharacterDevice | ACCESS.makeBlockDevice;

/** `LANDLOCK_ACCESS_NET_*`: bind and connect TCP. */
const ALL_NETWORK = 3;
const FIRST_ABI_WITH_NETWORK = 4;
/** `LANDLOCK_SCOPE_*`: abstract UNIX sockets, signals; both only within the sandbox. */
const SCOPE_SOCKETS = 1;
const SCOPE_SIGNALS = 2;
const FIRST_ABI_WITH_SCOPES = 6;
/** In `CREATE_RULESET_ERRATA`: the threads of one process may signal each other. */
const ERRATUM_SIGNALS = 2;

/** Of each part that Landlock does, absent: it is on; or why it is not. */
export interface LandlockResult {
  readonly files?: string;
  readonly network?: string;
  readonly signals?: string;
}

/** The version of Landlock; a negative number: why there is none. */
export function landlockAbi(call: SystemCaller): number {
  return call("landlock_create_ruleset", 0, 0, CREATE_RULESET_VERSION);
}

/** Restricts this process for good. `no_new_privs` has to be set in all of its threads. */
export function restrictFiles(policy: SandboxPolicy, on: Machine, call: SystemCaller): LandlockResult {
  const abi = landlockAbi(call);
  if (abi < 1) return all(`the kernel has no Landlock (${errorName(abi)})`);
  const handled = ALL_ACCESS[Math.min(abi, ALL_ACCESS.length - 1)] ?? 0;
  const ruleset = createRuleset(call, abi, handled, policy.network);
  if (ruleset < 0) return all(`Landlock refuses its rules (${errorName(ruleset)})`);
  try {
    for (const path of policy.readable) allow(call, ruleset, path, READ);
    for (const path of policy.writable) allow(call, ruleset, path, handled & ~NOT_WRITTEN);
    const failure = restrict(on, call, abi, ruleset);
    if (failure !== undefined) return all(failure);
  } finally {
    closeSync(ruleset);
  }
  const tooOld = (first: number): string => `the kernel's Landlock has version ${abi}, this needs ${first}`;
  return {
    ...(abi < FIRST_ABI_WITH_NETWORK ? { network: tooOld(FIRST_ABI_WITH_NETWORK) } : {}),
    ...(abi < FIRST_ABI_WITH_SCOPES ? { signals: tooOld(FIRST_ABI_WITH_SCOPES) } : {}),
  };
}

function all(reason: string): LandlockResult {
  return { files: reason, network: reason, signals: reason };
}

/** Gives why it failed. */
function restrict(on: Machine, call: SystemCaller, abi: number, ruleset: number): string | undefined {
  const flags = abi >= FIRST_ABI_WITH_TSYNC ? RESTRICT_SELF_TSYNC : 0;
  // First, while /proc can still be read; this thread starts none meanwhile.
  const failure = flags === 0 ? restrictOtherThreads(on, call, ruleset) : undefined;
  const result = call("landlock_restrict_self", ruleset, flags);
  return result < 0 ? `Landlock refuses to begin (${errorName(result)})` : failure;
}

/** `struct landlock_ruleset_attr`, as long as the ABI knows it. */
function createRuleset(call: SystemCaller, abi: number, handled: number, network: boolean): number {
  const isScoped = (call("landlock_create_ruleset", 0, 0, CREATE_RULESET_ERRATA) & ERRATUM_SIGNALS) !== 0;
  const attributes = BigUint64Array.of(
    BigInt(handled),
    network ? 0n : BigInt(ALL_NETWORK),
    BigInt(SCOPE_SOCKETS | (isScoped ? SCOPE_SIGNALS : 0)),
  );
  const members = abi >= FIRST_ABI_WITH_SCOPES ? 3 : abi >= FIRST_ABI_WITH_NETWORK ? 2 : 1;
  return call("landlock_create_ruleset", new Uint8Array(attributes.buffer), members * 8, 0);
}

/** What there is not, or what may not be looked at, is left out: it stays refused. */
function allow(call: SystemCaller, ruleset: number, path: string, access: number): void {
  const descriptor = openPath(path);
  if (descriptor === undefined) return;
  try {
    // struct landlock_path_beneath_attr, packed
    const attributes = new Uint8Array(12);
    const view = new DataView(attributes.buffer);
    const isFolder = fstatSync(descriptor).isDirectory();
    view.setBigUint64(0, BigInt(isFolder ? access : access & FILE_ACCESS), true);
    view.setInt32(8, descriptor, true);
    call("landlock_add_rule", ruleset, RULE_PATH_BENEATH, attributes, 0);
  } finally {
    closeSync(descriptor);
  }
}

function openPath(path: string): number | undefined {
  try {
    return openSync(path, constants.O_RDONLY | O_PATH);
  } catch {
    // It is not there, or not for this user.
    return undefined;
  }
}
