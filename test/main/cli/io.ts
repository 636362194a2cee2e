import { main } from "../../../src/main/cli/main.ts";

export interface Captured {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CaptureOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly isTTY?: boolean;
  readonly cwd?: string;
}

/** Runs the command line in this process; nothing of the surrounding environment reaches it. */
export async function cli(argv: readonly string[], options: CaptureOptions = {}): Promise<Captured> {
  let stdout = "";
  let stderr = "";
  const isTTY = options.isTTY ?? false;
  const exitCode = await main(argv, {
    stdout: { write: (text) => (stdout += text), isTTY },
    stderr: { write: (text) => (stderr += text), isTTY },
    env: options.env ?? {},
    cwd: options.cwd ?? "/somewhere/else",
  });
  return { exitCode, stdout, stderr };
}
