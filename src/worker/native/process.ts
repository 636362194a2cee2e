/** What a child process asks of the system about itself. */
import koffi from "koffi";
import { libc } from "./libc.ts";

const PR_SET_PDEATHSIG = 1;
const SIGKILL = 9;
const PROT_READ_WRITE = 3;
const MAP_SHARED = 1;

/** The process id as the system has it: Node's own is kept from the start, also in a copy made by fork(). */
let ownPid: (() => number) | undefined;
/** Ends the process without a word, as the copy of one should. */
let exitCopy: ((status: number) => void) | undefined;

/**
 * Has the system end this process when the thread that started it ends (Linux; elsewhere the closed channel does it). Ends it at
 * once where that has already happened.
 */
export function tieToSupervisor(supervisor: number): void {
  if (process.platform === "win32") return;
  const { handle } = libc();
  ownPid = handle.func("getpid", "int", []);
  exitCopy = handle.func("_exit", "void", ["int"]);
  if (process.platform !== "linux") return;
  const prctl = handle.func("prctl", "int", ["int", "ulong", "ulong", "ulong", "ulong"]);
  prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (process.ppid !== supervisor) process.kill(process.pid, "SIGKILL");
}

/** Ends this process where it is a copy of the one that was started: a library has called fork(). */
export function endCopy(): void {
  // Not by a signal: the sandbox lets a process signal the one that it was copied from, and no other.
  if (ownPid?.() !== process.pid) exitCopy?.(0);
}

/** A file's first bytes as memory that is shared with whoever reads the file; nothing where the system refuses. */
export function mapShared(descriptor: number, bytes: number): ArrayBuffer | undefined {
  if (process.platform === "win32") return undefined;
  const types = ["uintptr_t", "size_t", "int", "int", "int", "intptr_t"];
  const mmap = libc().handle.func("mmap", "uintptr_t", types);
  const address: unknown = mmap(0, bytes, PROT_READ_WRITE, MAP_SHARED, descriptor, 0);
  // A failure is the highest address, which is no safe integer.
  return typeof address === "number" ? koffi.view(BigInt(address), bytes) : undefined;
}
