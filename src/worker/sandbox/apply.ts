/** How a child process gives up its rights, once it has all that it needs itself. None of it can be taken back. */
import {
  SANDBOX_ON,
  type SandboxFeature,
  type SandboxPolicy,
  type SandboxReport,
} from "../../shared/sandbox.ts";
import { restrictFiles } from "./landlock.ts";
import { filterFor, installFilter } from "./seccomp.ts";
import { errorName, machine, systemCaller } from "./system-calls.ts";

const PR_SET_NO_NEW_PRIVS = 38;

/** Gives for each part of the sandbox that it is on or why it is not. */
export function applySandbox(policy: SandboxPolicy): SandboxReport {
  const on = machine();
  if (on === undefined) return nothing(`there is none for ${process.platform} on ${process.arch}`);
  const call = systemCaller(on);
  const result = call("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  if (result < 0) return nothing(`new privileges could not be given up: ${errorName(result)}`);
  // First: it brings `no_new_privs` to all other threads, without which the kernel restricts none that is not root's.
  const filter = installFilter(filterFor(on, process.pid, policy.network), call, "all threads") ?? SANDBOX_ON;
  const landlock = restrictFiles(policy, on, call);
  // The filter refuses sockets, and signals to others, also where Landlock is too old for it.
  return {
    "no-new-privileges": SANDBOX_ON,
    files: landlock.files ?? SANDBOX_ON,
    network: filter === SANDBOX_ON ? SANDBOX_ON : (landlock.network ?? SANDBOX_ON),
    signals: filter === SANDBOX_ON ? SANDBOX_ON : (landlock.signals ?? SANDBOX_ON),
    "system-calls": filter,
  };
}

function nothing(reason: string): SandboxReport {
  const parts: Readonly<Record<SandboxFeature, string>> = {
    "no-new-privileges": reason,
    files: reason,
    network: reason,
    signals: reason,
    "system-calls": reason,
  };
  return parts;
}
