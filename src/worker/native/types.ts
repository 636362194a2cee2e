/** An opened native library: everything the ABI compiler may do with it. */
export interface NativeLibrary {
  /** The bundle's name, for messages. */
  readonly bundle: string;
  /**
   * A C function by exact symbol. `result` and `params` name C types of the FFI (`void`, `uint8_t`, `int32_t`,
   * `int64_t`, `double` …). Addresses are `uintptr_t`, given and returned as numbers: below 2^53, and the
   * fastest form there is. Throws HOST_FAULT where the symbol is missing.
   */
  func(symbol: string, result: string, params: readonly string[]): NativeFunction;
  /** Release function for what the library allocates (`free =`, or libc `free`); takes the address as a number. */
  readonly free: (address: number) => void;
  /** The C library's memory functions; `malloc` and `free` are those that the library itself is bound to. */
  readonly memory: NativeMemory;
  /**
   * Copies and releases everything that a block names (its layout is in machine-code.ts), with `memory.memcpy` and
   * `free`. Takes the block's address. Absent where the system does not let code be made at run time.
   */
  readonly settle?: (block: number) => void;
  /** Calls `hostbundle_deinit` where there is one. The image stays mapped: its background threads may live on. */
  close(): void;
}

/** What a C function looks like from JavaScript: numbers, and bigints for 64-bit integers beyond 2^53. */
export type NativeFunction = (...args: (number | bigint)[]) => number | bigint | undefined;

/** libc, addresses as numbers. */
export interface NativeMemory {
  /** Address of the new block, or 0. */
  readonly malloc: (bytes: number) => number;
  readonly free: (address: number) => void;
  readonly memcpy: (to: number, from: number, bytes: number) => void;
  /** Where an ArrayBuffer's bytes lie; they stay there as long as the buffer lives and is not detached. */
  readonly addressOf: (buffer: ArrayBuffer) => number;
}
