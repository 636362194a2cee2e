/** What the pool hands a worker thread beyond the run itself. Plain data, structured-clone safe. */
import type { RunRequest } from "./protocol.ts";

/**
 * How a thread may open one library of a run. Libraries opened by several threads share their globals
 * unless each opens a copy of the file.
 */
export interface LibraryClaim {
  /** Index of the library's slot in `ThreadSetup.claims`; absent: open a copy. */
  readonly slot?: number;
}

export type WorkerTask =
  /** `claims` goes with `request.plan.libraries`, `adapterClaims` with `request.plan.adapters`. */
  | {
      readonly kind: "run";
      readonly request: RunRequest;
      readonly claims: readonly LibraryClaim[];
      readonly adapterClaims: readonly LibraryClaim[];
    }
  /**
   * One per thread: end the libraries. A thread waits until `threads` have come, so that no thread takes
   * two of these; `arrived` holds one Int32.
   */
  | { readonly kind: "close"; readonly arrived: SharedArrayBuffer; readonly threads: number };

/** `workerData` of a thread. */
export interface ThreadSetup {
  /** Int32 pairs, one per library of the process: see `src/worker/claims.ts`. */
  readonly claims: SharedArrayBuffer;
  /** Where V8's code cache of the worker's own files lies; absent: there is none. */
  readonly codeFolder?: string;
}
