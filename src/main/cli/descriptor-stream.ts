/** Standard output without Node's streams, which take 3 ms to load. */
import { fstatSync, writeSync } from "node:fs";
import type { OutputStream } from "./output.ts";

/** A pipe whose reader is slow is asked again after this time. */
const RETRY_MS = 1;

/** Writes to a descriptor of this process, at once; never throws. A reader that has seen enough (`| head -1`) is no fault. */
export class DescriptorStream implements OutputStream {
  readonly #descriptor: number;
  #isClosed = false;
  #failure: string | undefined;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  /** Why what was written last, and all since, is lost: no space is left, say. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** Taken from the descriptor itself, so that no terminal is asked where none can be. */
  get isTTY(): boolean {
    try {
      if (!fstatSync(this.#descriptor).isCharacterDevice()) return false;
    } catch {
      // A descriptor that was closed before we began.
      return false;
    }
    const stream = this.#descriptor === 1 ? process.stdout : process.stderr;
    return stream.isTTY;
  }

  write(text: string): void {
    const bytes = Buffer.from(text);
    let offset = 0;
    while (offset < bytes.length && !this.#isClosed) {
      try {
        offset += writeSync(this.#descriptor, bytes, offset);
      } catch (error) {
        const code = error instanceof Error && "code" in error ? error.code : undefined;
        if (code === "EAGAIN") {
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
          continue;
        }
        this.#isClosed = true;
        if (code !== "EPIPE") this.#failure = error instanceof Error ? error.message : String(error);
      }
    }
  }
}
