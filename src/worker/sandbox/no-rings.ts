/**
 * Keeps rings (io_uring) from processes that this thread starts. What a ring is told to do passes no filter of system calls, so that
 * a sandbox has to refuse them; but libuv makes one for its event loop as soon as a process starts (Node 22 and later), and ends the
 * process when it is refused to it later. A filter that a process inherits is there before.
 */
import { installFilter, withoutRings } from "./seccomp.ts";
import { machine, systemCaller } from "./system-calls.ts";

const PR_SET_NO_NEW_PRIVS = 38;

/** Of this thread, and what it starts from now on. Where it is refused, the children find out that their sandbox lacks its filter. */
export function startWithoutRings(): void {
  const on = machine();
  if (on === undefined) return;
  const call = systemCaller(on);
  call("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  installFilter(withoutRings(on), call, "this thread");
}
