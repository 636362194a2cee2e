/** Begins `hostbundle run` with what takes longest: its thread starts while everything else is loaded and read. */
import { RunPool } from "../pool/pool.ts";
import type { ParsedArgs } from "./args.ts";
import type { CliIo, Output } from "./output.ts";

export async function startRun(args: ParsedArgs, io: CliIo, output: Output): Promise<number> {
  const { ownProcess } = io;
  const pool = new RunPool({ concurrency: 1, ...(ownProcess === undefined ? {} : { single: ownProcess }) });
  try {
    await pool.warm("thread");
    const { run } = await import("./run.ts");
    return await run(args, io, output, pool);
  } finally {
    await pool.close();
  }
}
