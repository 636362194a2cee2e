/**
 * The layout of the note by which a child says what native code it runs, little-endian:
 *   0  u32  offset of the current entry, 0 for none: one store before each native call
 *   4  u32  end of the entries
 *   8 …     entries, 4-aligned: u32 length in bytes, then `bundle`, a line feed and the function's label, in UTF-8
 * An entry without a label: the library is being opened or closed.
 */

/** Enough for two thousand functions with long names. */
export const CRASH_NOTE_BYTES = 1 << 18;

/** Where the first entry is. */
export const FIRST_ENTRY = 8;

/** What native code was running. */
export interface NativeFrame {
  readonly bundle: string;
  /** `ns:pkg/iface@1.0.0#func`; absent while the library is opened or closed. */
  readonly function?: string;
}

/** Longer names are cut. */
const MAX_ENTRY_BYTES = 1024;

/** Adds an entry and gives its offset; 0 where there is no room left, which stands for none. */
export function addEntry(note: Uint8Array, frame: NativeFrame): number {
  const words = new DataView(note.buffer, note.byteOffset, note.byteLength);
  const at = Math.max(words.getUint32(4, true), FIRST_ENTRY);
  const text = new TextEncoder()
    .encode(`${frame.bundle}\n${frame.function ?? ""}`)
    .subarray(0, MAX_ENTRY_BYTES);
  const end = (at + 4 + text.length + 3) & ~3;
  if (end > note.length) return 0;
  words.setUint32(at, text.length, true);
  note.set(text, at + 4);
  words.setUint32(4, end, true);
  return at;
}

/** What the note says, whatever is in it. */
export function readNote(note: Uint8Array): NativeFrame | undefined {
  const words = new DataView(note.buffer, note.byteOffset, note.byteLength);
  const at = words.getUint32(0, true);
  if (at < FIRST_ENTRY || at + 4 > note.length) return undefined;
  const length = Math.min(words.getUint32(at, true), MAX_ENTRY_BYTES);
  const [bundle = "", name = ""] = new TextDecoder()
    .decode(note.subarray(at + 4, at + 4 + length))
    .split("\n");
  return { bundle, ...(name === "" ? {} : { function: name }) };
}
