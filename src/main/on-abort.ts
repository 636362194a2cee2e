/** Many who wait for one AbortSignal: one listener for all of them, because Node warns of a leak where a signal has more than ten. */

const waiting = new WeakMap<AbortSignal, Set<{ readonly tell: () => void }>>();

/** Tells when the signal is aborted, at once where it has been. Gives what ends that. */
export function onAbort(signal: AbortSignal | undefined, tell: () => void): () => void {
  if (signal === undefined) return () => undefined;
  if (signal.aborted) {
    tell();
    return () => undefined;
  }
  const known = waiting.get(signal);
  const all = known ?? new Set();
  const one = { tell };
  all.add(one);
  if (known === undefined) {
    waiting.set(signal, all);
    signal.addEventListener("abort", tellAll);
  }
  return () => {
    // Once it is empty, the set is no longer the signal's.
    if (!all.delete(one) || all.size > 0) return;
    waiting.delete(signal);
    signal.removeEventListener("abort", tellAll);
  };
}

function tellAll(this: AbortSignal): void {
  // Who is told may end others.
  const all = Array.from(waiting.get(this) ?? []);
  for (const { tell } of all) tell();
}
