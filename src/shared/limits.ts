/** What a run may use up. Plain data; absent: no limit. */
export interface RunLimits {
  /** Wall clock of a run, from when it begins on a thread or in a process that is ready. */
  readonly timeoutMs?: number;
  /** Linear memory, all memories of an instance together. */
  readonly memoryBytes?: number;
  /** Elements of all tables of an instance together. */
  readonly tableElements?: number;
  /**
   * What native code may allocate (process isolation, Linux): the process may grow by this, by `memoryBytes` and by a headroom of
   * 128 MiB for JavaScript; beyond that `malloc` gives NULL.
   */
  readonly nativeBytes?: number;
  /** CPU time of all threads, rounded up to seconds (process isolation, Linux). */
  readonly cpuMs?: number;
  /** Files that may be open besides those of the process itself (process isolation, Linux). */
  readonly openFiles?: number;
  /** What a guest may write to each of its two output streams; 64 MiB where nothing is said and the stream is captured. */
  readonly outputBytes?: number;
  /**
   * Calls that a guest may make to its host: to functions of bundles and of WASI; in a component that jco links, of bundles only.
   * In a session, in all.
   */
  readonly calls?: number;
}

/** Every limit, those of a whole host too. */
export type LimitName = keyof RunLimits | "maxHeapBytes";

/** Whole numbers, of any size. */
export const COUNTED_LIMITS = [
  "memoryBytes",
  "tableElements",
  "nativeBytes",
  "cpuMs",
  "openFiles",
  "outputBytes",
  "calls",
] as const satisfies readonly LimitName[];

const LIMIT_NAMES: readonly LimitName[] = [...COUNTED_LIMITS, "timeoutMs", "maxHeapBytes"];

export function isLimitName(name: unknown): name is LimitName {
  return LIMIT_NAMES.some((known) => known === name);
}

/** Limits that only a process of its own can be held to. */
export const PROCESS_LIMITS = ["nativeBytes", "cpuMs", "openFiles"] as const;

/** Where runs happen: on a thread of this process, or in a child process of their own. */
export type Isolation = "thread" | "process";

/** What JavaScript may need besides for its own heap and code while a run goes on. */
export const HEADROOM_BYTES = 128 * 1024 ** 2;
/** What a guest's memories may take where nothing limits them: all of a 32-bit memory. */
const ANY_MEMORY_BYTES = 4 * 1024 ** 3;

/** How much a process may grow during a run whose native memory is limited; absent: it is not. */
export function nativeGrowthBytes({
  nativeBytes,
  memoryBytes = ANY_MEMORY_BYTES,
}: RunLimits): number | undefined {
  return nativeBytes === undefined ? undefined : nativeBytes + memoryBytes + HEADROOM_BYTES;
}
