/** Frames on a byte stream: a mark, the length (u32, little-endian) and a value by `v8.serialize`. */
import { deserialize, serialize } from "node:v8";

/** "hbf1": what is not a frame of ours hardly begins with it. */
const MARK = 0x31_66_62_68;
const HEADER_BYTES = 8;
/** The longest payload: more than a result may have, and few enough that a false length cannot use up memory at once. */
const MAX_PAYLOAD_BYTES = 1 << 30;

export function encodeFrame(value: unknown): Buffer {
  const payload = serialize(value);
  const frame = Buffer.allocUnsafe(HEADER_BYTES + payload.length);
  frame.writeUInt32LE(MARK, 0);
  frame.writeUInt32LE(payload.length, 4);
  payload.copy(frame, HEADER_BYTES);
  return frame;
}

/** The stream holds something that is not a frame: nothing after it can be read. */
export class BadFrame extends Error {
  override readonly name = "BadFrame";
}

/** Reads frames from a blocking source whose other end is part of the program: what comes is what it has to send. */
export class FrameSource<Message> {
  readonly #read: (into: Uint8Array, offset: number) => number;
  readonly #header = Buffer.alloc(HEADER_BYTES);

  /** `read` gives the number of bytes that it has put at `offset`; 0: the stream has ended. */
  constructor(read: (into: Uint8Array, offset: number) => number) {
    this.#read = read;
  }

  /** The next message; nothing at the end of the stream. Throws BadFrame. */
  next(): { readonly value: Message } | undefined {
    if (!this.#fill(this.#header)) return undefined;
    const payload = Buffer.allocUnsafe(payloadLength(this.#header));
    return this.#fill(payload) ? { value: deserialize(payload) } : undefined;
  }

  #fill(buffer: Uint8Array): boolean {
    for (let offset = 0; offset < buffer.length;) {
      const count = this.#read(buffer, offset);
      if (count === 0) return false;
      offset += count;
    }
    return true;
  }
}

/** Takes a stream in pieces and gives the values of the frames in it. */
export class FrameReader {
  #pieces: Buffer[] = [];
  #held = 0;
  /** Bytes of the frame that is under way, as far as its header is known. */
  #needed = HEADER_BYTES;

  /** The values that are complete with this piece. Throws BadFrame. */
  push(piece: Buffer): unknown[] {
    this.#pieces.push(piece);
    this.#held += piece.length;
    const values: unknown[] = [];
    while (this.#held >= this.#needed) {
      const [only = piece] = this.#pieces;
      const bytes = this.#pieces.length === 1 ? only : Buffer.concat(this.#pieces);
      const end = HEADER_BYTES + payloadLength(bytes);
      this.#pieces = [bytes];
      this.#needed = end;
      if (bytes.length < end) break;
      values.push(decode(bytes.subarray(HEADER_BYTES, end)));
      this.#take(bytes.subarray(end));
    }
    return values;
  }

  #take(rest: Buffer): void {
    this.#pieces = rest.length === 0 ? [] : [rest];
    this.#held = rest.length;
    this.#needed = HEADER_BYTES;
  }
}

function payloadLength(header: Buffer): number {
  const length = header.readUInt32LE(4);
  if (header.readUInt32LE(0) !== MARK || length > MAX_PAYLOAD_BYTES) throw new BadFrame("no frame");
  return length;
}

function decode(payload: Buffer): unknown {
  try {
    return deserialize(payload);
  } catch (error) {
    throw new BadFrame("a frame holds no value", { cause: error });
  }
}
