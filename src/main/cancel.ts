/** Work that its caller may stop waiting for. */
import { HostbundleError } from "../shared/errors.ts";
import { onAbort } from "./on-abort.ts";

/**
 * Does some work unless `signal` is aborted. Rejects with CANCELLED as soon as it is; what is under way then goes on as far as its
 * next `goOn`, which throws the same.
 */
export async function cancellable<T>(
  signal: AbortSignal | undefined,
  what: string,
  work: (goOn: () => void) => Promise<T>,
): Promise<T> {
  if (signal === undefined) return work(() => undefined);
  const cancelled = (): HostbundleError => new HostbundleError("CANCELLED", `${what} was cancelled`);
  const goOn = (): void => {
    if (signal.aborted) throw cancelled();
  };
  goOn();
  return new Promise<T>((resolve, reject) => {
    const stopWaiting = onAbort(signal, () => {
      reject(cancelled());
    });
    void work(goOn).then(resolve, reject).finally(stopWaiting);
  });
}
