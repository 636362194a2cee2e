/** `wasi:cli`. Not preview2-shim's: its exit ends the process. */
import { isatty } from "node:tty";
import type { WasiGrants } from "../shared/protocol.ts";
import { GuestExit } from "./outcome.ts";
import { emptyClass, type Functions, type ResourceClass } from "./shim.ts";
import { STANDARD } from "./standard-descriptors.ts";

export function environment({ env, args }: WasiGrants): Functions {
  // Whoever lowers them reads them only.
  return { getEnvironment: () => env, getArguments: () => args, initialCwd: () => undefined };
}

export function exit(stop: (reason: GuestExit) => never): Functions {
  return {
    exit: (status: { readonly tag: string }) => stop(new GuestExit(status.tag === "ok" ? 0 : 1)),
    exitWithCode: (code: number) => stop(new GuestExit(code)),
  };
}

const TerminalInput = emptyClass();
const TerminalOutput = emptyClass();

export const TERMINAL_INPUT: Functions = { TerminalInput };
export const TERMINAL_OUTPUT: Functions = { TerminalOutput };

/** Of streams that are the process's own. */
export const INHERITED = {
  "terminal-stdin": { getTerminalStdin: () => terminal(STANDARD.stdin, TerminalInput) },
  "terminal-stdout": { getTerminalStdout: () => terminal(STANDARD.stdout, TerminalOutput) },
  "terminal-stderr": { getTerminalStderr: () => terminal(STANDARD.stderr, TerminalOutput) },
} satisfies Readonly<Record<string, Functions>>;

/** Of streams that are bytes. */
export const DETACHED = {
  "terminal-stdin": { getTerminalStdin: () => undefined },
  "terminal-stdout": { getTerminalStdout: () => undefined },
  "terminal-stderr": { getTerminalStderr: () => undefined },
} satisfies Readonly<Record<string, Functions>>;

function terminal(descriptor: number, Terminal: ResourceClass): object | undefined {
  return isatty(descriptor) ? new Terminal() : undefined;
}
