/** A run's component, linked and not yet instantiated, whoever links it. */
import type { Call } from "../shared/protocol.ts";
import type { Value } from "../shared/value/types.ts";
import type { CappedMemory } from "./limits.ts";

export interface Attempt {
  /** URL of generated code: what is thrown there is a check that the guest failed; empty where there is none. */
  readonly codeUrl: string;
  /** Makes the instance. What the guest's start functions throw is thrown. */
  instantiate(): void;
  /**
   * Calls the export: its value, absent where it has none; of a command `{ ok: null }` or `{ err: null }`. A promise
   * only where jco links.
   */
  call(call: Call): (Value | undefined) | Promise<Value | undefined>;
  /** The first trap or fault of the run, also where the guest has caught it. */
  failure(): unknown;
  /** The memories of the instance that may grow less than their modules say, as far as they can be seen. */
  memories(): readonly CappedMemory[];
  /** Drops what the instance still holds of the host's resources; gives what a destructor has thrown. */
  end(): unknown;
}
