/** Opens the library of a host bundle: load, pin, initialise. */
import koffi, { type LibraryHandle } from "koffi";
import { type ErrorContext, HostbundleError, isHostbundleError } from "../../shared/errors.ts";
import type { LibraryPlan } from "../../shared/protocol.ts";
import { clearNote, noteCall } from "./crash-note.ts";
import { libc } from "./libc.ts";
import { withPrivateCopy } from "./private-copy.ts";
import { openSettle } from "./settle.ts";
import type { NativeFunction, NativeLibrary, NativeMemory } from "./types.ts";

/** How much of an error text from `hostbundle_init` is shown, in bytes. */
const MAX_ERROR_BYTES = 4096;

export interface OpenOptions {
  /** Load a private copy of the file, so that this thread's globals are its own. */
  readonly copy: boolean;
  /** Make machine code where the system allows it; default: unless `HOSTBUNDLE_NATIVE_LOOPS=off`. */
  readonly nativeLoops?: boolean;
}

/** Throws HOST_FAULT where the library does not load, lacks a symbol or refuses its configuration. */
export function openLibrary(plan: LibraryPlan, options: OpenOptions): NativeLibrary {
  const handle = loadImage(plan, options.copy);
  const { memory, releasedBy } = allocatorOf(handle);
  const find = (symbol: string, result: string, params: readonly string[]): NativeFunction =>
    findFunction(plan, handle, symbol, result, params);
  const free = plan.freeSymbol === undefined ? memory.free : find(plan.freeSymbol, "void", ["uintptr_t"]);
  const nativeLoops = options.nativeLoops ?? process.env["HOSTBUNDLE_NATIVE_LOOPS"] !== "off";
  const settle = nativeLoops
    ? openSettle(plan.freeSymbol === undefined ? [releasedBy, "free"] : [handle, plan.freeSymbol])
    : undefined;
  const library: NativeLibrary = {
    bundle: plan.bundle,
    func: find,
    free,
    memory,
    ...(settle === undefined ? {} : { settle }),
    close: closer(plan, find),
  };
  noteCall({ bundle: plan.bundle });
  if (plan.hasInit) initialise(plan, library);
  clearNote();
  return library;
}

/** What is said of a library that does not load. */
export type ImagePlan = Pick<LibraryPlan, "bundle" | "path" | "declaredIn">;

/** Loads a library, or a private copy of its file. Throws HOST_FAULT. */
export function loadImage(plan: ImagePlan, copy: boolean): LibraryHandle {
  noteCall({ bundle: plan.bundle });
  const handle = copy
    ? attempt(plan, () => withPrivateCopy(plan.path, (path) => load(plan, path)))
    : load(plan, plan.path);
  clearNote();
  return handle;
}

function load(plan: ImagePlan, path: string): LibraryHandle {
  const complaint = libc().pin(path);
  if (complaint !== undefined)
    throw fault(plan, `cannot load the library of host bundle "${plan.bundle}": ${complaint}`);
  return attempt(plan, () => koffi.load(path, { deep: true }));
}

/** Runs a step of loading; what it throws becomes an error that names the bundle. */
function attempt<T>(plan: ImagePlan, step: () => T): T {
  try {
    return step();
  } catch (error) {
    if (isHostbundleError(error)) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw fault(plan, `cannot load the library of host bundle "${plan.bundle}": ${reason}`);
  }
}

/**
 * The allocator as this library sees it: bound ahead of the process's own symbols, its `malloc` need not be
 * the process's (an allocator may be preloaded), and what one allocates the other must not free.
 */
function allocatorOf(handle: LibraryHandle): {
  readonly memory: NativeMemory;
  readonly releasedBy: LibraryHandle;
} {
  const { memory, handle: process } = libc();
  try {
    const own = {
      malloc: handle.func("malloc", "uintptr_t", ["size_t"]),
      free: handle.func("free", "void", ["uintptr_t"]),
    };
    return { memory: { ...memory, ...own }, releasedBy: handle };
  } catch {
    // It does not link with a C library at all: it can only have the process's.
    return { memory, releasedBy: process };
  }
}

function findFunction(
  plan: LibraryPlan,
  handle: LibraryHandle,
  symbol: string,
  result: string,
  params: readonly string[],
): NativeFunction {
  try {
    // The FFI's functions are untyped; the types of this one are what we just asked for.
    return handle.func(symbol, result, [...params]) as NativeFunction;
  } catch (error) {
    throw fault(plan, `the library of host bundle "${plan.bundle}" lacks the symbol ${symbol}`, {
      help: "export it, or map the function to another symbol under [functions] in host.toml",
      cause: error,
    });
  }
}

function initialise(plan: LibraryPlan, library: NativeLibrary): void {
  const { memory } = library;
  const config = Buffer.from(`${plan.configJson}\0`, "utf8");
  const block = new ArrayBuffer(8 + config.length);
  const at = memory.addressOf(block);
  new Uint8Array(block).set(config, 8);
  const init = library.func("hostbundle_init", "uint8_t", ["uintptr_t", "uintptr_t"]);
  if (init(at + 8, at) !== 0) return;
  const [address = 0n] = new BigUint64Array(block, 0, 1);
  const text = address === 0n ? "it does not say why" : takeText(Number(address), memory);
  throw fault(plan, `host bundle "${plan.bundle}" failed to initialise: ${text}`, {
    help: "hostbundle_init returned false; its configuration is [host.config] with the manifest's config on top",
  });
}

/** Copies a NUL-terminated text and frees it. */
function takeText(address: number, memory: NativeMemory): string {
  const text = new ArrayBuffer(MAX_ERROR_BYTES);
  const length = libc().strnlen(address, MAX_ERROR_BYTES);
  memory.memcpy(memory.addressOf(text), address, length);
  memory.free(address);
  // Printable, one line, whatever the library wrote.
  return Buffer.from(text, 0, length)
    .toString("utf8")
    .replaceAll(/[\p{Cc}\p{Cf}]+/gu, " ")
    .trim();
}

function closer(plan: LibraryPlan, find: NativeLibrary["func"]): () => void {
  let isOpen = true;
  return () => {
    if (isOpen && plan.hasDeinit) find("hostbundle_deinit", "void", [])();
    isOpen = false;
  };
}

function fault(
  plan: ImagePlan,
  message: string,
  context: ErrorContext & { readonly cause?: unknown } = {},
): HostbundleError {
  return new HostbundleError("HOST_FAULT", message, {
    bundle: plan.bundle,
    findings: [{ message: plan.path, where: { file: plan.declaredIn } }],
    ...context,
  });
}
