/** Native memory by address, as a module sees it. */
import { libc } from "../../../../src/worker/native/libc.ts";

/** A copy of what lies there. */
export function bytesAt(address: number, length: number): Uint8Array {
  const copy = new Uint8Array(Math.max(length, 1));
  if (length > 0) libc().memory.memcpy(libc().memory.addressOf(copy.buffer), address, length);
  return copy.subarray(0, length);
}

export function writeBytes(address: number, bytes: Uint8Array): void {
  const source = bytes.slice();
  if (source.length > 0) libc().memory.memcpy(address, libc().memory.addressOf(source.buffer), source.length);
}

export function ulongAt(address: number): bigint {
  return new DataView(bytesAt(address, 8).slice().buffer).getBigUint64(0, true);
}

export function writeUlong(address: number, value: bigint): void {
  writeBytes(address, new Uint8Array(BigUint64Array.of(value).buffer));
}
