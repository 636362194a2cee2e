/**
 * What a child answers, as bytes. A library may write any bytes to the channel, and V8's deserializer ends the whole process on some
 * (a bigint of 512 MiB), so what comes back has an encoding of its own: nulls, booleans, numbers, 64-bit integers, texts, bytes, lists and
 * records, and nothing else. Reading it costs no more memory than a budget, and no deep recursion.
 */
import { getHeapStatistics } from "node:v8";

const TAG = {
  null: 0,
  false: 1,
  true: 2,
  int: 3,
  float: 4,
  signed: 5,
  unsigned: 6,
  text: 7,
  bytes: 8,
  list: 9,
  record: 10,
} as const;

/** Lists and records within each other: more than any type has. */
const MAX_DEPTH = 300;
/** An array that grows far beyond it ends the process. */
const MAX_VALUES = 1 << 25;
/** Reading as much takes about three seconds, in which a supervisor's thread does nothing else. */
const MAX_HEAP_BYTES = 2 ** 29;
/** What V8 needs at most, in bytes: a value's place with a number beside it, a text, a record, one of its members. */
const COST = { value: 24, text: 24, record: 64, member: 48 } as const;

/** The reply is too large, or is none. */
export class BadReply extends Error {
  override readonly name = "BadReply";
}

/** What a reply may take of the JavaScript heap, which has the same limit in a child as in its supervisor. */
const BUDGET_BYTES = Math.min(MAX_HEAP_BYTES, getHeapStatistics().heap_size_limit / 3);

/** Counts what a value is going to cost whoever reads it. */
class Budget {
  #bytes = BUDGET_BYTES;
  #values = MAX_VALUES;

  spend(bytes: number): void {
    this.#bytes -= bytes;
    this.#values -= 1;
    if (this.#bytes < 0 || this.#values < 0) throw new BadReply("more than there is memory for");
  }
}

/**
 * The bytes of a reply, behind room for a header. Members that are `undefined` are left out.
 * @throws BadReply where it takes more than the reader would
 */
export function encodeReply(value: unknown, headerBytes: number, maxBytes: number): Buffer {
  const writer = new ReplyWriter(headerBytes, maxBytes);
  writer.write(value, 0);
  return writer.take();
}

/** Whether a value would be encoded, without doing it. Throws BadReply where not. */
export function measureReply(value: unknown): void {
  measure(value, 0, new Budget());
}

/** Spends what ReplyWriter does, and of texts no more than that. */
function measure(value: unknown, depth: number, budget: Budget): void {
  if (depth > MAX_DEPTH) throw new BadReply("too deep");
  budget.spend(COST.value);
  if (typeof value === "string") budget.spend(COST.text + 2 * value.length);
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return;
  if (Array.isArray(value)) {
    for (const item of value) measure(item, depth + 1, budget);
    return;
  }
  budget.spend(COST.record);
  for (const [name, member] of Object.entries(value)) {
    budget.spend(COST.member + COST.text + 2 * name.length);
    measure(member, depth + 1, budget);
  }
}

/** The value of such bytes. Throws BadReply on all other bytes. */
export function decodeReply(bytes: Buffer): unknown {
  const reader = new ReplyReader(bytes);
  const value = reader.read(0);
  reader.end();
  return value;
}

class ReplyWriter {
  #buffer = Buffer.allocUnsafe(1024);
  #at: number;
  readonly #maxBytes: number;
  readonly #budget = new Budget();

  constructor(headerBytes: number, maxBytes: number) {
    this.#at = headerBytes;
    this.#maxBytes = headerBytes + maxBytes;
  }

  take(): Buffer {
    return this.#buffer.subarray(0, this.#at);
  }

  write(value: unknown, depth: number): void {
    if (depth > MAX_DEPTH) throw new BadReply("too deep");
    this.#budget.spend(COST.value);
    if (typeof value === "number") this.#number(value);
    else if (typeof value === "string") this.#text(TAG.text, value);
    else if (typeof value === "bigint") this.#bigint(value);
    else if (typeof value === "boolean") this.#tag(value ? TAG.true : TAG.false, 0);
    else if (value instanceof Uint8Array) this.#bytes(value);
    else if (Array.isArray(value)) {
      const at = this.#tag(TAG.list, 4);
      this.#buffer.writeUInt32LE(value.length, at);
      for (const item of value) this.write(item, depth + 1);
    } else if (typeof value === "object" && value !== null) this.#record(value, depth);
    else this.#tag(TAG.null, 0);
  }

