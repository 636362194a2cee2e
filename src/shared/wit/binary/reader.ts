import { LIMITS } from "./limits.ts";
import { Trail } from "./trail.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Shown for a byte in messages. */
export function hexByte(byte: number): string {
  return `0x${byte.toString(16).padStart(2, "0")}`;
}

/**
 * Reads one stretch of a WebAssembly binary. Every reader of one binary shares its bytes and its trail, so
 * that `offset` is always the position in the file the user has.
 */
export class BinaryReader {
  readonly bytes: Uint8Array;
  readonly trail: Trail;
  readonly end: number;
  #offset: number;
  /** Items left to decode, shared by all readers of one binary. */
  readonly #budget: { items: number };

  constructor(
    bytes: Uint8Array,
    trail = new Trail(),
    start = 0,
    end = bytes.length,
    budget = { items: LIMITS.items as number },
  ) {
    this.bytes = bytes;
    this.trail = trail;
    this.end = end;
    this.#offset = start;
    this.#budget = budget;
  }

  get offset(): number {
    return this.#offset;
  }

  get done(): boolean {
    return this.#offset >= this.end;
  }

  fail(detail: string, offset = this.#offset, help?: string): never {
    return this.trail.fail(detail, offset, help);
  }

  byte(): number {
    const value = this.#offset < this.end ? this.bytes[this.#offset] : undefined;
    if (value === undefined) this.fail("ends too early");
    this.#offset++;
    return value;
  }

  /** The next byte without taking it; absent at the end. */
  peek(): number | undefined {
    return this.done ? undefined : this.bytes[this.#offset];
  }

  /** Takes a byte that can only be `value`. */
  expect(value: number, what: string): void {
    const offset = this.#offset;
    const found = this.byte();
    if (found !== value) this.fail(`expected ${what} (${hexByte(value)}), found ${hexByte(found)}`, offset);
  }

  /** An unsigned LEB128 of 32 bits (WebAssembly, "Integers"). */
  u32(): number {
    const start = this.#offset;
    let result = 0;
    for (let index = 0; index < 5; index++) {
      const byte = this.byte();
      // Multiplied, not shifted: the fifth byte reaches bit 31.
      result += (byte & 0x7f) * 2 ** (7 * index);
      if ((byte & 0x80) === 0) {
        if (result > 0xffff_ffff) this.fail("an integer does not fit in 32 bits", start);
        return result;
      }
    }
    return this.fail("an integer is longer than 5 bytes", start);
  }

  /** A type opcode as a negative number, or a type index: a signed LEB128 of 33 bits. */
  s33(): number {
    const start = this.#offset;
    let result = 0;
    for (let index = 0; index < 5; index++) {
      const byte = this.byte();
      result += (byte & 0x7f) * 2 ** (7 * index);
      if ((byte & 0x80) === 0) {
        const value = (byte & 0x40) === 0 ? result : result - 2 ** (7 * (index + 1));
        if (value > 0xffff_ffff || value < -0x1_0000_0000)
          this.fail("an integer does not fit in 33 bits", start);
        return value;
      }
    }
    return this.fail("an integer is longer than 5 bytes", start);
  }

  /** A length-prefixed UTF-8 name. */
  name(): string {
    const start = this.#offset;
    const size = this.u32();
    if (size > LIMITS.nameBytes)
      this.fail(`a name of ${size} bytes is over the bound of ${LIMITS.nameBytes}`, start);
    if (size > this.end - this.#offset) this.fail("a name ends too early", start);
    const raw = this.bytes.subarray(this.#offset, this.#offset + size);
    this.#offset += size;
    try {
      return utf8.decode(raw);
    } catch {
      return this.fail("a name is not UTF-8", start);
    }
  }

  /** A vector; `what[i]` goes on the trail while its item is read. */
  vector<T>(what: string, item: (index: number) => T): T[] {
    const start = this.#offset;
    const count = this.u32();
    // Every item has at least one byte.
    if (count > this.end - this.#offset)
      this.fail(`${count} × ${what} cannot fit in the bytes that follow`, start);
    if (count > LIMITS.vectorItems)
      this.fail(`${count} × ${what} is over the bound of ${LIMITS.vectorItems}`, start);
    this.countItems(count);
    const items: T[] = [];
    for (let index = 0; index < count; index++) {
      items.push(this.trail.within(`${what}[${index}]`, () => item(index)));
    }
    return items;
  }

  /** Counts against the bound for the whole binary: what is decoded takes memory. */
  countItems(count: number): void {
    this.#budget.items -= count;
    if (this.#budget.items < 0) this.fail(`more than ${LIMITS.items} definitions, fields and other items`);
  }

  /** A reader of the next `size` bytes, which this one steps over. */
  slice(size: number): BinaryReader {
    if (size > this.end - this.#offset) {
      this.fail(`${size} bytes are announced, ${this.end - this.#offset} are left`);
    }
    const start = this.#offset;
    this.#offset += size;
    return new BinaryReader(this.bytes, this.trail, start, start + size, this.#budget);
  }
}
