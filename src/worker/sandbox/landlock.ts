/**
 * Landlock: what the calling thread, the threads and processes that it starts, and the program that it executes may open. Threads that exist
 * already are not restricted (before ABI 8), so that a process has to restrict itself and then execute its program.
 */
import { constants, lstatSync, openSync, closeSync, statSync } from "node:fs";
import type { SandboxPolicy } from "../../shared/sandbox.ts";
import { errorName, type SystemCaller } from "./system-calls.ts";

const CREATE_RULESET_VERSION = 1;
const RULE_PATH_BENEATH = 1;
/** Not in Node's constants: a descriptor that only names a file. */
const O_PATH = 0x20_0000;

/** `LANDLOCK_ACCESS_FS_*` */
const ACCESS = { execute: 1, writeFile: 2, readFile: 4, readFolder: 8, truncate: 1 << 14 } as const;
/** By ABI, all kinds of access to files that there are: `REFER` came with 2, `TRUNCATE` with 3, `IOCTL_DEV` with 5. */
const ALL_ACCESS = [0, 0x1fff, 0x3fff, 0x7fff, 0x7fff, 0xffff] as const;
const IOCTL_DEVICE = 1 << 15;
/** What can be said of a file that is no folder. */
const FILE_ACCESS = ACCESS.execute | ACCESS.writeFile | ACCESS.readFile | ACCESS.truncate;
const READ = ACCESS.execute | ACCESS.readFile | ACCESS.readFolder;

/** `LANDLOCK_ACCESS_NET_*`: bind and connect TCP. */
const ALL_NETWORK = 3;
const FIRST_ABI_WITH_NETWORK = 4;
/** `LANDLOCK_SCOPE_*`: abstract UNIX sockets, signals; both only within the sandbox. */
const SCOPE_SOCKETS = 1;
const SCOPE_SIGNALS = 2;
const FIRST_ABI_WITH_SCOPES = 6;

/** The version of Landlock; a negative number: why there is none. */
export function landlockAbi(call: SystemCaller): number {
  return call("landlock_create_ruleset", 0, 0, CREATE_RULESET_VERSION);
}

/** Of each part that Landlock does, absent: it is on; or why it is not. */
export interface LandlockResult {
  readonly files?: string;
  readonly network?: string;
  readonly signals?: string;
}

/** Restricts the calling thread for good. `no_new_privs` has to be set. */
export function restrictThread(policy: SandboxPolicy, call: SystemCaller): LandlockResult {
  const abi = landlockAbi(call);
  if (abi < 1) return all(`the kernel has no Landlock: ${errorName(abi)}`);
  const handled = ALL_ACCESS[Math.min(abi, ALL_ACCESS.length - 1)] ?? 0;
  const ruleset = createRuleset(call, abi, handled, policy.network);
  if (ruleset < 0) return all(`Landlock: ${errorName(ruleset)}`);
  try {
    for (const path of policy.readable) allow(call, ruleset, path, READ & handled);
    for (const path of policy.writable) allow(call, ruleset, path, handled & ~IOCTL_DEVICE);
    const result = call("landlock_restrict_self", ruleset, 0);
    if (result < 0) return all(`Landlock: ${errorName(result)}`);
  } finally {
    closeSync(ruleset);
  }
  const tooOld = (first: number): string => `the kernel's Landlock is version ${abi}, this needs ${first}`;
  return {
    ...(abi < FIRST_ABI_WITH_NETWORK ? { network: tooOld(FIRST_ABI_WITH_NETWORK) } : {}),
    ...(abi < FIRST_ABI_WITH_SCOPES ? { signals: tooOld(FIRST_ABI_WITH_SCOPES) } : {}),
  };
}

function all(reason: string): LandlockResult {
  return { files: reason, network: reason, signals: reason };
}

/** `struct landlock_ruleset_attr`, as long as the ABI knows it. */
function createRuleset(call: SystemCaller, abi: number, handled: number, network: boolean): number {
  const attributes = new BigUint64Array([
    BigInt(handled),
    BigInt(network ? 0 : ALL_NETWORK),
    BigInt(network ? SCOPE_SIGNALS : SCOPE_SIGNALS | SCOPE_SOCKETS),
  ]);
  const members = abi >= FIRST_ABI_WITH_SCOPES ? 3 : abi >= FIRST_ABI_WITH_NETWORK ? 2 : 1;
  return call("landlock_create_ruleset", new Uint8Array(attributes.buffer), members * 8, 0);
}

/** What there is not, or what may not be looked at, is left out: it stays refused. */
function allow(call: SystemCaller, ruleset: number, path: string, access: number): void {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return;
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory();
  if (isFolder === undefined) return;
  const descriptor = openSync(path, constants.O_RDONLY | O_PATH);
  try {
    // struct landlock_path_beneath_attr, packed
    const attributes = new Uint8Array(12);
    const view = new DataView(attributes.buffer);
    view.setBigUint64(0, BigInt(isFolder ? access : access & FILE_ACCESS), true);
    view.setInt32(8, descriptor, true);
    call("landlock_add_rule", ruleset, RULE_PATH_BENEATH, attributes, 0);
  } finally {
    closeSync(descriptor);
  }
}
