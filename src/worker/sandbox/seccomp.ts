/** The filter of system calls of a child process: nothing that starts, looks into or signals other processes, none that only root needs. */
import koffi from "koffi";
import { type ArgumentTest, assembleFilter, type FilterProgram, type Rule } from "./bpf.ts";
import {
  errorName,
  type Machine,
  type SystemCall,
  type SystemCaller,
  systemCallNumber,
} from "./system-calls.ts";

const AUDIT_ARCH: Readonly<Record<Machine, number>> = { x64: 0xc000_003e, arm64: 0xc000_00b7 };
/** What came with Linux 6.15 and later, and x32, which calls the same kernel by other numbers. */
const FIRST_UNKNOWN = 467;

const EPERM = 1;
const EACCES = 13;
const EINVAL = 22;
const ENOSYS = 38;

/** Any of `CLONE_NEW*`: namespaces, in which more is allowed. */
const CLONE_NEW = 0x7e02_0000;
const CLONE_THREAD = 0x1_0000;
const PR_SET_PDEATHSIG = 1;
/** `F_SETOWN`, `F_SETSIG`, `F_SETOWN_EX`: another process is sent a signal of the caller's choice when there is something to read. */
const OWNERS = [8, 10, 15] as const;
/** `ioctl`s that do the same: `FIOSETOWN`, `SIOCSPGRP`. */
const IO_OWNERS = [0x8901, 0x8902] as const;
/** That put characters into a terminal's input (`TIOCSTI`, `TIOCLINUX`), or stop, flush or take it. */
const TERMINAL = [0x5409, 0x540a, 0x540b, 0x540c, 0x540e, 0x5410, 0x5412, 0x541c, 0x541d, 0x5423] as const;
/** That change how it works: `TCSETS` and its like, and its size. Node, at its end, does not mind. */
const TERMINAL_MODES = [0x5402, 0x5403, 0x5404, 0x5406, 0x5407, 0x5408, 0x5414] as const;
const TERMINAL_MODES_2 = [0x402c_542b, 0x402c_542c, 0x402c_542d] as const;
/** `FS_IOC_SETFLAGS`, `FS_IOC_FSSETXATTR`, `FIFREEZE`, `FITHAW`: of whole file systems, or of files that may only be read. */
const FILE_SYSTEM = [0x4008_6602, 0x401c_5820, 0xc004_5877, 0xc004_5878] as const;
const AF_UNIX = 1;
/** What connects to other machines, and what tells about the network: `AF_INET`, `AF_INET6`, `AF_NETLINK`. */
const NETWORK_FAMILIES = [2, 10, 16] as const;
/** `SOCK_STREAM` and `SOCK_SEQPACKET`; a datagram socket, however it was made, sends to any name. */
const PAIR_TYPES = [1, 5] as const;
const SOCKET_TYPE_MASK = 0xf;

const PROGRAM_BYTES = 16;

const SECCOMP_SET_MODE_FILTER = 1;
/** For all threads of the process, and without slowing them down on older kernels, where filters also meant less speculation. */
const TSYNC = 1;
const SPEC_ALLOW = 4;

