/**
 * The linear memory of one instance as typed arrays, without an address: nothing here needs native code.
 * `memory.grow` detaches the old buffer, so a view of length zero is stale.
 */
import { createViews, type Views } from "../views.ts";

/** Methods of every Buffer that its types leave out: `toString` and `write` without the dispatch on an encoding's name. */
interface TextMethods {
  latin1Slice(from: number, end: number): string;
  ucs2Slice(from: number, end: number): string;
  utf8Slice(from: number, end: number): string;
  latin1Write(text: string, at: number, bytes: number): number;
  ucs2Write(text: string, at: number, bytes: number): number;
  utf8Write(text: string, at: number, bytes: number): number;
}

export interface MemoryViews extends Views {
  readonly i8: Int8Array;
  readonly i16: Int16Array;
  readonly u32: Uint32Array;
  readonly u64: BigUint64Array;
  /** The same bytes, with the runtime's conversions of strings. */
  readonly bytes: Buffer & TextMethods;
}

/** What an instance without memory has. */
export const NO_VIEWS: MemoryViews = viewsOf(new ArrayBuffer(0));

/** The functions of an instance share one set of views. */
const known = new WeakMap<WebAssembly.Memory, LinearMemory>();

export class LinearMemory {
  #views = NO_VIEWS;
  readonly #memory: WebAssembly.Memory;

  private constructor(memory: WebAssembly.Memory) {
    this.#memory = memory;
  }

  static of(memory: WebAssembly.Memory): LinearMemory {
    const found = known.get(memory);
    if (found !== undefined) return found;
    const made = new LinearMemory(memory);
    known.set(memory, made);
    return made;
  }

  /** Valid until guest code runs next. */
  current(): MemoryViews {
    if (this.#views.u8.length === 0) this.#views = viewsOf(this.#memory.buffer);
    return this.#views;
  }
}

function viewsOf(buffer: ArrayBuffer): MemoryViews {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Node has had these methods since it has had Buffer
  const bytes = Buffer.from(buffer) as Buffer & TextMethods;
  return {
    ...createViews(buffer, 0),
    i8: new Int8Array(buffer),
    i16: new Int16Array(buffer),
    u32: new Uint32Array(buffer),
    u64: new BigUint64Array(buffer),
    bytes,
  };
}
