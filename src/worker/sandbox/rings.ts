import { readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";

const DESCRIPTORS = "/proc/self/fd";

/** Whether this process has rings (io_uring): then its children would make some as well. See no-rings.ts. */
export function hasRings(): boolean {
  if (process.platform !== "linux") return false;
  return readdirSync(DESCRIPTORS).some((name) => {
    try {
      return readlinkSync(join(DESCRIPTORS, name)).includes("io_uring");
    } catch {
      // Closed meanwhile.
      return false;
    }
  });
}
