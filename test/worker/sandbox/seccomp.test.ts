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
    // SIGCHLD, as fork() has it; what a thread is made with; with a user namespace.
    ["clone", [17], ALLOW],
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
    ["socket", [2, 1], EACCES],
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
    expect(decide(open, ARCH[on], systemCallNumber("socket", on) ?? -1, [2])).toBe(ALLOW);
  });

  it("ends a process that calls as another machine would", () => {
    expect(decide(filter, 0x4000_0003, 11, [])).toBe(KILL);
  });
});

it("refuses the calls of x32, whose numbers are others", () => {
  const filter = assembleFilter(filterFor("x64", PID, false));
  expect(decide(filter, ARCH.x64, 0x4000_0208, [])).toBe(EPERM);
  expect(decide(filter, ARCH.x64, 0, [])).toBe(ALLOW);
});

it("has no number twice, and none that is another call's", () => {
  for (const on of ["x64", "arm64"] as const) {
    const plain = filterFor(on, PID, false).rules.filter(({ argument }) => argument === undefined);
    expect(new Set(plain.map(({ call }) => call)).size).toBe(plain.length);
  }
});
