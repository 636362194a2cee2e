/** The signal of one call that may have to wait for others. */
import { onAbort } from "./on-abort.ts";

export class CallCancellation {
  /** Resolves where the call is cancelled before it has begun; absent: there is no signal. */
  readonly early: Promise<void> | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly #stopWaiting: () => void;
  #cancelEarly: (() => void) | undefined;
  #interrupt: (() => void) | undefined;

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
    if (signal !== undefined) {
      this.early = new Promise((resolve) => {
        this.#cancelEarly = resolve;
      });
    }
    this.#stopWaiting = onAbort(signal, () => {
      if (this.#interrupt === undefined) this.#cancelEarly?.();
      else this.#interrupt();
    });
  }

  /** From here on `interrupt` is what cancels the call; false where it was cancelled before. */
  begin(interrupt: () => void): boolean {
    this.#interrupt = interrupt;
    return this.#signal?.aborted !== true;
  }

  /** The call has ended: nothing cancels it any more. */
  release(): void {
    this.#stopWaiting();
  }
}
