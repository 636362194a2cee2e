/**
 * `wasi:io`: streams over bytes and file descriptors of this process, and what a guest can wait for.
 *
 * The classes extend a base: preview2-shim's own where a run uses files (the guest then sees one class of
 * streams, whoever made them), otherwise empty ones, so that most commands never load the shim and the
 * thread it starts.
 */
import { readSync, writeSync } from "node:fs";
import { HostbundleError } from "../shared/errors.ts";
import { emptyClass, loadShim, type ResourceClass } from "./shim.ts";

/** What the classes of a run extend, and whether the guest is given the base itself. */
export interface IoBase {
  readonly InputStream: ResourceClass;
  readonly OutputStream: ResourceClass;
  readonly Pollable: ResourceClass;
  readonly IoError: new (message: string) => object;
  /** Others make streams and pollables too: the guest's classes are the bases. */
  readonly isShared: boolean;
}

/** Bases that need no shim. */
export function plainIoBase(): IoBase {
  return {
    InputStream: emptyClass(),
    OutputStream: emptyClass(),
    Pollable: emptyClass(),
    IoError: class IoError extends Error {
      toDebugString(): string {
        return this.message;
      }
    },
    isShared: false,
  };
}

/** The shim's classes, for runs that use its files or its types. */
export async function shimIoBase(): Promise<IoBase> {
  const { error, poll, streams } = await loadShim("io");
  const { Pollable } = poll;
  // Shortcuts that take every pollable for one of the shim's own.
  for (const name of ["ready", "block"]) {
    const method: unknown = Reflect.get(Pollable.prototype, name);
    if (typeof method === "function") Reflect.deleteProperty(method, Symbol.for("cabiLower"));
  }
  Reflect.deleteProperty(Pollable, Symbol.for("cabiDispose"));
  return { ...streams, Pollable, IoError: error.Error, isShared: true };
}

/** Where a guest's output goes. May throw a stream error (`{ tag }`) or end the run. */
export type Sink = (bytes: Uint8Array) => void;

/** Where a guest's input comes from: up to `length` bytes, none at the end. */
export type Source = (length: number) => Uint8Array;

/** What `wasi:io/streams` throws at the end of a stream. */
const CLOSED = { tag: "closed" } as const;

/** As much as one call may move. */
const MAX_CHUNK_BYTES = 1024 * 1024;

const CABI_REP: unique symbol = Symbol.for("cabiRep");

/** Beyond the numbers that the shim gives its own pollables, below jco's limit of 2^30. */
const FIRST_REP = 2 ** 29;

interface PollableLike {
  ready(): boolean;
}

export interface Io {
  /** Imports by interface name: `error`, `poll`, `streams`. */
  readonly imports: Readonly<Record<"error" | "poll" | "streams", Readonly<Record<string, unknown>>>>;
  input(source: Source): object;
  output(sink: Sink): object;
  /** Ready from that moment on, in nanoseconds of the monotonic clock. */
  pollableAt(deadlineNs: bigint): object;
  /** A stream error that carries a message. */
  readonly failure: (message: string) => object;
}

