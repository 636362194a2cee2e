/** Whether a thrown value is the operating system's refusal (ENOENT, EACCES …), as Node reports it. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "code" in error && "syscall" in error;
}
