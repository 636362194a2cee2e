/** Numbers of Linux system calls, and a way to make them. */
import koffi from "koffi";
import { libc } from "../native/libc.ts";

/** Machines that a filter can be made for. */
export type Machine = "x64" | "arm64";

export function machine(): Machine | undefined {
  if (process.platform !== "linux") return undefined;
  return process.arch === "x64" || process.arch === "arm64" ? process.arch : undefined;
}

/**
 * By name, what x86-64 and AArch64 call it (`asm/unistd_64.h`, `asm-generic/unistd.h`); -1: there is none. From 424 on, all machines
 * have the same numbers.
 */
const NUMBERS = {
  rt_sigaction: [13, 134],
  ioctl: [16, 29],
  socket: [41, 198],
  clone: [56, 220],
  execve: [59, 221],
  kill: [62, 129],
  chmod: [90, -1],
  fchmod: [91, 52],
  chown: [92, -1],
  fchown: [93, 55],
  lchown: [94, -1],
  ptrace: [101, 117],
  syslog: [103, 116],
  setpgid: [109, 154],
  setsid: [112, 157],
  rt_sigqueueinfo: [129, 138],
  personality: [135, 92],
  vhangup: [153, 58],
  modify_ldt: [154, -1],
  pivot_root: [155, 41],
  prctl: [157, 167],
  adjtimex: [159, 171],
  chroot: [161, 51],
  acct: [163, 89],
  settimeofday: [164, 170],
  mount: [165, 40],
  umount2: [166, 39],
  swapon: [167, 224],
  swapoff: [168, 225],
  reboot: [169, 142],
  sethostname: [170, 161],
  setdomainname: [171, 162],
  iopl: [172, -1],
  ioperm: [173, -1],
  init_module: [175, 105],
  delete_module: [176, 106],
  quotactl: [179, 60],
  setxattr: [188, 5],
  lsetxattr: [189, 6],
  fsetxattr: [190, 7],
  removexattr: [197, 14],
  lremovexattr: [198, 15],
  fremovexattr: [199, 16],
  tkill: [200, 130],
  clock_settime: [227, 112],
  tgkill: [234, 131],
  kexec_load: [246, 104],
  add_key: [248, 217],
  request_key: [249, 218],
  keyctl: [250, 219],
  fchownat: [260, 54],
  fchmodat: [268, 53],
  unshare: [272, 97],
  rt_tgsigqueueinfo: [297, 240],
  perf_event_open: [298, 241],
  fanotify_init: [300, 262],
  prlimit64: [302, 261],
  name_to_handle_at: [303, 264],
  open_by_handle_at: [304, 265],
  clock_adjtime: [305, 266],
  setns: [308, 268],
  process_vm_readv: [310, 270],
  process_vm_writev: [311, 271],
  kcmp: [312, 272],
  finit_module: [313, 273],
  seccomp: [317, 277],
  kexec_file_load: [320, 294],
  bpf: [321, 280],
  execveat: [322, 281],
  userfaultfd: [323, 282],
  pidfd_send_signal: [424, 424],
  io_uring_setup: [425, 425],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
  open_tree: [428, 428],
  move_mount: [429, 429],
  fsopen: [430, 430],
  fsconfig: [431, 431],
  fsmount: [432, 432],
  fspick: [433, 433],
  pidfd_open: [434, 434],
  clone3: [435, 435],
  pidfd_getfd: [438, 438],
  process_madvise: [440, 440],
  mount_setattr: [442, 442],
  landlock_create_ruleset: [444, 444],
  landlock_add_rule: [445, 445],
  landlock_restrict_self: [446, 446],
  process_mrelease: [448, 448],
  fchmodat2: [452, 452],
  setxattrat: [463, 463],
  removexattrat: [466, 466],
} as const;

export type SystemCall = keyof typeof NUMBERS;

/** Absent: the machine has no such call. */
export function systemCallNumber(name: SystemCall, on: Machine): number | undefined {
  const number = NUMBERS[name][on === "x64" ? 0 : 1];
  return number < 0 ? undefined : number;
}

/** What a call gave; a negative number is an error's, as in the kernel. */
export type SystemCaller = (name: SystemCall, ...args: readonly (number | Uint8Array)[]) => number;

const ENOSYS = 38;

/** Makes system calls by the C library's `syscall`. Bytes are passed by their address. */
export function systemCaller(on: Machine): SystemCaller {
  const types = ["intptr_t", "intptr_t", "intptr_t", "intptr_t", "intptr_t", "intptr_t"];
  const syscall = libc().handle.func("syscall", "intptr_t", types);
  return (name, ...args) => {
    const number = systemCallNumber(name, on);
    if (number === undefined) return -ENOSYS;
    const [a = 0, b = 0, c = 0, d = 0, e = 0] = args.map((arg) =>
      typeof arg === "number" ? arg : koffi.address(arg),
    );
    const result = Number(syscall(number, a, b, c, d, e));
    return result === -1 ? -koffi.errno() : result;
  };
}

/** `EPERM`, as Node names it, of a negative result. */
export function errorName(result: number): string {
  const found = Object.entries(koffi.os.errno).find(([, number]) => number === -result);
  return found?.[0] ?? `error ${-result}`;
}
