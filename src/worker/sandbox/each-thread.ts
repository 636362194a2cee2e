/**
 * Has every other thread of this process apply a Landlock rule set. Nothing but a thread itself can do that before kernels have a flag
 * for it, and the only way to have a thread of libuv's or V8's do anything is a signal: its handler, a few instructions of machine
 * code, makes the one system call and counts. The signal is the one that the C library keeps for the same use (`setuid` of all
 * threads), which no thread can block.
 */
import { readdirSync } from "node:fs";
import { libc } from "../native/libc.ts";
import type { Machine, SystemCaller } from "./system-calls.ts";

interface Handler {
  readonly code: readonly number[];
  /** Where the code that a handler returns to begins; absent: the kernel has its own. */
  readonly restorerAt?: number;
  /** Where the address of the counters belongs (u64), and behind it the descriptor of the rule set (u32). */
  readonly wordsAt: number;
}

const HANDLERS: Readonly<Record<Machine, Handler>> = {
  x64: {
    restorerAt: 0x28,
    wordsAt: 0x30,
    // oxfmt-ignore
    code: [
      0xf3, 0x0f, 0x1e, 0xfa, //                   endbr64
      0xb8, 0xbe, 0x01, 0x00, 0x00, //             mov eax, 446           landlock_restrict_self
      0x8b, 0x3d, 0x29, 0x00, 0x00, 0x00, //       mov edi, [rip + 0x29]  the rule set
      0x31, 0xf6, //                               xor esi, esi
      0x0f, 0x05, //                               syscall
      0x48, 0x8b, 0x0d, 0x16, 0x00, 0x00, 0x00, // mov rcx, [rip + 0x16]  the counters
      0x85, 0xc0, //                               test eax, eax
      0x74, 0x04, //                               je count
      0x48, 0x83, 0xc1, 0x04, //                   add rcx, 4             the second one: of failures
      // count:
      0xf0, 0xff, 0x01, //                         lock inc dword [rcx]
      0xc3, //                                     ret
      0xcc, 0xcc,
      // restorer:
      0xb8, 0x0f, 0x00, 0x00, 0x00, //             mov eax, 15            rt_sigreturn
      0x0f, 0x05, //                               syscall
      0xcc,
    ],
  },
  arm64: {
    wordsAt: 0x38,
    // oxfmt-ignore
    code: [
      0x5f, 0x24, 0x03, 0xd5, // bti c
      0xc8, 0x37, 0x80, 0xd2, // mov x8, #446         landlock_restrict_self
      0xc0, 0x01, 0x00, 0x18, // ldr w0, [pc, #0x38]  the rule set
      0x01, 0x00, 0x80, 0xd2, // mov x1, #0
      0x01, 0x00, 0x00, 0xd4, // svc #0
      0x22, 0x01, 0x00, 0x58, // ldr x2, [pc, #0x24]  the counters
      0x40, 0x00, 0x00, 0x34, // cbz w0, count
      0x42, 0x10, 0x00, 0x91, // add x2, x2, #4       the second one: of failures
      // count:
      0x43, 0x7c, 0x5f, 0x88, // ldxr w3, [x2]
      0x63, 0x04, 0x00, 0x11, // add w3, w3, #1
      0x43, 0x7c, 0x04, 0x88, // stxr w4, w3, [x2]
      0xa4, 0xff, 0xff, 0x35, // cbnz w4, count
      0xc0, 0x03, 0x5f, 0xd6, // ret
      0x1f, 0x20, 0x03, 0xd5, // nop
    ],
  },
};

/** The C library's own: `SIGSETXID`. Signal masks that it sets never have it. */
const SIGNAL = 33;
const SA_RESTART = 0x1000_0000;
const SA_RESTORER = 0x0400_0000;
/** Bytes of the kernel's `struct sigaction` and of its signal set. */
const ACTION_BYTES = 32;
const SET_BYTES = 8;

/** A thread that has not answered by then hangs in the kernel. */
const WAIT_MS = 2000;
const LOOK_EVERY_MS = 0.1;
/** Threads that appear meanwhile were started by threads that were not restricted yet: they get their turn. */
const MAX_ROUNDS = 8;

/** What the handlers count: rule sets applied, and refused. */
type Counters = Uint32Array<ArrayBuffer>;

/** Where a handler that was not waited for may still count, for the life of the process. */
const abandoned: Counters[] = [];

/** Gives why it failed; then some threads may be restricted. `no_new_privs` has to be set in all of them. */
export function restrictOtherThreads(on: Machine, call: SystemCaller, ruleset: number): string | undefined {
  const counters = new Uint32Array(new ArrayBuffer(8));
  const placed = placeHandler(on, counters, ruleset);
  if (typeof placed === "string") return placed;
  const action = new Uint8Array(placed.action.buffer);
  const before = new Uint8Array(ACTION_BYTES);
  if (call("rt_sigaction", SIGNAL, action, before, SET_BYTES) < 0) return "no signal handler can be set";
  if (!signalAll(call, counters)) {
    abandoned.push(counters);
    return "a thread of this process did not answer";
  }
  call("rt_sigaction", SIGNAL, before, 0, SET_BYTES);
  placed.remove();
  return counters[1] === 0 ? undefined : "a thread of this process could not be restricted";
}

interface PlacedHandler {
  /** The kernel's `struct sigaction`. */
  readonly action: BigUint64Array<ArrayBuffer>;
  readonly remove: () => void;
}

function placeHandler(on: Machine, counters: Counters, ruleset: number): PlacedHandler | string {
  const { pages, memory } = libc();
  const { code, restorerAt, wordsAt } = HANDLERS[on];
  const length = wordsAt + 12;
  const page = pages?.mapWritable(length);
  if (pages === undefined || page === undefined) return "there is no memory for a signal handler";
  const bytes = new ArrayBuffer(length);
  new Uint8Array(bytes).set(code);
  const view = new DataView(bytes);
  view.setBigUint64(wordsAt, BigInt(memory.addressOf(counters.buffer)), true);
  view.setUint32(wordsAt + 8, ruleset, true);
  memory.memcpy(page, memory.addressOf(bytes), length);
  const remove = (): void => {
    pages.unmap(page, length);
  };
  if (!pages.makeExecutable(page, length)) {
    remove();
    return "the system lets no code be made at run time";
  }
  const [flags, restorer] =
    restorerAt === undefined ? [SA_RESTART, 0] : [SA_RESTART + SA_RESTORER, page + restorerAt];
  return { action: BigUint64Array.of(BigInt(page), BigInt(flags), BigInt(restorer), 0n), remove };
}

/** Gives whether all threads have answered. */
function signalAll(call: SystemCaller, counters: Counters): boolean {
  const asked = new Set([process.pid]);
  let expected = 0;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const fresh = threads().filter((thread) => !asked.has(thread));
    if (fresh.length === 0) return true;
    for (const thread of fresh) {
      asked.add(thread);
      // One that has just ended needs nothing.
      if (call("tgkill", process.pid, thread, SIGNAL) === 0) expected += 1;
    }
    if (!isReached(counters, expected)) return false;
  }
  return false;
}

function isReached(counters: Counters, expected: number): boolean {
  const bed = new Int32Array(new SharedArrayBuffer(4));
  const deadlineMs = performance.now() + WAIT_MS;
  while ((counters[0] ?? 0) + (counters[1] ?? 0) < expected) {
    if (performance.now() > deadlineMs) return false;
    Atomics.wait(bed, 0, 0, LOOK_EVERY_MS);
  }
  return true;
}

function threads(): readonly number[] {
  return readdirSync("/proc/self/task").map(Number);
}
