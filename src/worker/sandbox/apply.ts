/** The two steps by which a child process gives up its rights; neither can be taken back. */
import {
  SANDBOX_ON,
  type SandboxFeature,
  type SandboxPolicy,
  type SandboxReport,
} from "../../shared/sandbox.ts";
import { restrictThread } from "./landlock.ts";
import { filterFor, filterWithoutRings, installFilter } from "./seccomp.ts";
import { errorName, machine, systemCaller } from "./system-calls.ts";

const PR_SET_NO_NEW_PRIVS = 38;

const NOT_HERE = `there is none for ${process.platform} on ${process.arch}`;

/** What is restricted from the moment that the next program is executed. */
export type BeforeExecution = Readonly<Partial<Record<SandboxFeature, string>>>;

/**
 * Before the program of the child is executed: the new program and all its threads have what this thread has left. Gives for each
 * part that it is on or why it is not.
 */
export function restrictBeforeExecution(policy: SandboxPolicy): BeforeExecution {
  const on = machine();
  if (on === undefined) return { "no-new-privileges": NOT_HERE, files: NOT_HERE };
  const call = systemCaller(on);
  const result = call("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  if (result < 0) {
    const reason = `prctl: ${errorName(result)}`;
    return { "no-new-privileges": reason, files: reason };
  }
  // Where there are no filters the second step says so.
  installFilter(filterWithoutRings(on), call);
  const { files, network, signals } = restrictThread(policy, call);
  return {
    "no-new-privileges": SANDBOX_ON,
    files: files ?? SANDBOX_ON,
    network: network ?? SANDBOX_ON,
    signals: signals ?? SANDBOX_ON,
  };
}

/** In the child's program, before it opens any library: filters system calls. Gives the whole report. */
export function restrictCalls({ network }: SandboxPolicy, before: BeforeExecution): SandboxReport {
  const on = machine();
  const missing =
    on === undefined
      ? NOT_HERE
      : before["no-new-privileges"] === SANDBOX_ON
        ? installFilter(filterFor(on, process.pid, network), systemCaller(on))
        : "new privileges could not be given up";
  // The filter refuses sockets, and signals to others, where Landlock is too old for it.
  const filtered = missing === undefined ? SANDBOX_ON : missing;
  const either = (feature: SandboxFeature): string =>
    before[feature] === SANDBOX_ON ? SANDBOX_ON : filtered;
  return {
    "no-new-privileges": before["no-new-privileges"] ?? NOT_HERE,
    files: before.files ?? NOT_HERE,
    network: either("network"),
    signals: either("signals"),
    "system-calls": filtered,
  };
}
