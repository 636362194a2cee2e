/**
 * Makes `settle` (see machine-code.ts) callable for one library. Everything that can refuse does so quietly: then
 * there is none, and callers do the same with one FFI call for each step.
 */
import koffi, { type LibraryHandle } from "koffi";
import { libc, type LibcPages } from "./libc.ts";
import { BLOCK, COPY_BYTES, type Routine, routineFor } from "./machine-code.ts";

/** Runs a block at an address. */
export type Settle = (block: number) => void;

/** Whether the routine does here what it should: tried once in a thread. */
let isTrusted: boolean | undefined;

/** For a library whose allocations are released by the given symbol. Nothing where this machine, or what guards it, does not want it. */
export function openSettle([handle, symbol]: readonly [LibraryHandle, symbol: string]): Settle | undefined {
  const routine = routineFor(process.platform, process.arch);
  const { pages, handle: cLibrary } = libc();
  if (routine === undefined || pages === undefined) return undefined;
  const memcpy = addressIn(cLibrary, "memcpy");
  const release = addressIn(handle, symbol);
  if (memcpy === undefined || release === undefined) return undefined;
  isTrusted ??= works(routine, memcpy, pages);
  return isTrusted ? place(routine, [memcpy, release], pages)?.settle : undefined;
}

/** Where a symbol lies; nothing where there is none. */
function addressIn(handle: LibraryHandle, symbol: string): bigint | undefined {
  try {
    const address: unknown = handle.symbol(symbol);
    return typeof address === "bigint" && address > 0n ? address : undefined;
  } catch {
    // The FFI says just that.
    return undefined;
  }
}

interface Placed {
  readonly settle: Settle;
  readonly page: number;
  readonly bytes: number;
}

/**
 * Writes the routine to a page of its own, which is made executable only when it can no longer be written to. The
 * page lives as long as the process, like the image of the library that it serves.
 */
function place(
  { code, functionsAt }: Routine,
  functions: readonly [memcpy: bigint, free: bigint],
  pages: LibcPages,
): Placed | undefined {
  const { memory } = libc();
  const bytes = new ArrayBuffer(functionsAt + 8 * functions.length);
  new Uint8Array(bytes).set(code);
  new BigUint64Array(bytes, functionsAt).set(functions);
  const page = pages.mapWritable(bytes.byteLength);
  if (page === undefined) return undefined;
  memory.memcpy(page, memory.addressOf(bytes), bytes.byteLength);
  if (!pages.makeExecutable(page, bytes.byteLength)) {
    pages.unmap(page, bytes.byteLength);
    return undefined;
  }
  // The FFI's functions are untyped; this is the type asked for.
  const settle: Settle = koffi.decode(BigInt(page), koffi.proto("void", ["uintptr_t"]));
  return { settle, page, bytes: bytes.byteLength };
}

/** Copies two texts, and in place of `free` calls `time`, which writes to where its one argument points. */
function works(routine: Routine, memcpy: bigint, pages: LibcPages): boolean {
  const { memory, handle } = libc();
  const time = addressIn(handle, "time");
  const placed = time === undefined ? undefined : place(routine, [memcpy, time], pages);
  if (placed === undefined) return false;
  const text = Buffer.from("settled!");
  const source = new Uint8Array(new ArrayBuffer(text.length));
  source.set(text);
  const target = new ArrayBuffer(text.length);
  const times = new BigInt64Array(new ArrayBuffer(16));
  const timesAt = BigInt(memory.addressOf(times.buffer));
  const pointers = BigUint64Array.of(timesAt + 8n, timesAt);

  const block = new DataView(new ArrayBuffer(BLOCK.firstCopy + 2 * COPY_BYTES));
  block.setBigUint64(BLOCK.base, BigInt(memory.addressOf(target)), true);
  block.setUint32(BLOCK.copies, 2, true);
  block.setUint32(BLOCK.pointers, pointers.length, true);
  block.setBigUint64(BLOCK.pointersAt, BigInt(memory.addressOf(pointers.buffer)), true);
  const parts = [
    { offset: 5, bytes: 3 },
    { offset: 0, bytes: 5 },
  ];
  for (const [index, { offset, bytes }] of parts.entries()) {
    const at = BLOCK.firstCopy + index * COPY_BYTES;
    block.setUint32(at, offset, true);
    block.setUint32(at + 4, bytes, true);
    block.setBigUint64(at + 8, BigInt(memory.addressOf(source.buffer) + offset), true);
  }
  placed.settle(memory.addressOf(block.buffer));
  pages.unmap(placed.page, placed.bytes);
  return text.equals(new Uint8Array(target)) && times.every((seconds) => seconds > 0n);
}
