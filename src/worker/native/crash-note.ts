/** The note that outlives this process (`src/shared/crash-note.ts`), where it is a child that has one. */
import { addEntry, type NativeFrame } from "../../shared/crash-note.ts";

/** One store says that a function is called: `cells[0] = at`. */
export interface NoteEntry {
  readonly cells: Uint32Array;
  readonly at: number;
}

let note: { readonly bytes: Uint8Array; readonly cells: Uint32Array } | undefined;
const known = new Map<string, NoteEntry>();

/** `buffer`: the note's file, mapped. */
export function useCrashNote(buffer: ArrayBuffer): void {
  note = { bytes: new Uint8Array(buffer), cells: new Uint32Array(buffer, 0, 1) };
}

/** The entry of a function; nothing where there is no note. */
export function noteEntry(frame: NativeFrame): NoteEntry | undefined {
  if (note === undefined) return undefined;
  const key = `${frame.bundle}\n${frame.function ?? ""}`;
  const entry = known.get(key) ?? { cells: note.cells, at: addEntry(note.bytes, frame) };
  known.set(key, entry);
  return entry;
}

/** Notes what is about to run. */
export function noteCall(frame: NativeFrame): void {
  const entry = noteEntry(frame);
  if (entry !== undefined) entry.cells[0] = entry.at;
}

/** Nothing native runs. */
export function clearNote(): void {
  if (note !== undefined) note.cells[0] = 0;
}