/** The streams and pollables of one run. */
export function createIo(base: IoBase): Io {
  let nextRep = FIRST_REP;

  class TimedPollable extends base.Pollable {
    readonly deadlineNs: bigint;
    /** jco keeps resources by this number. */
    readonly [CABI_REP] = nextRep++;

    constructor(deadlineNs: bigint) {
      super();
      this.deadlineNs = deadlineNs;
    }

    ready(): boolean {
      return process.hrtime.bigint() >= this.deadlineNs;
    }

    block(): void {
      poll([this]);
    }

    [Symbol.dispose](): void {
      // Nothing is held.
    }
  }

  const always = (): object => new TimedPollable(0n);

  /** Blocks until one is ready; gives the indices of all that are. */
  function poll(list: readonly PollableLike[]): Uint32Array {
    if (list.length === 0) throw new HostbundleError("TRAP", "the guest trapped: poll of an empty list");
    for (;;) {
      const ready = list.flatMap((pollable, index) => (pollable.ready() ? [index] : []));
      if (ready.length > 0) return Uint32Array.from(ready);
      sleep(waitMs(list));
    }
  }

  /** Until the first deadline; a millisecond where only the shim knows when. */
  function waitMs(list: readonly PollableLike[]): number {
    let shortest = Infinity;
    for (const pollable of list) {
      const leftNs =
        pollable instanceof TimedPollable ? pollable.deadlineNs - process.hrtime.bigint() : 1_000_000n;
      shortest = Math.min(shortest, Number(leftNs) / 1e6);
    }
    return Math.max(0, shortest);
  }

  class SourceStream extends base.InputStream {
    readonly #source: Source;

    constructor(source: Source) {
      super();
      this.#source = source;
    }

    blockingRead(length: bigint): Uint8Array {
      if (length === 0n) return new Uint8Array();
      const bytes = this.#source(Math.min(Number(length), MAX_CHUNK_BYTES));
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

    subscribe(): object {
      return always();
    }

    [Symbol.dispose](): void {
      // Nothing is held.
    }
  }

  class SinkStream extends base.OutputStream {
    readonly #sink: Sink;

    constructor(sink: Sink) {
      super();
      this.#sink = sink;
    }

    checkWrite(): bigint {
      return BigInt(MAX_CHUNK_BYTES);
    }

    write(bytes: Uint8Array): void {
      this.#sink(bytes);
    }

    blockingWriteAndFlush(bytes: Uint8Array): void {
      this.#sink(bytes);
    }

    flush(): void {
      // Nothing is buffered.
    }

    blockingFlush(): void {
      // Nothing is buffered.
    }

    writeZeroes(length: bigint): void {
      for (let left = Number(length); left > 0; left -= MAX_CHUNK_BYTES) {
        this.#sink(new Uint8Array(Math.min(left, MAX_CHUNK_BYTES)));
      }
    }

    blockingWriteZeroesAndFlush(length: bigint): void {
      this.writeZeroes(length);
    }

    splice(source: { blockingRead(length: bigint): Uint8Array }, length: bigint): bigint {
      const bytes = source.blockingRead(length);
      this.#sink(bytes);
      return BigInt(bytes.length);
    }

    blockingSplice(source: { blockingRead(length: bigint): Uint8Array }, length: bigint): bigint {
      return this.splice(source, length);
    }

    subscribe(): object {
      return always();
    }

    [Symbol.dispose](): void {
      // Nothing is held.
    }
  }

  return {
    imports: {
      error: { Error: base.IoError },
      poll: { Pollable: base.isShared ? base.Pollable : TimedPollable, poll },
      streams: base.isShared
        ? { InputStream: base.InputStream, OutputStream: base.OutputStream }
        : { InputStream: SourceStream, OutputStream: SinkStream },
    },
    input: (source) => new SourceStream(source),
    output: (sink) => new SinkStream(sink),
    pollableAt: (deadlineNs) => new TimedPollable(deadlineNs),
    failure: (message) => ({ tag: "last-operation-failed", val: new base.IoError(message) }),
  };
}

/** Reads from bytes given with the run. */
export function bytesSource(bytes: Uint8Array): Source {
  let offset = 0;
  return (length) => {
    const chunk = bytes.slice(offset, offset + length);
    offset += chunk.length;
    return chunk;
  };
}

/** Reads a descriptor of this process, blocking the thread. */
export function descriptorSource(descriptor: number, failure: Io["failure"]): Source {
  return (length) => {
    const buffer = new Uint8Array(length);
    for (;;) {
      try {
        return buffer.slice(0, readSync(descriptor, buffer));
      } catch (error) {
        // Windows has an error for the end of a file.
        if (codeOf(error) === "EOF") return new Uint8Array();
        if (codeOf(error) !== "EAGAIN") throw failure(messageOf(error));
        sleep(RETRY_MS);
      }
    }
  };
}

/** Writes to a descriptor of this process, at once: what is printed after the run comes after it. */
export function descriptorSink(descriptor: number, failure: Io["failure"]): Sink {
  return (bytes) => {
    let offset = 0;
    while (offset < bytes.length) {
      try {
        offset += writeSync(descriptor, bytes, offset);
      } catch (error) {
        if (codeOf(error) === "EPIPE") throw CLOSED;
        if (codeOf(error) !== "EAGAIN") throw failure(messageOf(error));
        sleep(RETRY_MS);
      }
    }
  };
}

/** A pipe whose other end is slow is asked again after this time. */
const RETRY_MS = 1;

const sleeper = new Int32Array(new SharedArrayBuffer(4));

function sleep(timeMs: number): void {
  Atomics.wait(sleeper, 0, 0, timeMs);
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