  #record(value: object, depth: number): void {
    const entries = Object.entries(value).filter(([, member]: [string, unknown]) => member !== undefined);
    this.#budget.spend(COST.record);
    const at = this.#tag(TAG.record, 4);
    this.#buffer.writeUInt32LE(entries.length, at);
    for (const [name, member] of entries) {
      this.#budget.spend(COST.member);
      this.#text(undefined, name);
      this.write(member, depth + 1);
    }
  }

  #number(value: number): void {
    const isInt = Object.is(value | 0, value);
    const at = this.#tag(isInt ? TAG.int : TAG.float, isInt ? 4 : 8);
    if (isInt) this.#buffer.writeInt32LE(value, at);
    else this.#buffer.writeDoubleLE(value, at);
  }

  #bigint(value: bigint): void {
    const at = this.#tag(value < 0n ? TAG.signed : TAG.unsigned, 8);
    if (value < 0n) this.#buffer.writeBigInt64LE(value, at);
    else this.#buffer.writeBigUInt64LE(value, at);
  }

  #text(tag: number | undefined, value: string): void {
    const length = Buffer.byteLength(value);
    this.#budget.spend(COST.text + 2 * length);
    const at = this.#tag(tag, 4 + length);
    this.#buffer.writeUInt32LE(length, at);
    this.#buffer.write(value, at + 4);
  }

  #bytes(value: Uint8Array): void {
    const at = this.#tag(TAG.bytes, 4 + value.length);
    this.#buffer.writeUInt32LE(value.length, at);
    this.#buffer.set(value, at + 4);
  }

  /** Makes room, perhaps in another buffer, for a tag and what follows it; gives where that begins. */
  #tag(tag: number | undefined, length: number): number {
    const start = this.#at;
    const begin = tag === undefined ? start : start + 1;
    this.#at = begin + length;
    if (this.#at > this.#maxBytes) throw new BadReply("too long");
    if (this.#at > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#at, 2 * this.#buffer.length));
      this.#buffer.copy(larger, 0, 0, start);
      this.#buffer = larger;
    }
    if (tag !== undefined) this.#buffer[start] = tag;
    return begin;
  }
}

/** Also `__proto__` is a name like others. */
function define(record: object, name: string, value: unknown): void {
  Object.defineProperty(record, name, { value, enumerable: true, configurable: true, writable: true });
}

class ReplyReader {
  readonly #bytes: Buffer;
  readonly #budget = new Budget();
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  read(depth: number): unknown {
    if (depth > MAX_DEPTH) throw new BadReply("too deep");
    this.#budget.spend(COST.value);
    switch (this.#bytes[this.#skip(1)]) {
      case TAG.null:
        return null;
      case TAG.false:
        return false;
      case TAG.true:
        return true;
      case TAG.int:
        return this.#bytes.readInt32LE(this.#skip(4));
      case TAG.float:
        return this.#bytes.readDoubleLE(this.#skip(8));
      case TAG.signed:
        return this.#bytes.readBigInt64LE(this.#skip(8));
      case TAG.unsigned:
        return this.#bytes.readBigUInt64LE(this.#skip(8));
      case TAG.text:
        return this.#text();
      case TAG.bytes: {
        const length = this.#length();
        const start = this.#skip(length);
        return new Uint8Array(this.#bytes.subarray(start, start + length));
      }
      case TAG.list: {
        const items: unknown[] = [];
        for (let left = this.#length(); left > 0; left -= 1) items.push(this.read(depth + 1));
        return items;
      }
      case TAG.record:
        return this.#record(depth);
      default:
        throw new BadReply("no such kind of value");
    }
  }

  end(): void {
    if (this.#at !== this.#bytes.length) throw new BadReply("bytes behind the value");
  }

  #record(depth: number): Record<string, unknown> {
    this.#budget.spend(COST.record);
    const record: Record<string, unknown> = {};
    for (let left = this.#length(); left > 0; left -= 1) {
      this.#budget.spend(COST.member);
      const name = this.#text();
      const value = this.read(depth + 1);
      if (name in Object.prototype) define(record, name, value);
      else record[name] = value;
    }
    return record;
  }

  #text(): string {
    const length = this.#length();
    this.#budget.spend(COST.text + 2 * length);
    const start = this.#skip(length);
    return this.#bytes.toString("utf8", start, start + length);
  }

  #length(): number {
    return this.#bytes.readUInt32LE(this.#skip(4));
  }

  /** Where the next bytes begin, which there have to be. */
  #skip(length: number): number {
    const at = this.#at;
    if (length > this.#bytes.length - at) throw new BadReply("it ends too soon");
    this.#at = at + length;
    return at;
  }
}
