/**
 * Who has a file open in this process. DuckDB locks its files against other processes only: two instances in one
 * process, of two threads or of two bundles, would write over each other's pages. Linux tells; elsewhere nothing is
 * found.
 */
import { fstatSync, readdirSync, readFileSync, statSync } from "node:fs";

const DESCRIPTORS = "/proc/self/fd";
/** The access mode within the flags of a descriptor: 0 is to read only. */
const ACCESS_MODE = 3;

export interface FileUse {
  readonly readers: number;
  readonly writers: number;
}

/** Descriptors of this process that mean the file at `path`, whatever they call it. */
export function usesOf(path: string): FileUse {
  const file = statSync(path, { bigint: true, throwIfNoEntry: false });
  if (process.platform !== "linux" || file === undefined) return { readers: 0, writers: 0 };
  let readers = 0;
  let writers = 0;
  for (const name of readdirSync(DESCRIPTORS)) {
    const isWriter = ifOpen(() => {
      const { dev, ino } = fstatSync(Number(name), { bigint: true });
      return dev === file.dev && ino === file.ino ? writes(name) : undefined;
    });
    if (isWriter === true) writers += 1;
    if (isWriter === false) readers += 1;
  }
  return { readers, writers };
}

function writes(descriptor: string): boolean {
  const [, flags = "0"] =
    /^flags:\s*([0-7]+)$/mu.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, "utf8")) ?? [];
  return (Number.parseInt(flags, 8) & ACCESS_MODE) !== 0;
}

/** Nothing for a descriptor that was closed meanwhile. */
function ifOpen<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "EBADF" || error.code === "ENOENT")) {
      return undefined;
    }
    throw error;
  }
}
