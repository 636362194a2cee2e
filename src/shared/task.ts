/** What the pool hands a worker thread beyond the run itself. Plain data, structured-clone safe; ports are transferred. */
import type { ChildSetup } from "./child-protocol.ts";
import type { InstanceRequest, RunRequest } from "./protocol.ts";

/**
 * How a thread may open one library of a run. Libraries opened by several threads share their globals
 * unless each opens a copy of the file.
 */
export interface LibraryClaim {
  /** Index of the library's slot in `ThreadSetup.claims`; absent: open a copy. */
  readonly slot?: number;
}

/**
 * A run's progress, in memory that the pool and the run's thread share: an Int32 that is one of `TICKET`, and at byte 8 a
 * Float64, when the run began, in milliseconds since 1970.
 */
export type Ticket = SharedArrayBuffer;

export const TICKET_BYTES = 16;

/** States of a ticket. From `queued` the thread goes to `running`, or the pool to `cancelled`, whoever is first. */
export const TICKET = { queued: 0, running: 1, cancelled: 2, ended: 3 } as const;

/** Claims for everything that a plan opens. */
export interface PlanClaims {
  readonly claims: readonly LibraryClaim[];
  readonly adapterClaims: readonly LibraryClaim[];
}

export type WorkerTask =
  /**
   * `claims` goes with `request.plan.libraries`, `adapterClaims` with `request.plan.adapters`. Without a ticket nobody ends the
   * run before its time.
   */
  | {
      readonly kind: "run";
      readonly request: RunRequest;
      readonly claims: readonly LibraryClaim[];
      readonly adapterClaims: readonly LibraryClaim[];
      readonly ticket?: Ticket;
    }
  /** A session (`./session.ts`): the task lasts as long as its instance, which is spoken to through the port. */
  | {
      readonly kind: "session";
      readonly request: InstanceRequest;
      readonly claims: readonly LibraryClaim[];
      readonly adapterClaims: readonly LibraryClaim[];
      readonly ticket: Ticket;
      readonly port: SessionPort;
    }
  /**
   * One per thread: end the libraries. A thread waits until `threads` have come, so that no thread takes
   * two of these; `arrived` holds one Int32.
   */
  | { readonly kind: "close"; readonly arrived: SharedArrayBuffer; readonly threads: number };

/** How the child processes of a thread are started, kept and replaced. */
export interface ChildOptions {
  /** The program, an absolute path. */
  readonly file: string;
  readonly setup: Omit<ChildSetup, "supervisor" | "scratchFolder">;
  /** JavaScript heap, in MiB; absent: Node's own limit. */
  readonly heapLimitMib?: number;
  /** Environment variables besides those that every child gets. */
  readonly env: Readonly<Record<string, string>>;
  /** Children kept ready beside the one in use. */
  readonly spares: number;
  /** A child that has had this many runs is replaced. */
  readonly maxRuns: number;
  /** A child whose resident memory has grown by more than this since its first run is replaced. */
  readonly maxGrowthBytes: number;
}

/** `workerData` of a thread. */
export interface ThreadSetup {
  /** Int32 pairs, one per library of the process: see `src/worker/claims.ts`. */
  readonly claims: SharedArrayBuffer;
  /** Where V8's code cache of the worker's own files lies; absent: there is none. */
  readonly codeFolder?: string;
  /** Where the thread puts private copies of libraries: the pool removes the folder, which need not exist. */
  readonly scratchFolder: string;
  /** For a thread that supervises child processes. */
  readonly children?: ChildOptions;
}

/**
 * A session's end of the channel: a `MessagePort`, as far as Comlink needs it. Its own type is not named here, because what we
 * publish would then need the types of browsers.
 */
export interface SessionPort {
  postMessage(message: unknown, transfer?: readonly unknown[]): void;
  addEventListener(type: string, listener: object): void;
  removeEventListener(type: string, listener: object): void;
  start(): void;
  close(): void;
}
