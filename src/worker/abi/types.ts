import type { FunctionPlan } from "../../shared/protocol.ts";
import type { NativeLibrary } from "../native/types.ts";

/** A core WebAssembly function as JavaScript sees it: numbers, and bigints for i64. */
export type CoreFunction = (...args: (number | bigint)[]) => number | bigint | undefined;

/** The three encodings a guest may declare for its strings (CanonicalABI.md, `string-encoding`). */
export type StringEncoding = "utf8" | "utf16" | "latin1+utf16";

/** The canonical options of one `canon lower`: whose memory, and how to allocate in it. */
export interface CanonOptions {
  readonly memory?: WebAssembly.Memory;
  /** `realloc(originalPtr, originalSize, alignment, newSize) -> ptr` */
  readonly realloc?: (ptr: number, oldSize: number, align: number, newSize: number) => number;
  readonly stringEncoding: StringEncoding;
}

/**
 * State that all imports of one component instance share. `mayLeave` is false while the host lowers a
 * result through the guest's `realloc`; a call to any import then traps (CanonicalABI.md, `may_leave`).
 */
export interface InstanceState {
  mayLeave: boolean;
  /**
   * The first TRAP or HOST_FAULT of a call, with `mayLeave` false from then on. A guest with exception handling can
   * catch what an import throws, so whoever runs the instance looks here when the guest returns.
   */
  failure?: unknown;
}

/** Counters of one import; absent where nobody asked for statistics. */
export interface CallCounters {
  calls: number;
  bytesIn: number;
  bytesOut: number;
  timeNs: number;
}

/** What is compiled once per (function, library) and bound once per instance. */
export interface LoweredImportSpec {
  /** `ns:pkg/iface@1.0.0#func`, for messages, stack traces and `--dump-trampolines`. */
  readonly label: string;
  readonly plan: FunctionPlan;
  readonly library: NativeLibrary;
}

export interface CompiledLoweredImport {
  /** Readable source of what was generated for this function. */
  readonly source: string;
  /** The core function for one instance. */
  bind(options: CanonOptions, instance: InstanceState, counters?: CallCounters): CoreFunction;
}
