/** A guest's memory as the oracle sees it: a real WebAssembly.Memory and a bump allocator in JavaScript. */
import type { StringEncoding } from "../../../src/worker/abi/types.ts";

const PAGE = 65_536;

/** What the oracle throws where the Canonical ABI says `trap`. */
export class OracleTrap extends Error {}

export function trapIf(condition: boolean, why: string): void {
  if (condition) throw new OracleTrap(why);
}

export class GuestMemory {
  readonly memory: WebAssembly.Memory;
  readonly stringEncoding: StringEncoding;
  /** Every call of `realloc`, for tests that count. */
  reallocs = 0;
  #next = 16;

  constructor(stringEncoding: StringEncoding, pages = 1) {
    this.stringEncoding = stringEncoding;
    this.memory = new WebAssembly.Memory({ initial: pages });
  }

  /** Fresh on every use: a `grow` detaches the buffer. */
  get view(): DataView {
    return new DataView(this.memory.buffer);
  }

  get bytes(): Uint8Array {
    return new Uint8Array(this.memory.buffer);
  }

  /** The guest's `cabi_realloc`: never frees, grows the memory when it is full. */
  readonly realloc = (ptr: number, oldSize: number, align: number, newSize: number): number => {
    this.reallocs += 1;
    const start = Math.ceil(this.#next / align) * align;
    const end = start + newSize;
    const missing = end - this.memory.buffer.byteLength;
    if (missing > 0) this.memory.grow(Math.ceil(missing / PAGE));
    this.#next = end;
    this.bytes.copyWithin(start, ptr, ptr + Math.min(oldSize, newSize));
    return start;
  };

  /** Forgets all allocations and fills the used part with garbage, so that nothing is right by accident. */
  reset(): void {
    this.bytes.fill(0xa5, 0, Math.min(this.#next + 64, this.memory.buffer.byteLength));
    this.#next = 16;
  }

  inBounds(ptr: number, byteLength: number): boolean {
    return ptr + byteLength <= this.memory.buffer.byteLength;
  }
}
