/** Where a guest's standard streams are: in a child process standard error is elsewhere. */
export const STANDARD = { stdin: 0, stdout: 1, stderr: 2 };
