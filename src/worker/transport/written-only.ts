/**
 * Standard output or error, for a child. A terminal's descriptor can be read as well, also by who leads another session: whoever has it
 * gets what the user types.
 */
import { closeSync, constants, openSync } from "node:fs";
import { isatty } from "node:tty";

export class WrittenOnly {
  readonly descriptor: number;
  readonly #isOwn: boolean;

  constructor(descriptor: number) {
    const opened = process.platform === "linux" && isatty(descriptor) ? reopen(descriptor) : undefined;
    this.descriptor = opened ?? descriptor;
    this.#isOwn = opened !== undefined;
  }

  /** Once the child has it. */
  close(): void {
    if (this.#isOwn) closeSync(this.descriptor);
  }
}

function reopen(descriptor: number): number | undefined {
  try {
    return openSync(`/proc/self/fd/${descriptor}`, constants.O_WRONLY | constants.O_NOCTTY);
  } catch {
    // Another user's terminal (su), or no /proc: then it stays what it is.
    return undefined;
  }
}
