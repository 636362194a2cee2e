import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The program, as it is published. */
export const binary = fileURLToPath(new URL("../../dist/bundle/hostbundle.cjs", import.meta.url));

export interface CommandLineOptions {
  readonly cwd?: string;
  /** On top of a small environment of our own; nothing else is inherited. */
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** Flags for Node itself. */
  readonly nodeFlags?: readonly string[];
}

export interface CommandLineResult {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built binary as a user would and waits for it. Resolves whatever the exit code is. */
export function hostbundle(
  args: readonly string[],
  options: CommandLineOptions = {},
): Promise<CommandLineResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...(options.nodeFlags ?? []), binary, ...args], {
      cwd: options.cwd,
      env: {
        PATH: process.env["PATH"] ?? "",
        HOME: process.env["HOME"] ?? "",
        NO_COLOR: "1",
        // `HOSTBUNDLE_LINKER=jco npm test` is for all of it.
        HOSTBUNDLE_LINKER: process.env["HOSTBUNDLE_LINKER"] ?? "",
        ...options.env,
      },
      stdio: ["pipe", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    // A command that ends without reading its input breaks the pipe: that is its right.
    child.stdin.on("error", () => {});
    child.stdin.end(options.stdin ?? "");
    child.on("error", reject);
    child.on("close", (exitCode, signal) => resolve({ exitCode, signal, stdout, stderr }));
  });
}
