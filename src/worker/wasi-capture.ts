/** A guest's output, kept for the outcome. */
import { HostbundleError } from "../shared/errors.ts";
import type { Sink } from "./wasi-io.ts";

/** Of each stream; more is a runaway guest. */
const MAX_CAPTURED_BYTES = 64 * 1024 * 1024;

export class Capture {
  readonly #name: string;
  readonly #stop: (error: HostbundleError) => never;
  readonly #chunks: Uint8Array[] = [];
  #length = 0;

  /** `stop` ends the run with OUTPUT_LIMIT. */
  constructor(name: string, stop: (error: HostbundleError) => never) {
    this.#name = name;
    this.#stop = stop;
  }

  readonly sink: Sink = (bytes) => {
    if (this.#length + bytes.length > MAX_CAPTURED_BYTES) {
      const limit = `${MAX_CAPTURED_BYTES / 1024 / 1024} MiB`;
      this.#stop(new HostbundleError("OUTPUT_LIMIT", `the guest wrote more than ${limit} to ${this.#name}`));
    }
    this.#length += bytes.length;
    // The bytes lie in the guest's memory.
    this.#chunks.push(new Uint8Array(bytes));
  };

  /** UTF-8, bad bytes replaced. */
  text(): string {
    return Buffer.concat(this.#chunks).toString("utf8");
  }
}
