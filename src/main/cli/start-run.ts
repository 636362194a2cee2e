/** Begins `hostbundle run` with what takes longest: its thread starts while everything else is loaded and read. */
import { ERROR_CODES } from "../../shared/errors.ts";
import { LAST_EXIT_FILE } from "../installation.ts";
import { RunPool } from "../pool/pool.ts";
import type { ParsedArgs } from "./args.ts";
import { poolPolicy } from "./policy.ts";
import type { CliIo, Output } from "./output.ts";

/** A thread that was ended is gone by then, if it can be ended at all. */
const STUCK_AFTER_MS = 200;

export async function startRun(args: ParsedArgs, io: CliIo, output: Output): Promise<number> {
  const { ownProcess } = io;
  const policy = poolPolicy(args, io.env);
  const pool = new RunPool({
    concurrency: 1,
    ...policy,
    ...(ownProcess === undefined ? {} : { single: ownProcess }),
  });
  let exitCode: number = ERROR_CODES.INTERNAL.exitCode;
  try {
    // A bundle most likely has a library.
    const hasBundles = args.flags.has("--host-bundle") || args.flags.has("--host-config");
    await pool.warm(policy.isolation ?? (hasBundles ? "process" : "thread"));
    const { run } = await import("./run.ts");
    exitCode = await run(args, io, output, pool);
    return exitCode;
  } finally {
    await pool.close();
    if (ownProcess !== undefined && (await pool.isStuck(STUCK_AFTER_MS))) await exitAtOnce(exitCode);
  }
}

/** Node's own exit waits for all threads; this one waits for none. */
async function exitAtOnce(exitCode: number): Promise<never> {
  const { Worker } = await import("node:worker_threads");
  await new Promise((resolve) => {
    new Worker(LAST_EXIT_FILE, { workerData: exitCode }).once("exit", resolve);
  });
  // It should have ended the process: this does.
  process.kill(process.pid, "SIGKILL");
  return new Promise(() => undefined);
}
