/**
 * Typed arrays over one buffer, and the buffer's address in this process. All offsets into views are bytes;
 * an aligned access of width 4 at byte `at` is `views.i32[at >>> 2]` (`>>>`: a guest offset may pass 2^31).
 */
export interface Views {
  readonly u8: Uint8Array;
  readonly u16: Uint16Array;
  readonly i32: Int32Array;
  readonly i64: BigInt64Array;
  readonly f32: Float32Array;
  readonly f64: Float64Array;
  /** Address of byte 0. A number: user-space addresses stay below 2^53, and numbers are the fastest form for the FFI. */
  readonly base: number;
}

/** Views over a whole buffer that lies at `base`. */
export function createViews(buffer: ArrayBuffer, base: number): Views {
  // A memory of the 64 KiB page size is always a multiple of 8; our own buffers are made that way.
  return {
    u8: new Uint8Array(buffer),
    u16: new Uint16Array(buffer),
    i32: new Int32Array(buffer),
    i64: new BigInt64Array(buffer),
    f32: new Float32Array(buffer),
    f64: new Float64Array(buffer),
    base,
  };
}

const TWO_32 = 4_294_967_296;

/** Writes a 64-bit pointer or length as two words; `value` is a non-negative integer below 2^53. */
export function writeWord64(views: Views, at: number, value: number): void {
  views.i32[at >>> 2] = value;
  views.i32[(at >>> 2) + 1] = value / TWO_32;
}

/** Reads a 64-bit pointer or length. Inexact at and above 2^53, but then never below 2^53: compare, don't use. */
export function readWord64(views: Views, at: number): number {
  // Inside the block by construction of the layouts; `?? 0` is for the type system alone.
  const low = views.i32[at >>> 2] ?? 0;
  const high = views.i32[(at >>> 2) + 1] ?? 0;
  return (high >>> 0) * TWO_32 + (low >>> 0);
}
