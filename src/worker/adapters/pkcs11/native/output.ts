/** What a module writes: a buffer and its length, both ours. */
import { check, isOk, isRv, refuse } from "../failure.ts";
import { MAX_ATTEMPTS, MAX_LISTED, MAX_OUTPUT_BYTES } from "../limits.ts";
import type { Ulong } from "./cryptoki.ts";
import type { Frame } from "./frame.ts";

const ULONG_BYTES = 8;

/** A function that writes at most as many bytes (or elements) as the place for the length says. */
type Writer = (at: number, lengthAt: number) => Ulong;

/**
 * Bytes that a module writes. The first buffer is a guess: `CKR_BUFFER_TOO_SMALL` names the right length and leaves
 * the operation as it was.
 */
export function writtenBytes(frame: Frame, guess: number, write: Writer): Uint8Array {
  const length = frame.room(ULONG_BYTES);
  let capacity = guess;
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
    const buffer = new ArrayBuffer(Math.max(capacity, ULONG_BYTES));
    length.view.setBigUint64(0, BigInt(buffer.byteLength), true);
    const rv = write(frame.keep(buffer), length.address);
    const said = length.view.getBigUint64(0, true);
    if (isOk(rv)) {
      if (said > buffer.byteLength) refuse("general-error");
      return new Uint8Array(buffer, 0, Number(said));
    }
    if (!isRv(rv, "buffer-too-small")) check(rv);
    if (said > MAX_OUTPUT_BYTES) refuse("host-memory");
    capacity = Number(said);
  }
  return refuse("buffer-too-small");
}

/** A list of `CK_ULONG`s: first its length, then the list. */
export function writtenUlongs(frame: Frame, write: Writer): BigUint64Array {
  const count = frame.room(ULONG_BYTES);
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
    check(write(0, count.address));
    const expected = count.view.getBigUint64(0, true);
    if (expected > MAX_LISTED) refuse("host-memory");
    const list = new BigUint64Array(Math.max(Number(expected), 1));
    const rv = write(frame.keep(list.buffer), count.address);
    const said = count.view.getBigUint64(0, true);
    if (isOk(rv)) {
      if (said > expected) refuse("general-error");
      return list.subarray(0, Number(said));
    }
    if (!isRv(rv, "buffer-too-small")) check(rv);
  }
  return refuse("buffer-too-small");
}

/** A single `CK_ULONG`, such as a handle. */
export function writtenUlong(frame: Frame, write: (at: number) => Ulong): bigint {
  const { address, view } = frame.room(ULONG_BYTES);
  check(write(address));
  return view.getBigUint64(0, true);
}
