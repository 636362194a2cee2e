/** The filter of system calls of a child process: nothing that starts, looks into or signals other processes, none that only root needs. */
import koffi from "koffi";
import { assembleFilter, type FilterProgram, type Rule } from "./bpf.ts";
import {
  errorName,
  type Machine,
  type SystemCall,
  type SystemCaller,
  systemCallNumber,
} from "./system-calls.ts";

const AUDIT_ARCH: Readonly<Record<Machine, number>> = { x64: 0xc000_003e, arm64: 0xc000_00b7 };
/** x32 calls the same kernel by other numbers. */
const FIRST_X32 = 0x4000_0000;

const EPERM = 1;
const EACCES = 13;
const EINVAL = 22;
const ENOSYS = 38;

/** Any of `CLONE_NEW*`: namespaces, in which more is allowed. */
const CLONE_NEW = 0x7e02_0000;
const PR_SET_PDEATHSIG = 1;
/** Puts characters into a terminal's input. */
const TIOCSTI = 0x5412;
const TIOCLINUX = 0x541c;

const PROGRAM_BYTES = 16;

const SECCOMP_SET_MODE_FILTER = 1;
/** For all threads of the process, and without slowing them down on older kernels, where filters also meant less speculation. */
const TSYNC = 1;
const SPEC_ALLOW = 4;

/** Other programs. A copy that a library makes of the process stays in the group that its supervisor ends. */
const PROGRAMS = ["execve", "execveat", "setsid", "setpgid"] as const;
const PROCESSES = [
  "ptrace",
  "process_vm_readv",
  "process_vm_writev",
  "process_madvise",
  "process_mrelease",
] as const;
const DESCRIBED = ["kcmp", "pidfd_open", "pidfd_getfd", "pidfd_send_signal"] as const;
/** File systems and namespaces, and ways to files that go around paths. */
const MOUNTS = [
  "mount",
  "umount2",
  "pivot_root",
  "chroot",
  "open_tree",
  "move_mount",
  "mount_setattr",
] as const;
const NEW_MOUNTS = ["fsopen", "fsconfig", "fsmount", "fspick", "unshare", "setns"] as const;
const FILES = ["quotactl", "fanotify_init", "name_to_handle_at", "open_by_handle_at"] as const;
/** What Landlock does not look at. */
const MODES = ["chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "fchown", "lchown", "fchownat"] as const;
const ATTRIBUTES = ["setxattr", "lsetxattr", "fsetxattr", "setxattrat"] as const;
const NO_ATTRIBUTES = ["removexattr", "lremovexattr", "fremovexattr", "removexattrat"] as const;
/** Keys, and the kernel's own machinery: where its faults have been. */
const KEYS = ["keyctl", "add_key", "request_key"] as const;
const KERNEL = ["bpf", "perf_event_open", "userfaultfd", "syslog", "personality", "modify_ldt"] as const;
const MODULES = ["kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module"] as const;
/** What is root's. */
const SYSTEM = ["swapon", "swapoff", "reboot", "acct", "iopl", "ioperm"] as const;
const NAMES = ["sethostname", "setdomainname", "vhangup"] as const;
const CLOCKS = ["settimeofday", "clock_settime", "adjtimex", "clock_adjtime"] as const;

/** Refused whatever the arguments are. */
const REFUSED: readonly SystemCall[] = [
  ...PROGRAMS,
  ...PROCESSES,
  ...DESCRIBED,
  ...MOUNTS,
  ...NEW_MOUNTS,
  ...FILES,
  ...MODES,
  ...ATTRIBUTES,
  ...NO_ATTRIBUTES,
  ...KEYS,
  ...KERNEL,
  ...MODULES,
  ...SYSTEM,
  ...NAMES,
  ...CLOCKS,
];

/** Calls that others do as well: the C library and libuv go on without them. */
const ABSENT: readonly SystemCall[] = [
  // Its flags are in memory, which a filter cannot read; `clone` has them in a register.
  "clone3",
  // What a ring does is not filtered. There is none that was made before (no-rings.ts); without one, the other calls do nothing.
  "io_uring_setup",
];

/** Their first argument is a process; only the child itself is allowed. */
const SIGNALLING: readonly SystemCall[] = ["kill", "tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo"];

/** The rules for the process with that id. */
export function filterFor(on: Machine, pid: number, network: boolean): FilterProgram {
  const rules: Rule[] = [];
  const refuse = (name: SystemCall, errno: number, argument?: Rule["argument"]): void => {
    const call = systemCallNumber(name, on);
    if (call === undefined) return;
    rules.push({ call, verdict: { kind: "refuse", errno }, ...(argument === undefined ? {} : { argument }) });
  };
  for (const name of REFUSED) refuse(name, EPERM);
  for (const name of ABSENT) refuse(name, ENOSYS);
  for (const name of SIGNALLING) refuse(name, EPERM, { index: 0, value: pid, not: true });
  refuse("clone", EPERM, { index: 0, mask: CLONE_NEW, value: 0, not: true });
  // Its own limits, by either name; not those of others.
  const limits = systemCallNumber("prlimit64", on);
  if (limits !== undefined)
    rules.push({ call: limits, argument: { index: 0, value: 0 }, verdict: { kind: "allow" } });
  refuse("prlimit64", EPERM, { index: 0, value: pid, not: true });
  refuse("prctl", EPERM, { index: 0, value: PR_SET_PDEATHSIG });
  for (const command of [TIOCSTI, TIOCLINUX]) refuse("ioctl", EPERM, { index: 1, value: command });
  if (!network) refuse("socket", EACCES);
  return { auditArch: AUDIT_ARCH[on], ...(on === "x64" ? { firstForeign: FIRST_X32 } : {}), rules };
}

/** No new rings, and nothing else. */
export function withoutRings(on: Machine): FilterProgram {
  const { rules, ...rest } = filterFor(on, 0, true);
  const call = systemCallNumber("io_uring_setup", on);
  return { ...rest, rules: rules.filter((rule) => rule.call === call) };
}

/** Filters system calls for good. Gives why not. `no_new_privs` has to be set. */
export function installFilter(
  program: FilterProgram,
  call: SystemCaller,
  whose: "all threads" | "this thread",
): string | undefined {
  const filter = assembleFilter(program);
  // struct sock_fprog, and behind it what it points to: one buffer, which lives as long as the call.
  const bytes = new Uint8Array(PROGRAM_BYTES + filter.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, filter.length / 8, true);
  view.setBigUint64(8, koffi.address(bytes) + BigInt(PROGRAM_BYTES), true);
  bytes.set(filter, PROGRAM_BYTES);
  const flags = whose === "all threads" ? TSYNC : 0;
  let result = call("seccomp", SECCOMP_SET_MODE_FILTER, flags | SPEC_ALLOW, bytes);
  if (result === -EINVAL) result = call("seccomp", SECCOMP_SET_MODE_FILTER, flags, bytes);
  if (result === 0) return undefined;
  return result > 0 ? "a thread has a filter of its own" : `seccomp: ${errorName(result)}`;
}
