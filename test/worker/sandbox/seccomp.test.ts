/** The filter of system calls, run by an interpreter of its instructions. */
import { describe, expect, it } from "vitest";
import { assembleFilter } from "../../../src/worker/sandbox/bpf.ts";
import { filterFor } from "../../../src/worker/sandbox/seccomp.ts";
import { type Machine, type SystemCall, systemCallNumber } from "../../../src/worker/sandbox/system-calls.ts";

const PID = 4711;
const ARCH = { x64: 0xc000_003e, arm64: 0xc000_00b7 } as const;
const ALLOW = 0x7fff_0000;
const KILL = 0x8000_0000;
const EPERM = 0x5_0001;
const EACCES = 0x5_000d;
const ENOSYS = 0x5_0026;

/** What the kernel does with `struct seccomp_data`. */
function decide(filter: Uint8Array, arch: number, call: number, args: readonly number[]): number {
  const data = new DataView(new ArrayBuffer(64));
  data.setUint32(0, call, true);
  data.setUint32(4, arch, true);
  for (const [index, arg] of args.entries()) data.setBigInt64(16 + 8 * index, BigInt(arg), true);
  const code = new DataView(filter.buffer);
  let accumulator = 0;
  for (let at = 0; at < filter.length / 8; at += 1) {
    const operation = code.getUint16(8 * at, true);
    const k = code.getUint32(8 * at + 4, true);
    const jump = (holds: boolean): void => {
      at += code.getUint8(8 * at + (holds ? 2 : 3));
    };
    if (operation === 0x20) accumulator = data.getUint32(k, true);
    else if (operation === 0x54) accumulator = (accumulator & k) >>> 0;
    else if (operation === 0x15) jump(accumulator === k);
    else if (operation === 0x35) jump(accumulator >= k);
    else if (operation === 0x06) return k;
    else throw new Error(`unknown instruction ${operation}`);
  }
  throw new Error("the filter has no end");
}

describe.each(["x64", "arm64"] as const)("the filter on %s", (on: Machine) => {
  const filter = assembleFilter(filterFor(on, PID, false));
  const verdict = (name: SystemCall, ...args: readonly number[]): number =>
    decide(filter, ARCH[on], systemCallNumber(name, on) ?? -1, args);

  it.each<readonly [name: SystemCall, args: readonly number[], expected: number]>([
    ["execve", [], EPERM],
    ["ptrace", [16, 1], EPERM],
    ["pidfd_open", [1], EPERM],
    ["clone3", [], ENOSYS],
    ["io_uring_setup", [], ENOSYS],
    // SIGCHLD, as fork() has it; as posix_spawn(); what a thread is made with; with a user namespace.
    ["clone", [0x120_0011], EPERM],
    ["clone", [0x4111], EPERM],
    ["clone", [0x3d_0f00], ALLOW],
    ["clone", [0x1000_0011], EPERM],
    ["fchmod", [3, 0o777], EPERM],
    ["kill", [PID, 9], ALLOW],
    ["kill", [PID + 1, 9], EPERM],
    ["kill", [-1, 9], EPERM],
    ["kill", [-PID, 9], EPERM],
    ["tgkill", [PID, 5000, 6], ALLOW],
    ["tgkill", [1, 1, 6], EPERM],
    ["prctl", [1, 0], EPERM],
    ["prctl", [15, 0], ALLOW],
    ["ioctl", [0, 0x5412], EPERM],
    ["ioctl", [0, 0x5401], ALLOW],
    ["ioctl", [0, 0x5402], EPERM],
    ["ioctl", [0, 0x5413], ALLOW],
    ["fcntl", [0, 4], ALLOW],
    ["fcntl", [0, 8, 1], EPERM],
    ["socket", [2, 1], EACCES],
    // SOCK_STREAM with SOCK_CLOEXEC, SOCK_SEQPACKET, SOCK_DGRAM, SOCK_RAW (which is the same); AF_TIPC.
    ["socketpair", [1, 0x8_0001], ALLOW],
    ["socketpair", [1, 5], ALLOW],
    ["socketpair", [1, 2], EACCES],
    ["socketpair", [1, 3], EACCES],
    ["socketpair", [30, 1], EACCES],
    // No path; a path that begins at 4 GiB.
    ["utimensat", [3, 0], ALLOW],
    ["utimensat", [3, 0x1000], EPERM],
    ["utimensat", [3, 0x1_0000_0000], EPERM],
    ["sched_setaffinity", [0], ALLOW],
    ["sched_setaffinity", [PID], ALLOW],
    ["sched_setaffinity", [PID + 1], EPERM],
    ["setpriority", [0, 0], ALLOW],
    ["setpriority", [0, PID + 1], EPERM],
    ["setpriority", [2, 0], EPERM],
    ["ioprio_set", [1, PID], ALLOW],
    ["prlimit64", [0, 7], ALLOW],
    ["prlimit64", [PID, 7], ALLOW],
    ["prlimit64", [PID + 1, 7], EPERM],
    ["landlock_restrict_self", [], ALLOW],
    ["rt_sigaction", [], ALLOW],
  ])("decides %s(%j)", (name, args, expected) => {
    expect(verdict(name, ...args)).toBe(expected);
  });

  it("lets the network through where it was granted", () => {
    const open = assembleFilter(filterFor(on, PID, true));
    const socket = (family: number): number =>
      decide(open, ARCH[on], systemCallNumber("socket", on) ?? -1, [family]);
    expect([2, 10, 16].map(socket)).toEqual([ALLOW, ALLOW, ALLOW]);
    expect([1, 17, 38, 40].map(socket)).toEqual([EACCES, EACCES, EACCES, EACCES]);
  });

  it("ends a process that calls as another machine would", () => {
    expect(decide(filter, 0x4000_0003, 11, [])).toBe(KILL);
  });
});

it("knows no calls of x32, whose numbers are others, and none that are younger", () => {
  const filter = assembleFilter(filterFor("x64", PID, false));
  expect(decide(filter, ARCH.x64, 0x4000_0208, [])).toBe(ENOSYS);
  expect(decide(filter, ARCH.x64, 469, [])).toBe(ENOSYS);
  expect(decide(filter, ARCH.x64, 0, [])).toBe(ALLOW);
});

it("has no number twice, and none that is another call's", () => {
  for (const on of ["x64", "arm64"] as const) {
    const plain = filterFor(on, PID, false).rules.filter(({ argument }) => argument === undefined);
    expect(new Set(plain.map(({ call }) => call)).size).toBe(plain.length);
  }
});
