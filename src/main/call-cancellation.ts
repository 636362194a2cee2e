/** The signal of one call that may have to wait for others. */
export class CallCancellation {
  /** Resolves where the call is cancelled before it has begun; absent: there is no signal. */
  readonly early: Promise<void> | undefined;
  readonly #signal: AbortSignal | undefined;
  #cancel: () => void = () => undefined;
  #interrupt: (() => void) | undefined;

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
    if (signal === undefined) return;
    this.early = new Promise((resolve) => {
      this.#cancel = () => {
        if (this.#interrupt === undefined) resolve();
        else this.#interrupt();
      };
    });
    signal.addEventListener("abort", this.#cancel);
    if (signal.aborted) this.#cancel();
  }

  /** From here on `interrupt` is what cancels the call; false where it was cancelled before. */
  begin(interrupt: () => void): boolean {
    this.#interrupt = interrupt;
    return this.#signal?.aborted !== true;
  }

  /** The call has ended: nothing cancels it any more. */
  release(): void {
    this.#interrupt = () => undefined;
    this.#signal?.removeEventListener("abort", this.#cancel);
  }
}
