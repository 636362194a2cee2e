/**
 * The linear memory of one instance as typed arrays. `memory.grow` detaches the old buffer, so a view of length
 * zero is stale; asking that costs nothing, asking `memory.buffer` each time costs more than the call.
 */
import { createViews, type Views } from "./views.ts";

const NOTHING = createViews(new ArrayBuffer(0), 0);

/** Memories outlive the binding of one import; the imports of an instance share one set of views. */
const known = new WeakMap<WebAssembly.Memory, GuestMemory>();

export class GuestMemory {
  #views: Views = NOTHING;
  readonly #memory: WebAssembly.Memory;
  readonly #addressOf: (buffer: ArrayBuffer) => number;

  private constructor(memory: WebAssembly.Memory, addressOf: (buffer: ArrayBuffer) => number) {
    this.#memory = memory;
    this.#addressOf = addressOf;
  }

  static of(memory: WebAssembly.Memory, addressOf: (buffer: ArrayBuffer) => number): GuestMemory {
    const found = known.get(memory);
    if (found !== undefined) return found;
    const made = new GuestMemory(memory, addressOf);
    known.set(memory, made);
    return made;
  }

  /** Valid until guest code runs next. */
  current(): Views {
    return this.#views.u8.length === 0 ? this.#refresh() : this.#views;
  }

  #refresh(): Views {
    const { buffer } = this.#memory;
    // An empty memory has no address and nothing to point at.
    this.#views = buffer.byteLength === 0 ? NOTHING : createViews(buffer, this.#addressOf(buffer));
    return this.#views;
  }
}
