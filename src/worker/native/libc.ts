/** The process's own C library: memory functions, and the dynamic loader's. Addresses are numbers (`uintptr_t`). */
import koffi, { type LibraryHandle } from "koffi";
import type { NativeMemory } from "./types.ts";

/** `dlopen` flags; they differ between systems. */
const LINUX = { now: 0x2, deepBind: 0x8, noDelete: 0x1000 };
const MACOS = { now: 0x2, deepBind: 0, noDelete: 0x80 };

/** `mmap` and `mprotect` on Linux, where the numbers are the same on all machines that we have code for. */
const PAGE = { read: 1, write: 2, execute: 4, privateAnonymous: 0x22 };

/** Pages for code that is made at run time: writable, then executable, never both. Lengths in bytes. */
export interface LibcPages {
  /** Address of fresh pages, or nothing where the system refuses. */
  readonly mapWritable: (bytes: number) => number | undefined;
  /** False where the system refuses. */
  readonly makeExecutable: (address: number, bytes: number) => boolean;
  readonly unmap: (address: number, bytes: number) => void;
}

export interface Libc {
  readonly handle: LibraryHandle;
  readonly memory: NativeMemory;
  /** Where code may be made at run time. */
  readonly pages: LibcPages | undefined;
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
    handle: library,
    memory: {
      malloc: library.func("malloc", "uintptr_t", ["size_t"]),
      free: library.func("free", "void", ["uintptr_t"]),
      memcpy: library.func("memcpy", "void", ["uintptr_t", "uintptr_t", "size_t"]),
      addressOf: (buffer) => Number(koffi.address(buffer)),
    },
    pages: process.platform === "linux" ? pagesOf(library) : undefined,
    strnlen: library.func("strnlen", "size_t", ["uintptr_t", "size_t"]),
    pin: loader(library),
  };
}

function pagesOf(handle: LibraryHandle): LibcPages {
  const address = "uintptr_t";
  const mmap = handle.func("mmap", address, [address, "size_t", "int", "int", "int", "intptr_t"]);
  const mprotect = handle.func("mprotect", "int", [address, "size_t", "int"]);
  const munmap = handle.func("munmap", "int", [address, "size_t"]);
  return {
    mapWritable: (bytes) => {
      const page: unknown = mmap(0, bytes, PAGE.read | PAGE.write, PAGE.privateAnonymous, -1, 0);
      // A failure is the highest address, which is no safe integer.
      return Number.isSafeInteger(page) ? Number(page) : undefined;
    },
    makeExecutable: (page, bytes) => mprotect(page, bytes, PAGE.read | PAGE.execute) === 0,
    unmap: (page, bytes) => {
      munmap(page, bytes);
    },
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
