/**
 * The interfaces of WASI that need no state but a run's grants: `wasi:cli` but for the streams, `wasi:clocks`,
 * `wasi:random`. Not preview2-shim's: its `wall-clock.now` writes to the wrong place of the guest's memory
 * under jco's hybrid bindings, and its exit ends the process.
 */
import { randomBytes } from "node:crypto";
import { isatty } from "node:tty";
import { HostbundleError } from "../shared/errors.ts";
import type { WasiGrants } from "../shared/protocol.ts";
import { GuestExit } from "./outcome.ts";
import { emptyClass, type Functions, type ResourceClass } from "./shim.ts";
import type { Io } from "./wasi-io.ts";

/** Imports by interface name, `wasi:cli/` left out. */
export function cliImports(
  grants: WasiGrants,
  stop: (exit: GuestExit) => never,
): Readonly<Record<string, Functions>> {
  const TerminalInput = emptyClass();
  const TerminalOutput = emptyClass();
  const prints = grants.output === "inherit";
  return {
    environment: {
      getEnvironment: () => grants.env.map(([name, value]) => [name, value]),
      getArguments: () => [...grants.args],
      initialCwd: () => undefined,
    },
    exit: {
      exit: (status: { readonly tag: string }) => stop(new GuestExit(status.tag === "ok" ? 0 : 1)),
      exitWithCode: (code: number) => stop(new GuestExit(code)),
    },
    "terminal-input": { TerminalInput },
    "terminal-output": { TerminalOutput },
    "terminal-stdin": { getTerminalStdin: () => terminal(0, grants.stdin === "inherit", TerminalInput) },
    "terminal-stdout": { getTerminalStdout: () => terminal(1, prints, TerminalOutput) },
    "terminal-stderr": { getTerminalStderr: () => terminal(2, prints, TerminalOutput) },
  };
}

function terminal(descriptor: number, isInherited: boolean, Terminal: ResourceClass): object | undefined {
  return isInherited && isatty(descriptor) ? new Terminal() : undefined;
}

export function clockImports(io: Io): Readonly<Record<string, Functions>> {
  return {
    "monotonic-clock": {
      now: monotonicNow,
      resolution: () => 1n,
      subscribeInstant: (instant: bigint) => io.pollableAt(instant),
      subscribeDuration: (durationNs: bigint) => io.pollableAt(monotonicNow() + durationNs),
    },
    "wall-clock": {
      now: () => {
        const timeMs = Date.now();
        return { seconds: BigInt(Math.floor(timeMs / 1000)), nanoseconds: (timeMs % 1000) * 1_000_000 };
      },
      resolution: () => ({ seconds: 0n, nanoseconds: 1_000_000 }),
    },
  };
}

function monotonicNow(): bigint {
  return process.hrtime.bigint();
}

/** `insecure` is as good as `random`. */
export function randomImports(): Readonly<Record<string, Functions>> {
  return {
    random: { getRandomBytes, getRandomU64 },
    insecure: { getInsecureRandomBytes: getRandomBytes, getInsecureRandomU64: getRandomU64 },
    "insecure-seed": { insecureSeed: () => [getRandomU64(), getRandomU64()] },
  };
}

/** The longest list there is in the Canonical ABI, in bytes. */
const MAX_RANDOM_BYTES = 2 ** 28 - 1;

function getRandomBytes(length: bigint): Uint8Array {
  if (length > MAX_RANDOM_BYTES) {
    throw new HostbundleError(
      "TRAP",
      `the guest trapped: it asked for ${length} random bytes, a list has at most ${MAX_RANDOM_BYTES}`,
    );
  }
  return randomBytes(Number(length));
}

function getRandomU64(): bigint {
  return randomBytes(8).readBigUInt64LE();
}
