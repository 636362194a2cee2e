/** What this process has open, and what it has started. Linux only. */
import { readdirSync, readFileSync } from "node:fs";

/** Process ids of the children of this process, zombies included. */
export function children(pid: number | "self" = "self"): readonly number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) => {
    try {
      const text = readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8");
      return text
        .split(" ")
        .filter((item) => item !== "")
        .map(Number);
    } catch {
      // A thread that has just ended.
      return [];
    }
  });
}

/** Descriptors of this process. */
export function descriptors(): number {
  return readdirSync("/proc/self/fd").length;
}

/** Whether a process is there and no zombie. */
export function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/mu.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

/** Processor time that a process has taken, in hundredths of a second; 0 of one that is gone. */
export function processorTime(pid: number): number {
  try {
    // After the name, which may hold anything, `utime` and `stime` are the 12th and 13th field.
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
    return Number(fields[11]) + Number(fields[12]);
  } catch {
    return 0;
  }
}
