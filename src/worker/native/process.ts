/** What a child process asks of the system about itself. */
import { libc } from "./libc.ts";

const PR_SET_PDEATHSIG = 1;
const SIGKILL = 9;

/** The process id as the system has it: Node's own is kept from the start, also in a copy made by fork(). */
let ownPid: (() => number) | undefined;

/**
 * Has the system end this process when the thread that started it ends (Linux; elsewhere the closed channel does it). Ends it at
 * once where that has already happened.
 */
export function tieToSupervisor(supervisor: number): void {
  if (process.platform === "win32") return;
  const { handle } = libc();
  ownPid = handle.func("getpid", "int", []);
  if (process.platform !== "linux") return;
  const prctl = handle.func("prctl", "int", ["int", "ulong", "ulong", "ulong", "ulong"]);
  prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (process.ppid !== supervisor) process.kill(process.pid, "SIGKILL");
}

/** Ends this process where it is a copy of the one that was started: a library has called fork(). */
export function endCopy(): void {
  const pid = ownPid?.() ?? process.pid;
  if (pid !== process.pid) process.kill(pid, "SIGKILL");
}
