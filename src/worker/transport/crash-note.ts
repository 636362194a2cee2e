/**
 * A small file without a name that a child maps and its supervisor reads once the child is dead: what native code was running. The
 * child may write anything to it, so what is read is only ever shown.
 */
import { closeSync, ftruncateSync, openSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomUUID } from "node:crypto";
import { CRASH_NOTE_BYTES, readNote, type NativeFrame } from "../../shared/crash-note.ts";

/** In memory, where the system has such a folder. */
const FOLDERS = process.platform === "linux" ? ["/dev/shm", tmpdir()] : [tmpdir()];

export class CrashNoteFile {
  readonly descriptor: number;
  #isOpen = true;

  constructor() {
    this.descriptor = openUnnamed();
    ftruncateSync(this.descriptor, CRASH_NOTE_BYTES);
  }

  /** What the child was doing last; nothing where it was not in native code. */
  read(): NativeFrame | undefined {
    const bytes = Buffer.alloc(CRASH_NOTE_BYTES);
    if (!this.#isOpen) return undefined;
    readSync(this.descriptor, bytes, 0, bytes.length, 0);
    return readNote(bytes);
  }

  close(): void {
    if (this.#isOpen) closeSync(this.descriptor);
    this.#isOpen = false;
  }
}

function openUnnamed(): number {
  const name = `hostbundle-note-${randomUUID()}`;
  for (const [index, folder] of FOLDERS.entries()) {
    const path = join(folder, name);
    try {
      const descriptor = openSync(path, "wx+", 0o600);
      rmSync(path);
      return descriptor;
    } catch (error) {
      if (index === FOLDERS.length - 1) throw error;
    }
  }
  throw new RangeError("no folder for temporary files");
}
