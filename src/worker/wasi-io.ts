/**
 * `wasi:io`: streams over whatever reads and writes bytes, and what a guest can wait for. The classes are
 * defined once per thread; what belongs to a run is in their fields.
 */
import { HostbundleError } from "../shared/errors.ts";
import type { Functions } from "./shim.ts";
import { sleep } from "./sleep.ts";

/** Where a guest's output goes. */
export interface Sink {
  /** May throw a stream error or end the run. Keeps nothing of `bytes`. */
  write(bytes: Uint8Array): void;
  /** The guest is done with the stream. */
  close?(): void;
}

/** Where a guest's input comes from. */
export interface Source {
  /** Up to `length` bytes, none at the end; may throw a stream error. */
  read(length: number): Uint8Array;
  /** The guest is done with the stream. */
  close?(): void;
}

/** What a call to a stream throws. */
export type StreamError =
  | { readonly tag: "closed" }
  | { readonly tag: "last-operation-failed"; readonly val: IoError };

/** At the end of a stream. */
export const CLOSED: StreamError = { tag: "closed" };

/** A stream error that carries a message, and the `error-code` of wasi:filesystem/types where a file is to blame. */
export function streamFailure(message: string, fileError?: string): StreamError {
  return { tag: "last-operation-failed", val: new IoError(message, fileError) };
}

/** As much as one call may move. */
const MAX_CHUNK_BYTES = 1024 * 1024;

const WRITE_PERMIT = BigInt(MAX_CHUNK_BYTES);

/** As much of a guest's length as one call moves: it may always give less. */
export function chunkLength(length: bigint): number {
  return length > WRITE_PERMIT ? MAX_CHUNK_BYTES : Number(length);
}

export class IoError {
  readonly #message: string;
  readonly fileError: string | undefined;

  constructor(message: string, fileError: string | undefined) {
    this.#message = message;
    this.fileError = fileError;
  }

  toDebugString(): string {
    return this.#message;
  }
}

export class Pollable {
  readonly deadlineNs: bigint;

  /** Ready from that moment on, in nanoseconds of the monotonic clock. */
  constructor(deadlineNs: bigint) {
    this.deadlineNs = deadlineNs;
  }

  ready(): boolean {
    return this.deadlineNs === 0n || process.hrtime.bigint() >= this.deadlineNs;
  }

  block(): void {
    poll([this]);
  }
}

/** Blocks until one is ready; gives the indices of all that are. */
function poll(list: readonly Pollable[]): Uint32Array {
  if (list.length === 0) throw new HostbundleError("TRAP", "the guest trapped: poll of an empty list");
  for (;;) {
    const ready = list.flatMap((pollable, index) => (pollable.ready() ? [index] : []));
    if (ready.length > 0) return Uint32Array.from(ready);
    const nowNs = process.hrtime.bigint();
    const waitsNs = list.map(({ deadlineNs }) => Number(deadlineNs - nowNs));
    sleep(Math.max(0, waitsNs.reduce((left, right) => Math.min(left, right)) / 1e6));
  }
}

export class InputStream {
  readonly #source: Source;

  constructor(source: Source) {
    this.#source = source;
  }

  blockingRead(length: bigint): Uint8Array {
    if (length === 0n) return new Uint8Array();
    const bytes = this.#source.read(chunkLength(length));
    if (bytes.length === 0) throw CLOSED;
    return bytes;
  }

  read(length: bigint): Uint8Array {
    return this.blockingRead(length);
  }

  blockingSkip(length: bigint): bigint {
    return BigInt(this.blockingRead(length).length);
  }

  skip(length: bigint): bigint {
    return this.blockingSkip(length);
  }

  subscribe(): Pollable {
    return new Pollable(0n);
  }

  [Symbol.dispose](): void {
    this.#source.close?.();
  }
}

export class OutputStream {
  readonly #sink: Sink;

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  checkWrite(): bigint {
    return WRITE_PERMIT;
  }

  write(bytes: Uint8Array): void {
    this.#sink.write(bytes);
  }

  blockingWriteAndFlush(bytes: Uint8Array): void {
    this.#sink.write(bytes);
  }

  flush(): void {
    // Nothing is buffered.
  }

  blockingFlush(): void {
    // Nothing is buffered.
  }

  writeZeroes(length: bigint): void {
    for (let left = Number(length); left > 0; left -= MAX_CHUNK_BYTES) {
      this.#sink.write(new Uint8Array(Math.min(left, MAX_CHUNK_BYTES)));
    }
  }

  blockingWriteZeroesAndFlush(length: bigint): void {
    this.writeZeroes(length);
  }

  splice(source: InputStream, length: bigint): bigint {
    const bytes = source.blockingRead(length);
    this.#sink.write(bytes);
    return BigInt(bytes.length);
  }

  blockingSplice(source: InputStream, length: bigint): bigint {
    return this.splice(source, length);
  }

  subscribe(): Pollable {
    return new Pollable(0n);
  }

  [Symbol.dispose](): void {
    this.#sink.close?.();
  }
}

/** Imports by interface name. */
export const IO = {
  error: { Error: IoError },
  poll: { Pollable, poll },
  streams: { InputStream, OutputStream },
} satisfies Readonly<Record<string, Functions>>;
