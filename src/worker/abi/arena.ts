/**
 * Where converted arguments, and copies of nested results, live for the length of one call: a bump allocator
 * over ArrayBuffers, whose bytes V8 never moves. One chunk is kept between calls, up to a limit; the others are
 * dropped at the end of the call, so one huge call does not pin its memory.
 */
import { Violation } from "./violation.ts";
import { createViews, type Views } from "./views.ts";

const CHUNK_BYTES = 64 * 1024;
const MAX_KEPT_BYTES = 4 * 1024 * 1024;
/** Nested lists may name the same guest memory many times over; without a limit a small guest asks for exabytes. */
const MAX_CALL_BYTES = 1024 ** 3;

export class Arena {
  /** All chunks of this call; a nested result refers to its chunk by index. */
  readonly chunks: Views[] = [];
  /** The chunk of the latest `reserve`. */
  views: Views;
  #offset = 0;
  #reservedBytes = 0;
  readonly #addressOf: (buffer: ArrayBuffer) => number;

  constructor(addressOf: (buffer: ArrayBuffer) => number) {
    this.#addressOf = addressOf;
    this.views = this.#open(CHUNK_BYTES);
  }

  /** Gives the offset of `bytes` fresh bytes, 8-aligned, in `views`. Their content is unspecified. */
  reserve(bytes: number): number {
    const rounded = bytes + ((8 - (bytes & 7)) & 7);
    let at = this.#offset;
    if (at + rounded > this.views.u8.length) {
      this.#reservedBytes += rounded;
      if (this.#reservedBytes > MAX_CALL_BYTES) {
        throw new Violation("the values of one call need more than 1 GiB of native memory");
      }
      this.views = this.#open(Math.max(CHUNK_BYTES * 2 ** Math.min(this.chunks.length, 8), rounded));
      at = 0;
    }
    this.#offset = at + rounded;
    return at;
  }

  /** Gives back the end of the latest reservation, which turned out to need only `bytes` from `at`. */
  trim(at: number, bytes: number): void {
    this.#offset = at + bytes + ((8 - (bytes & 7)) & 7);
  }

  /** Index of the current chunk in `chunks`. */
  get chunkIndex(): number {
    return this.chunks.length - 1;
  }

  /** Forgets everything reserved. */
  reset(): void {
    this.#offset = 0;
    this.#reservedBytes = 0;
    if (this.chunks.length > 1) this.#keepOne();
  }

  /** Keeps the largest chunk that is worth keeping, so that the same call again finds all in one place. */
  #keepOne(): void {
    let [best] = this.chunks;
    for (const chunk of this.chunks) {
      const { length } = chunk.u8;
      if (best === undefined || (length > best.u8.length && length <= MAX_KEPT_BYTES)) best = chunk;
    }
    this.views = best ?? this.views;
    // Without a function call, which could throw where the guest has used up the stack.
    this.chunks[0] = this.views;
    this.chunks.length = 1;
  }

  #open(bytes: number): Views {
    let buffer: ArrayBuffer;
    try {
      buffer = new ArrayBuffer(bytes);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new Violation(`no memory for ${bytes} bytes of converted values`);
    }
    const views = createViews(buffer, this.#addressOf(buffer));
    this.chunks.push(views);
    return views;
  }
}
