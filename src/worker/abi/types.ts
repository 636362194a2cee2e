import type { FunctionPlan } from "../../shared/protocol.ts";
import type { FuncType, ResourceType } from "../../shared/wit/types.ts";
import type { HandleTable } from "../linker/handle-table.ts";
import type { Resource } from "../linker/resource.ts";
import type { NativeLibrary } from "../native/types.ts";
import type { TakenRep } from "./handles.ts";

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
  /** The instance's resource types behind `CompiledLoweredImport.resources`, in that order. */
  readonly resources?: readonly Resource[];
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
  /** Of our own linker's instances: jco keeps handles itself. */
  readonly handles?: HandleTable;
  readonly taken?: TakenRep[];
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
  /** As the bundle's WIT has it. */
  readonly type: FuncType;
  /** The resource types that its values hold, of that type. */
  readonly resources: readonly ResourceType[];
  /** The core function for one instance. */
  bind(options: CanonOptions, instance: InstanceState, counters?: CallCounters): CoreFunction;
}
