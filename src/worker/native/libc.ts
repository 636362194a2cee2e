/** The process's own C library: memory functions, and the dynamic loader's. Addresses are numbers (`uintptr_t`). */
import koffi, { type LibraryHandle } from "koffi";
import type { NativeMemory } from "./types.ts";

/** `dlopen` flags; they differ between systems. */
const LINUX = { now: 0x2, deepBind: 0x8, noDelete: 0x1000 };
const MACOS = { now: 0x2, deepBind: 0, noDelete: 0x80 };

export interface Libc {
  readonly memory: NativeMemory;
  /** Bytes before the first NUL, at most `limit`. */
  readonly strnlen: (address: number, limit: number) => number;
  /**
   * Opens a shared object so that it stays mapped for the life of the process and prefers its own symbols to those
   * that Node exports. Gives the loader's complaint, or nothing. Does nothing where there is no such loader.
   */
  readonly pin: (path: string) => string | undefined;
}

let opened: Libc | undefined;

/** The one C library of this thread. */
export function libc(): Libc {
  opened ??= open();
  return opened;
}

function open(): Libc {
  const library = koffi.load(process.platform === "win32" ? "ucrtbase.dll" : null);
  return {
    memory: {
      malloc: library.func("malloc", "uintptr_t", ["size_t"]),
      free: library.func("free", "void", ["uintptr_t"]),
      memcpy: library.func("memcpy", "void", ["uintptr_t", "uintptr_t", "size_t"]),
      addressOf: (buffer) => Number(koffi.address(buffer)),
    },
    strnlen: library.func("strnlen", "size_t", ["uintptr_t", "size_t"]),
    pin: loader(library),
  };
}

function loader(library: LibraryHandle): Libc["pin"] {
  if (process.platform === "win32") return () => undefined;
  const dlopen = library.func("dlopen", "uintptr_t", ["str", "int"]);
  const dlerror = library.func("dlerror", "str", []);
  const flags = process.platform === "darwin" ? MACOS : LINUX;
  return (path) => {
    if (dlopen(path, flags.now | flags.deepBind | flags.noDelete) !== 0) return undefined;
    const text: unknown = dlerror();
    return typeof text === "string" ? text : "the dynamic loader does not say why";
  };
}
