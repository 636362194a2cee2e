/**
 * The first program of a child process with a sandbox: gives up the right to files, then executes the program that runs components, all
 * of whose threads are restricted from their first moment on.
 */
import type { SandboxHandover, SandboxLaunch } from "../shared/sandbox.ts";
import { restrictBeforeExecution } from "./sandbox/apply.ts";
import { execute } from "./sandbox/execute.ts";

// Only a supervisor starts this file, with a SandboxLaunch.
const launch: SandboxLaunch = JSON.parse(process.argv[2] ?? "{}");
const { policy, file, execArgv, args, descriptors } = launch;
const handover: SandboxHandover = { policy, before: restrictBeforeExecution(policy) };
execute(process.execPath, [...execArgv, file, ...args, JSON.stringify(handover)], process.env, descriptors);
