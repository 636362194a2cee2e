/** A child's standard error: passed on to ours, its end kept for a crash report. */
import { write } from "node:fs";
import type { Readable } from "node:stream";

/** V8's last words have a stack trace behind them. */
const KEPT_BYTES = 16_384;
const KEPT_LINES = 8;
const HEAP_EXHAUSTED = "JavaScript heap out of memory";
const STDERR = 2;

export class StderrTail {
  readonly #source: Readable;
  #kept = Buffer.alloc(0);

  constructor(source: Readable) {
    this.#source = source;
    source.on("data", (bytes: Buffer) => {
      const joined = bytes.length >= KEPT_BYTES ? bytes : Buffer.concat([this.#kept, bytes]);
      this.#kept = Buffer.from(joined.subarray(-KEPT_BYTES));
      // One piece at a time: a child that writes faster than ours is read waits.
      source.pause();
      this.#pass(bytes);
    });
    // A child that dies with something unread.
    source.on("error", () => undefined);
  }

  /** V8 has ended the child because its heap was full. */
  get hasExhaustedHeap(): boolean {
    return this.#kept.includes(HEAP_EXHAUSTED);
  }

  /** The last lines, the oldest first. */
  lines(): readonly string[] {
    const lines = this.#kept.toString("utf8").split("\n");
    return lines.filter((line) => line.trim() !== "").slice(-KEPT_LINES);
  }

  #pass(bytes: Buffer): void {
    write(STDERR, bytes, (error, written) => {
      // Nobody reads ours any more: then there is nothing to do but go on.
      const rest = bytes.subarray(error === null ? written : bytes.length);
      if (rest.length > 0) this.#pass(rest);
      else this.#source.resume();
    });
  }
}
