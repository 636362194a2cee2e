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
  shmget: [29, 194],
  shmat: [30, 196],
  shmctl: [31, 195],
  socket: [41, 198],
  socketpair: [53, 199],
  clone: [56, 220],
  fork: [57, -1],
  vfork: [58, -1],
  execve: [59, 221],
  kill: [62, 129],
  semget: [64, 190],
  semop: [65, 193],
  semctl: [66, 191],
  msgget: [68, 186],
  msgsnd: [69, 189],
  msgrcv: [70, 188],
  msgctl: [71, 187],
  fcntl: [72, 25],
  chmod: [90, -1],
  fchmod: [91, 52],
  chown: [92, -1],
  fchown: [93, 55],
  lchown: [94, -1],
  ptrace: [101, 117],
  syslog: [103, 116],
  setuid: [105, 146],
  setgid: [106, 144],
  setpgid: [109, 154],
  setsid: [112, 157],
  setreuid: [113, 145],
  setregid: [114, 143],
  setgroups: [116, 159],
  setresuid: [117, 147],
  setresgid: [119, 149],
  setfsuid: [122, 151],
  setfsgid: [123, 152],
  rt_sigqueueinfo: [129, 138],
  utime: [132, -1],
  personality: [135, 92],
  setpriority: [141, 140],
  sched_setparam: [142, 118],
  sched_setscheduler: [144, 119],
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
  sched_setaffinity: [203, 122],
  semtimedop: [220, 192],
  clock_settime: [227, 112],
  tgkill: [234, 131],
  utimes: [235, -1],
  mq_open: [240, 180],
  mq_unlink: [241, 181],
  kexec_load: [246, 104],
  add_key: [248, 217],
  request_key: [249, 218],
  keyctl: [250, 219],
  ioprio_set: [251, 30],
  inotify_add_watch: [254, 27],
  migrate_pages: [256, 238],
  fchownat: [260, 54],
  futimesat: [261, -1],
  fchmodat: [268, 53],
  unshare: [272, 97],
  move_pages: [279, 239],
  utimensat: [280, 88],
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
  sched_setattr: [314, 274],
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
  quotactl_fd: [443, 443],
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
