/** What a guest's standard streams read and write. */
import { readSync, writeSync } from "node:fs";
import { sleep } from "./sleep.ts";
import { CLOSED, streamFailure, type Sink, type Source } from "./wasi-io.ts";

/** Reads from bytes given with the run. */
export class BytesSource implements Source {
  readonly #bytes: Uint8Array;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  read(length: number): Uint8Array {
    const chunk = this.#bytes.slice(this.#offset, this.#offset + length);
    this.#offset += chunk.length;
    return chunk;
  }
}

/** A pipe whose other end is slow is asked again after this time. */
const RETRY_MS = 1;

/** Reads a descriptor of this process, blocking the thread. */
export class DescriptorSource implements Source {
  readonly #descriptor: number;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  read(length: number): Uint8Array {
    const buffer = new Uint8Array(length);
    for (;;) {
      try {
        return buffer.slice(0, readSync(this.#descriptor, buffer));
      } catch (error) {
        // Windows has an error for the end of a file.
        if (codeOf(error) === "EOF") return new Uint8Array();
        if (codeOf(error) !== "EAGAIN") throw streamFailure(messageOf(error));
        sleep(RETRY_MS);
      }
    }
  }
}

/** Writes to a descriptor of this process, at once: what is printed after the run comes after it. */
export class DescriptorSink implements Sink {
  readonly #descriptor: number;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  write(bytes: Uint8Array): void {
    let offset = 0;
    while (offset < bytes.length) {
      try {
        offset += writeSync(this.#descriptor, bytes, offset);
      } catch (error) {
        if (codeOf(error) === "EPIPE") throw CLOSED;
        if (codeOf(error) !== "EAGAIN") throw streamFailure(messageOf(error));
        sleep(RETRY_MS);
      }
    }
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
