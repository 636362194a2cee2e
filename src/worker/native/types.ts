/** An opened native library: everything the ABI compiler may do with it. */
export interface NativeLibrary {
  /** The bundle's name, for messages. */
  readonly bundle: string;
  /**
   * A C function by exact symbol. `result` and `params` name C types of koffi
   * (`void`, `bool`, `int32_t`, `double` …; pointers are `uintptr_t`-free `void *`, given as BigInt).
   * Throws HOST_FAULT where the symbol is missing.
   */
  func(symbol: string, result: string, params: readonly string[]): NativeFunction;
  /** Release function for what the library allocates (`free =`, or libc `free`); takes the address as a BigInt. */
  readonly free: NativeFunction;
  /** Calls `hostbundle_deinit` where there is one. The image stays mapped: its background threads may live on. */
  close(): void;
}

/** What koffi returns for a C function; numbers, bigints, booleans. */
export type NativeFunction = (
  ...args: (number | bigint | boolean)[]
) => number | bigint | boolean | undefined;
