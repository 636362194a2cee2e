/**
 * The interfaces of WASI that need no state but a run's grants: `wasi:cli` but for the streams, `wasi:clocks`,
 * `wasi:random`. Not preview2-shim's: its `wall-clock.now` writes to the wrong place of the guest's memory
 * under jco's hybrid bindings, and its exit ends the process.
 */
import { randomBytes } from "node:crypto";
import { isatty } from "node:tty";
import type { WasiGrants } from "../shared/protocol.ts";
import { GuestExit } from "./outcome.ts";
import type { Io } from "./wasi-io.ts";

type Functions = Readonly<Record<string, unknown>>;

/** Imports by interface name, `wasi:cli/` left out. */
export function cliImports(
  grants: WasiGrants,
  stop: (exit: GuestExit) => never,
): Readonly<Record<string, Functions>> {
  class TerminalInput {}
  class TerminalOutput {}
  const terminal = (
    descriptor: number,
    isInherited: boolean,
    Terminal: new () => object,
  ): object | undefined => (isInherited && isatty(descriptor) ? new Terminal() : undefined);
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

export function clockImports(io: Io): Readonly<Record<string, Functions>> {
  const now = (): bigint => process.hrtime.bigint();
  return {
    "monotonic-clock": {
      now,
      resolution: () => 1n,
      subscribeInstant: (instant: bigint) => io.pollableAt(instant),
      subscribeDuration: (durationNs: bigint) => io.pollableAt(now() + durationNs),
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

/** `insecure` is as good as `random`. */
export function randomImports(): Readonly<Record<string, Functions>> {
  const bytes = (length: bigint): Uint8Array => randomBytes(Number(length));
  const u64 = (): bigint => randomBytes(8).readBigUInt64LE();
  return {
    random: { getRandomBytes: bytes, getRandomU64: u64 },
    insecure: { getInsecureRandomBytes: bytes, getInsecureRandomU64: u64 },
    "insecure-seed": { insecureSeed: () => [u64(), u64()] },
  };
}