/** Other programs, and copies of this one, which would outlive a supervisor that is killed. */
const PROGRAMS = ["execve", "execveat", "fork", "vfork", "setsid", "setpgid"] as const;
/** Another user: also no longer ended with the supervisor, which the kernel forgets with the identity. */
const USERS = ["setuid", "setreuid", "setresuid", "setfsuid"] as const;
const GROUPS = ["setgid", "setregid", "setresgid", "setfsgid", "setgroups"] as const;
/** Memory and messages that processes share by a number, and that stay when all of them have ended. */
const SHARED_MEMORY = ["shmget", "shmat", "shmctl", "semget", "semop", "semtimedop", "semctl"] as const;
const MESSAGES = ["msgget", "msgsnd", "msgrcv", "msgctl", "mq_open", "mq_unlink"] as const;
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
const FILES = ["quotactl", "quotactl_fd", "fanotify_init", "name_to_handle_at", "open_by_handle_at"] as const;
/** What Landlock does not look at. */
const MODES = ["chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "fchown", "lchown", "fchownat"] as const;
const TIMES = ["utime", "utimes", "futimesat", "inotify_add_watch"] as const;
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
  ...USERS,
  ...GROUPS,
  ...SHARED_MEMORY,
  ...MESSAGES,
  ...PROCESSES,
  ...DESCRIBED,
  ...MOUNTS,
  ...NEW_MOUNTS,
  ...FILES,
  ...MODES,
  ...TIMES,
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

/** Their first argument is a process or a thread; only the child's first thread, or the caller (0), is allowed. */
const SCHEDULING: readonly SystemCall[] = [
  "sched_setparam",
  "sched_setscheduler",
  "sched_setaffinity",
  "sched_setattr",
  "migrate_pages",
  "move_pages",
  "prlimit64",
];
/** The same of their second one; the first says that it is a process. */
const PRIORITIES = [
  ["setpriority", 0],
  ["ioprio_set", 1],
] as const;

/** The rules for the process with that id. */
export function filterFor(on: Machine, pid: number, network: boolean): FilterProgram {
  const rules: Rule[] = [];
  const refuse = (name: SystemCall, errno: number, argument?: ArgumentTest): void => {
    const call = systemCallNumber(name, on);
    if (call === undefined) return;
    rules.push({ call, verdict: { kind: "refuse", errno }, ...(argument === undefined ? {} : { argument }) });
  };
  const allow = (name: SystemCall, argument: ArgumentTest): void => {
    const call = systemCallNumber(name, on);
    if (call !== undefined) rules.push({ call, argument, verdict: { kind: "allow" } });
  };
  for (const name of REFUSED) refuse(name, EPERM);
  for (const name of ABSENT) refuse(name, ENOSYS);
  for (const name of SIGNALLING) refuse(name, EPERM, { index: 0, value: pid, not: true });
  refuse("clone", EPERM, { index: 0, mask: CLONE_NEW, value: 0, not: true });
  refuse("clone", EPERM, { index: 0, mask: CLONE_THREAD, value: 0 });
  for (const name of SCHEDULING) {
    allow(name, { index: 0, value: 0 });
    refuse(name, EPERM, { index: 0, value: pid, not: true });
  }
  for (const [name, which] of PRIORITIES) {
    refuse(name, EPERM, { index: 0, value: which, not: true });
    allow(name, { index: 1, value: 0 });
    refuse(name, EPERM, { index: 1, value: pid, not: true });
  }
  refuse("prctl", EPERM, { index: 0, value: PR_SET_PDEATHSIG });
  for (const command of OWNERS) refuse("fcntl", EPERM, { index: 1, value: command });
  for (const command of [...IO_OWNERS, ...TERMINAL, ...TERMINAL_MODES, ...TERMINAL_MODES_2, ...FILE_SYSTEM])
    refuse("ioctl", EPERM, { index: 1, value: command });
  // Of an open file (no path) they may be changed.
  for (const isHigh of [false, true]) refuse("utimensat", EPERM, { index: 1, isHigh, value: 0, not: true });
  if (network) for (const family of NETWORK_FAMILIES) allow("socket", { index: 0, value: family });
  refuse("socket", EACCES);
  refuse("socketpair", EACCES, { index: 0, value: AF_UNIX, not: true });
  for (const type of PAIR_TYPES) allow("socketpair", { index: 1, mask: SOCKET_TYPE_MASK, value: type });
  refuse("socketpair", EACCES);
  return { auditArch: AUDIT_ARCH[on], firstUnknown: FIRST_UNKNOWN, rules };
}

/** No new rings, and nothing else. */
export function withoutRings(on: Machine): FilterProgram {
  const { auditArch, rules } = filterFor(on, 0, true);
  const call = systemCallNumber("io_uring_setup", on);
  return { auditArch, rules: rules.filter((rule) => rule.call === call) };
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
