/** Whether a thrown value is the operating system's refusal (ENOENT, EACCES …), as Node reports it. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "code" in error && "syscall" in error;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder",
  ENOTDIR: "a part of the path is not a folder",
  EACCES: "permission denied",
  ELOOP: "its symbolic links form a loop",
  ENAMETOOLONG: "the path is too long",
  EMFILE: "this process may open no more files (ulimit -n)",
  ENFILE: "this machine can open no more files",
  ENOSPC: "no space is left",
  ENOMEM: "no memory is left",
};

/** What the machine, or the shell that the program was started from, has too little of. */
const SHORTAGES: ReadonlySet<string | undefined> = new Set(["EMFILE", "ENFILE", "ENOSPC", "ENOMEM"]);

/** Whether a thrown value says that the machine has too little of something. */
export function isShortage(error: unknown): error is NodeJS.ErrnoException {
  return isSystemError(error) && SHORTAGES.has(error.code);
}

/** Why a file could not be read, for a message: the error's own text where nobody has put it better. */
export function reasonOf(error: unknown): string {
  const code = isSystemError(error) ? error.code : undefined;
  return REASONS[code ?? ""] ?? (error instanceof Error ? error.message : String(error));
}
