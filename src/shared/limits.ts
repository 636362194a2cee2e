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
  /** What a guest may write to each stream that is captured. */
  readonly outputBytes?: number;
}

/** Limits that only a process of its own can be held to. */
export const PROCESS_LIMITS = ["nativeBytes", "cpuMs", "openFiles"] as const;

/** Where runs happen: on a thread of this process, or in a child process of their own. */
export type Isolation = "thread" | "process";
