/** Programs for seccomp (classic BPF over `struct seccomp_data`): a list of rules, tried in their order, and the bytes of them. */

/** What becomes of a system call. */
export type Verdict =
  | { readonly kind: "allow" }
  | { readonly kind: "refuse"; readonly errno: number }
  /** The process is ended with SIGSYS. */
  | { readonly kind: "kill" };

/** On the low 32 bits of an argument, or the high ones: `mask`ed, they equal `value`; or with `not`, they do not. */
export interface ArgumentTest {
  readonly index: number;
  readonly isHigh?: boolean;
  readonly mask?: number;
  readonly value: number;
  readonly not?: boolean;
}

export interface Rule {
  /** Number of the system call. */
  readonly call: number;
  /** Absent: whatever the arguments are. */
  readonly argument?: ArgumentTest;
  readonly verdict: Verdict;
}

export interface FilterProgram {
  /** `AUDIT_ARCH_*`; a call by another machine's conventions ends the process. */
  readonly auditArch: number;
  /** Calls with numbers from here on are said not to exist: younger than the rules, or of another calling convention. */
  readonly firstUnknown?: number;
  /** What no rule is about is allowed. */
  readonly rules: readonly Rule[];
}

const LOAD = 0x20;
const JUMP_EQUAL = 0x15;
const JUMP_NOT_BELOW = 0x35;
const AND = 0x54;
const RETURN = 0x06;

const OFFSET = { call: 0, arch: 4, arguments: 16 } as const;

const ALLOW = 0x7fff_0000;
const ERRNO = 0x0005_0000;
const KILL_PROCESS = 0x8000_0000;
const ENOSYS = 38;

const INSTRUCTION_BYTES = 8;

type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, k: number];

/** The bytes of a `struct sock_filter[]`. Little-endian, as all machines that there are numbers for. */
export function assembleFilter({ auditArch, firstUnknown, rules }: FilterProgram): Uint8Array {
  const code: Instruction[] = [
    [LOAD, 0, 0, OFFSET.arch],
    [JUMP_EQUAL, 1, 0, auditArch],
    [RETURN, 0, 0, KILL_PROCESS],
    [LOAD, 0, 0, OFFSET.call],
  ];
  if (firstUnknown !== undefined)
    code.push(
      [JUMP_NOT_BELOW, 0, 1, firstUnknown],
      [RETURN, 0, 0, returned({ kind: "refuse", errno: ENOSYS })],
    );
  for (const rule of rules) code.push(...ruleCode(rule));
  code.push([RETURN, 0, 0, ALLOW]);
  const bytes = new Uint8Array(code.length * INSTRUCTION_BYTES);
  const view = new DataView(bytes.buffer);
  for (const [index, [operation, ifTrue, ifFalse, k]] of code.entries()) {
    const at = index * INSTRUCTION_BYTES;
    view.setUint16(at, operation, true);
    view.setUint8(at + 2, ifTrue);
    view.setUint8(at + 3, ifFalse);
    view.setUint32(at + 4, k, true);
  }
  return bytes;
}

/** Leaves the number of the call in the accumulator, where the rule is not about it. */
function ruleCode({ call, argument, verdict }: Rule): readonly Instruction[] {
  const done: Instruction = [RETURN, 0, 0, returned(verdict)];
  if (argument === undefined) return [[JUMP_EQUAL, 0, 1, call], done];
  const { index, isHigh = false, mask, value, not = false } = argument;
  const test: Instruction[] = [[LOAD, 0, 0, OFFSET.arguments + 8 * index + (isHigh ? 4 : 0)]];
  if (mask !== undefined) test.push([AND, 0, 0, mask]);
  test.push([JUMP_EQUAL, not ? 1 : 0, not ? 0 : 1, value], done, [LOAD, 0, 0, OFFSET.call]);
  return [[JUMP_EQUAL, 0, test.length, call], ...test];
}

function returned(verdict: Verdict): number {
  if (verdict.kind === "allow") return ALLOW;
  return verdict.kind === "kill" ? KILL_PROCESS : ERRNO + verdict.errno;
}
