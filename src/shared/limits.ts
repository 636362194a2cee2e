/** What a run may use up. Plain data; absent: no limit. */
export interface RunLimits {
  /** Wall clock of a run, from when it begins on a thread or in a process that is ready. */
  readonly timeoutMs?: number;
  /** Linear memory, all memories of an instance together. */
  readonly memoryBytes?: number;
  /** Elements of all tables of an instance together. */
  readonly tableElements?: number;
}

/** Where runs happen: on a thread of this process, or in a child process of their own. */
export type Isolation = "thread" | "process";
