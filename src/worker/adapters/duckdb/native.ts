/** Calls into DuckDB with memory of our own: out-parameters, texts, copies. */
import { libc } from "../../native/libc.ts";
import type { CApi } from "./capi.ts";

/** Bytes of a name or an error text that are looked at, at most. */
const MAX_TEXT_BYTES = 1 << 20;

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Gives back what `call` has made. */
export type Destroy = (handlePointer: number) => unknown;

export interface Made {
  readonly isOk: boolean;
  /** DuckDB may make a thing that only holds the error: destroy it too, where it is not 0. */
  readonly address: number;
}

export class Native {
  readonly api: CApi;
  readonly #word = new BigUint64Array(new ArrayBuffer(8));
  readonly #wordAt = libc().memory.addressOf(this.#word.buffer);
  readonly #second = new BigUint64Array(new ArrayBuffer(8));
  readonly #secondAt = libc().memory.addressOf(this.#second.buffer);

  constructor(api: CApi) {
    this.api = api;
  }

  /** For functions that give a state, 0 is success, and write a handle. */
  make(call: (out: number) => number): Made {
    this.#word[0] = 0n;
    const state = call(this.#wordAt);
    return { isOk: state === 0, address: this.#written() };
  }

  /** For a second out-parameter: what the call gives, and what it wrote there. */
  withWord<T>(call: (out: number) => T): readonly [given: T, written: number] {
    this.#second[0] = 0n;
    const given = call(this.#secondAt);
    return [given, Number(this.#second[0])];
  }

  /** For functions that write an address and give something else, which is of no interest. */
  written(call: (out: number) => unknown): number {
    this.#word[0] = 0n;
    call(this.#wordAt);
    return this.#written();
  }

  /** For functions that destroy what a pointer points at. */
  destroy(destroy: Destroy, address: number): void {
    if (address === 0) return;
    this.#word[0] = BigInt(address);
    destroy(this.#wordAt);
  }

  /** A text that DuckDB has allocated for us; it is given back. */
  takeText(address: number): string {
    if (address === 0) return "";
    const text = this.text(address);
    this.api.free(address);
    return text;
  }

  /** A text that stays DuckDB's. */
  text(address: number): string {
    return address === 0 ? "" : decoder.decode(copyOf(address, libc().strnlen(address, MAX_TEXT_BYTES)));
  }

  /** A logical type, used and given back. */
  withType<T>(address: number, use: (type: number) => T): T {
    try {
      return use(address);
    } finally {
      this.destroy(this.api.destroy_logical_type, address);
    }
  }

  #written(): number {
    return Number(this.#word[0]);
  }
}

/** A copy of native memory. */
export function copyOf(address: number, bytes: number): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(new ArrayBuffer(bytes));
  if (bytes > 0) withAddress(copy, (at) => libc().memory.memcpy(at, address, bytes));
  return copy;
}

/** Writes all of a view to native memory. */
export function copyTo(address: number, view: View): void {
  if (view.byteLength > 0) withAddress(view, (at) => libc().memory.memcpy(address, at, view.byteLength));
}

/** Bytes that have an address. */
export type View = ArrayBufferView<ArrayBuffer>;

/** Where the bytes of a view lie, for as long as somebody holds it: an address alone does not. */
export function addressOf(view: View): number {
  return libc().memory.addressOf(view.buffer) + view.byteOffset;
}

/** Views whose addresses are in use: reachable, whatever the optimiser finds out about our variables. */
const held: View[] = [];

/** `use` with the address of a view that is held meanwhile. */
export function withAddress<T>(view: View, use: (address: number) => T): T {
  held.push(view);
  try {
    return use(addressOf(view));
  } finally {
    held.pop();
  }
}

/** A text as C has it. The text has no NUL. */
export function cText(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(new ArrayBuffer(Buffer.byteLength(text) + 1));
  new TextEncoder().encodeInto(text, bytes);
  return bytes;
}
