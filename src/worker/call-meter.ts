/** A limit on the calls that a guest makes to its host. Functions are wrapped only where there is such a limit. */
import { HostbundleError } from "../shared/errors.ts";
import type { CoreFunction, InstanceState } from "./abi/types.ts";

export class CallMeter {
  readonly #max: number;
  #left: number;

  constructor(max: number) {
    this.#max = max;
    this.#left = max;
  }

  /** The same function, which ends the run with CALL_LIMIT once there have been too many calls. */
  metered(core: CoreFunction, label: string, caller: InstanceState): CoreFunction {
    return (...args) => {
      if (this.#left === 0) this.#refuse(label, caller);
      this.#left -= 1;
      return core(...args);
    };
  }

  /** A guest can catch what is thrown here: its instance is dead all the same. */
  #refuse(label: string, caller: InstanceState): never {
    const error = new HostbundleError(
      "CALL_LIMIT",
      `the guest may make ${this.#max} calls to its host, and began another: ${label}`,
      {
        function: label,
        limit: { name: "calls", max: this.#max },
        help: "allow it more: --max-calls (limits.calls)",
      },
    );
    caller.mayLeave = false;
    caller.failure ??= error;
    throw error;
  }
}
