/** A guest's output, kept for the outcome or passed on, up to a limit. */
import { HostbundleError } from "../shared/errors.ts";
import { printBytes } from "../shared/print-bytes.ts";
import type { Sink } from "./wasi-io.ts";

const FIRST_BUFFER_BYTES = 1024;

/** Most guests write to one of two streams: the other's buffer is never made. */
const NOTHING = new Uint8Array();

export class Capture implements Sink {
  readonly #name: string;
  readonly #limitBytes: number;
  readonly #stop: (error: HostbundleError) => never;
  /** One buffer that doubles: kept one by one, small writes would take many times their length, and empty ones count for nothing. */
  #buffer = NOTHING;
  #length = 0;

  /** `stop` ends the run with OUTPUT_LIMIT. */
  constructor(name: string, limitBytes: number, stop: (error: HostbundleError) => never) {
    this.#name = name;
    this.#limitBytes = limitBytes;
    this.#stop = stop;
  }

  write(bytes: Uint8Array): void {
    const length = this.#length + bytes.length;
    if (length > this.#limitBytes) this.#stop(tooMuch(this.#name, this.#limitBytes));
    if (length > this.#buffer.length) this.#grow(length);
    this.#buffer.set(bytes, this.#length);
    this.#length = length;
  }

  /** UTF-8, bad bytes replaced. */
  text(): string {
    return this.#length === 0 ? "" : Buffer.from(this.#buffer.buffer, 0, this.#length).toString("utf8");
  }

  /** The same, and forgets it. */
  take(): string {
    const text = this.text();
    this.#buffer = NOTHING;
    this.#length = 0;
    return text;
  }

  #grow(length: number): void {
    const larger = new Uint8Array(Math.max(length, this.#buffer.length * 2, FIRST_BUFFER_BYTES));
    larger.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = larger;
  }
}

/** Passes on what a guest writes, up to a limit. */
export class LimitedSink implements Sink {
  readonly #sink: Sink;
  readonly #name: string;
  readonly #limitBytes: number;
  readonly #stop: (error: HostbundleError) => never;
  #length = 0;

  /** `stop` ends the run with OUTPUT_LIMIT. */
  constructor(sink: Sink, name: string, limitBytes: number, stop: (error: HostbundleError) => never) {
    this.#sink = sink;
    this.#name = name;
    this.#limitBytes = limitBytes;
    this.#stop = stop;
  }

  write(bytes: Uint8Array): void {
    const fits = bytes.subarray(0, this.#limitBytes - this.#length);
    this.#length += fits.length;
    this.#sink.write(fits);
    if (fits.length < bytes.length) this.#stop(tooMuch(this.#name, this.#limitBytes));
  }
}

function tooMuch(name: string, limitBytes: number): HostbundleError {
  return new HostbundleError(
    "OUTPUT_LIMIT",
    `the guest wrote more than ${printBytes(limitBytes)} to ${name}`,
    {
      limit: { name: "outputBytes", max: limitBytes },
      help: "allow it more: --max-output (limits.outputBytes)",
    },
  );
}
