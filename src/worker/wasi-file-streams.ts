/**
 * Streams over the shim's descriptors: one call of its `read` or `write` for each of the guest's. The shim's own
 * streams give bytes where `skip` gives a number, cannot be spliced, and end the process where they meet an
 * error that they do not know.
 */
import type { ShimDescriptor } from "./shim.ts";
import { streamFailure, type IoError, type Sink, type Source } from "./wasi-io.ts";

export class FileSource implements Source {
  readonly #file: ShimDescriptor;
  readonly #onClose: () => void;
  #offset: bigint;

  constructor(file: ShimDescriptor, offset: bigint, onClose: () => void) {
    this.#file = file;
    this.#offset = offset;
    this.#onClose = onClose;
  }

  read(length: number): Uint8Array {
    const [bytes] = attempt(() => this.#file.read(BigInt(length), this.#offset));
    this.#offset += BigInt(bytes.length);
    return bytes;
  }

  close(): void {
    this.#onClose();
  }
}

export class FileSink implements Sink {
  readonly #file: ShimDescriptor;
  readonly #onClose: () => void;
  /** Absent: wherever the end is at the time. */
  #offset: bigint | undefined;

  constructor(file: ShimDescriptor, offset: bigint | undefined, onClose: () => void) {
    this.#file = file;
    this.#offset = offset;
    this.#onClose = onClose;
  }

  write(bytes: Uint8Array): void {
    for (let left = bytes; left.length > 0;) {
      const written = attempt(() => this.#file.write(left, this.#offset ?? this.#file.stat().size));
      if (this.#offset !== undefined) this.#offset += written;
      left = left.subarray(Number(written));
    }
  }

  close(): void {
    this.#onClose();
  }
}

/** `filesystem-error-code` of wasi:filesystem/types */
export function filesystemErrorCode(error: IoError): string | undefined {
  return error.fileError;
}

/** An `error-code` that a descriptor throws becomes the stream's. */
function attempt<Result>(call: () => Result): Result {
  try {
    return call();
  } catch (error) {
    if (typeof error === "string") throw streamFailure(error, error);
    throw error;
  }
}
