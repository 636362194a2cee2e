/**
 * Frames on a byte stream: a mark, the length (u32, little-endian) and a value; what a supervisor says by `v8.serialize`, what a child
 * answers as `replies.ts` has it.
 */
import { deserialize, serialize } from "node:v8";
import { BadReply, decodeReply, encodeReply } from "./replies.ts";

/** "hbf1": what is not a frame of ours hardly begins with it. */
const MARK = 0x31_66_62_68;
const HEADER_BYTES = 8;
/** The longest payload of a request. */
const MAX_REQUEST_BYTES = 2 ** 31;
/** That of a reply: more than a result should have. A child that sends as much takes as much of its supervisor's memory, till the end. */
const MAX_REPLY_BYTES = 2 ** 29;

export function encodeFrame(value: unknown): Buffer {
  const payload = serialize(value);
  const frame = Buffer.allocUnsafe(HEADER_BYTES + payload.length);
  payload.copy(frame, HEADER_BYTES);
  return withHeader(frame);
}

/** Throws BadReply where the other end would not take it. */
export function encodeReplyFrame(value: unknown): Buffer {
  return withHeader(encodeReply(value, HEADER_BYTES, MAX_REPLY_BYTES));
}

function withHeader(frame: Buffer): Buffer {
  frame.writeUInt32LE(MARK, 0);
  frame.writeUInt32LE(frame.length - HEADER_BYTES, 4);
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
    const payload = Buffer.allocUnsafe(payloadLength(this.#header, MAX_REQUEST_BYTES));
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

/** Takes a stream of replies in pieces and gives the values of the frames in it. */
export class FrameReader {
  /** What has come of the frame that is under way is at its beginning. */
  #buffer = Buffer.alloc(0);
  #held = 0;

  /** The values that are complete with this piece. Throws BadFrame. */
  push(piece: Buffer): unknown[] {
    const values: unknown[] = [];
    let rest = this.#held === 0 ? piece : this.#append(piece);
    this.#held = 0;
    for (let end = frameEnd(rest); end <= rest.length; end = frameEnd(rest)) {
      values.push(decode(rest.subarray(HEADER_BYTES, end)));
      rest = rest.subarray(end);
    }
    if (rest.length > 0) this.#keep(rest);
    else this.#buffer = Buffer.alloc(0);
    return values;
  }

  #append(piece: Buffer): Buffer {
    this.#reserve(this.#held + piece.length);
    piece.copy(this.#buffer, this.#held);
    return this.#buffer.subarray(0, this.#held + piece.length);
  }

  #keep(rest: Buffer): void {
    if (rest.buffer !== this.#buffer.buffer || rest.byteOffset !== this.#buffer.byteOffset) {
      this.#reserve(rest.length);
      rest.copy(this.#buffer);
    }
    this.#held = rest.length;
  }

  /** One buffer that doubles: a frame that comes byte by byte takes no more memory than one that comes at once. */
  #reserve(length: number): void {
    if (length <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(length, 2 * this.#buffer.length));
    this.#buffer.copy(larger, 0, 0, this.#held);
    this.#buffer = larger;
  }
}

/** Where the frame ends that begins here. */
function frameEnd(bytes: Buffer): number {
  return HEADER_BYTES + (bytes.length < HEADER_BYTES ? 0 : payloadLength(bytes, MAX_REPLY_BYTES));
}

function payloadLength(header: Buffer, maxBytes: number): number {
  const length = header.readUInt32LE(4);
  if (header.readUInt32LE(0) !== MARK || length > maxBytes) throw new BadFrame("no frame");
  return length;
}

function decode(payload: Buffer): unknown {
  try {
    return decodeReply(payload);
  } catch (error) {
    if (!(error instanceof BadReply)) throw error;
    throw new BadFrame("a frame holds no reply", { cause: error });
  }
}
