/**
 * A small file without a name that a child maps and its supervisor reads once the child is dead: what native code was running. The
 * child may write anything to it, so what is read is only ever shown.
 */
import { closeSync, constants, ftruncateSync, openSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomUUID } from "node:crypto";
import { CRASH_NOTE_BYTES, readNote, type NativeFrame } from "../../shared/crash-note.ts";

/** Node does not name it; its number is the same on all machines that Node runs on, the folder's bit aside. */
const O_TMPFILE = 0o20_000_000 | constants.O_DIRECTORY;

export class CrashNoteFile {
  /** Absent where there is no place for such a file: then a crash report does not say what was running. */
  readonly descriptor: number | undefined;
  #isOpen: boolean;

  constructor() {
    this.descriptor = openUnnamed();
    this.#isOpen = this.descriptor !== undefined;
  }

  /** What the child was doing last; nothing where it was not in native code. */
  read(): NativeFrame | undefined {
    const bytes = Buffer.alloc(CRASH_NOTE_BYTES);
    if (!this.#isOpen || this.descriptor === undefined) return undefined;
    readSync(this.descriptor, bytes, 0, bytes.length, 0);
    return readNote(bytes);
  }

  close(): void {
    if (this.#isOpen && this.descriptor !== undefined) closeSync(this.descriptor);
    this.#isOpen = false;
  }
}

function openUnnamed(): number | undefined {
  // Linux: it has no name at any moment.
  return (
    (process.platform === "linux"
      ? openSized(() => openSync("/dev/shm", O_TMPFILE | constants.O_RDWR, 0o600))
      : undefined) ??
    openSized(() => {
      const path = join(tmpdir(), `hostbundle-note-${randomUUID()}`);
      const named = openSync(path, "wx+", 0o600);
      rmSync(path);
      return named;
    })
  );
}

/** Nothing where there is no such folder, no right or no room. */
function openSized(open: () => number): number | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = open();
    ftruncateSync(descriptor, CRASH_NOTE_BYTES);
    return descriptor;
  } catch {
    if (descriptor !== undefined) closeSync(descriptor);
    return undefined;
  }
}
