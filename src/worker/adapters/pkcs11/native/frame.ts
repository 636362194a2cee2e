/**
 * Memory for the arguments of one call: structures, and what they point to. All of it is overwritten with zeros when
 * the call has ended, for PINs and keys pass through it.
 */
import { libc } from "../../../native/libc.ts";

const CHUNK_BYTES = 8192;
const ALIGNMENT = 8;

/** Room in native memory, at an address that holds until the frame ends. */
export interface Room {
  readonly address: number;
  readonly view: DataView<ArrayBuffer>;
}

interface Chunk {
  readonly buffer: ArrayBuffer;
  readonly address: number;
  used: number;
}

/** The chunk that no frame uses at the moment. */
let spare: Chunk | undefined;

export class Frame {
  readonly #chunks: Chunk[] = [];
  /** What native code has an address of must not be collected before the call ends. */
  readonly #kept: ArrayBufferLike[] = [];

  /** Zeros, aligned for any structure. */
  room(bytes: number): Room {
    const size = Math.max(ALIGNMENT, Math.ceil(bytes / ALIGNMENT) * ALIGNMENT);
    let chunk = this.#chunks.at(-1);
    if (chunk === undefined || chunk.used + size > chunk.buffer.byteLength) {
      chunk = takeChunk(size);
      this.#chunks.push(chunk);
    }
    const offset = chunk.used;
    chunk.used += size;
    return { address: chunk.address + offset, view: new DataView(chunk.buffer, offset, bytes) };
  }

  /** A copy of these bytes; an address also where there are none. */
  copy(bytes: Uint8Array): number {
    const { address, view } = this.room(bytes.length);
    new Uint8Array(view.buffer, view.byteOffset, view.byteLength).set(bytes);
    return address;
  }

  /** Where these bytes lie, which native code may read until the frame ends. */
  lend(bytes: Uint8Array): number {
    const { buffer, byteOffset, byteLength } = bytes;
    if (byteLength < CHUNK_BYTES / 8 || !(buffer instanceof ArrayBuffer)) return this.copy(bytes);
    return this.keep(buffer) + byteOffset;
  }

  /** The address of a buffer that native code writes to. */
  keep(buffer: ArrayBuffer): number {
    this.#kept.push(buffer);
    return libc().memory.addressOf(buffer);
  }

  release(): void {
    for (const chunk of this.#chunks) {
      new Uint8Array(chunk.buffer, 0, chunk.used).fill(0);
      chunk.used = 0;
      if (chunk.buffer.byteLength === CHUNK_BYTES) spare = chunk;
    }
    this.#chunks.length = 0;
    this.#kept.length = 0;
  }
}

/** Runs `use` with a frame that ends with it. */
export function withFrame<T>(use: (frame: Frame) => T): T {
  const frame = new Frame();
  try {
    return use(frame);
  } finally {
    frame.release();
  }
}

function takeChunk(bytes: number): Chunk {
  const found = bytes <= CHUNK_BYTES ? spare : undefined;
  if (found !== undefined) {
    spare = undefined;
    return found;
  }
  const buffer = new ArrayBuffer(Math.max(bytes, CHUNK_BYTES));
  return { buffer, address: libc().memory.addressOf(buffer), used: 0 };
}
