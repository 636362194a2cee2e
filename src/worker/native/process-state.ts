/**
 * What native code can change of its process that a later run would notice: the working folder, the signal mask, and what happens at
 * the signals that crashes, traps and limits end in. Nothing is put back, because a library may rely on what it has set up: a child that
 * has changed is not used again. What a library sets up while it is opened is its own, and the same in every child.
 */
import { libc } from "./libc.ts";

/** Linux's numbers: SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV (V8's, for traps), SIGPIPE (Node's), SIGTERM, SIGXCPU, SIGSYS. */
const WATCHED_SIGNALS = [4, 5, 6, 7, 8, 11, 13, 15, 24, 31];
const SIG_BLOCK = 0;

const MAX_PATH_BYTES = 4096;
/** `sigset_t` and `struct sigaction` of the C libraries on x64 and arm64: what they say of the signals that there are. */
const SIGNAL_SET = { usedBytes: 8, bytes: 128 };
/** A handler and a set. What follows is left as it was on the stack, and written over by the next. */
const SIGNAL_ACTION = { usedBytes: 16, bytes: 152 };
const MASK_AT = MAX_PATH_BYTES;
const ACTIONS_AT = MASK_AT + SIGNAL_SET.usedBytes;
const STATE_BYTES = ACTIONS_AT + WATCHED_SIGNALS.length * SIGNAL_ACTION.usedBytes;

interface Watch {
  /** Fills `now`. */
  readonly look: () => void;
  readonly now: Buffer;
  /** As it was after the last library was opened; absent: none was. */
  reference: Buffer | undefined;
}

let watch: Watch | undefined;

/** Has changes of this process noticed. Only for one whose main thread does nothing but runs. */
export function watchProcess(): void {
  if (process.platform === "linux") watch = startWatch();
}

/** A library was opened: what it has set up is how things are. */
export function noteProcess(): void {
  if (watch === undefined) return;
  watch.look();
  watch.reference = Buffer.from(watch.now);
}

/** Whether native code has changed this process since then. */
export function isProcessChanged(): boolean {
  if (watch?.reference === undefined) return false;
  watch.look();
  return !watch.now.equals(watch.reference);
}

function startWatch(): Watch {
  const { handle, memory } = libc();
  const getFolder = handle.func("getcwd", "uintptr_t", ["uintptr_t", "size_t"]);
  const getMask = handle.func("pthread_sigmask", "int", ["int", "uintptr_t", "uintptr_t"]);
  const getAction = handle.func("sigaction", "int", ["int", "uintptr_t", "uintptr_t"]);
  // Of its own: a view of Node's pool of buffers would not stay where it is.
  const bytes = new ArrayBuffer(STATE_BYTES + Math.max(SIGNAL_SET.bytes, SIGNAL_ACTION.bytes));
  const now = Buffer.from(bytes, 0, STATE_BYTES);
  const at = memory.addressOf(bytes);
  return {
    now,
    reference: undefined,
    look: () => {
      // A folder that is gone has no name: then what was written last must not be taken for it.
      if (getFolder(at, MAX_PATH_BYTES) === 0) now[0] = 0;
      getMask(SIG_BLOCK, 0, at + MASK_AT);
      for (const [index, signal] of WATCHED_SIGNALS.entries())
        getAction(signal, 0, at + ACTIONS_AT + index * SIGNAL_ACTION.usedBytes);
    },
  };
}
