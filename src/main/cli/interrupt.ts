/** Ctrl-C during a run ends the run. A second one, or one at any other time, ends the program as it always does. */
export async function withInterrupt<T>(use: (interrupted: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const interrupt = (): void => {
    controller.abort();
  };
  process.once("SIGINT", interrupt);
  try {
    return await use(controller.signal);
  } finally {
    process.removeListener("SIGINT", interrupt);
  }
}
