/**
 * Handles between a guest's table and the reps that a library chose (CanonicalABI.md, `lift_own`, `lift_borrow`,
 * `lower_own`). A rep is a number that never reaches the guest, a handle one that never reaches the library.
 *
 * Lends last as long as arguments are lifted: after that the guest does not run before the library has returned, but for
 * its `realloc`, which must not call out.
 */
import { HostbundleError } from "../../shared/errors.ts";
import { childrenOf } from "../../shared/wit/children.ts";
import type { FuncType, HandleType, ResourceType, ValueType } from "../../shared/wit/types.ts";
import type { Handle, HandleTable } from "../linker/handle-table.ts";
import type { Resource } from "../linker/resource.ts";
import { Violation } from "./violation.ts";

/** A rep that left its table as an argument of a call. */
export interface TakenRep {
  readonly resource: Resource;
  readonly rep: number;
}

/** What a component instance keeps for handles. */
export interface HandleHolder {
  readonly handles: HandleTable;
  /** What was lifted for a call that has not begun: where that fails, nobody but the instance owns it. */
  readonly taken: TakenRep[];
}

/** What a function's signature says about handles, once per function. */
export interface HandleUse {
  /** Each resource once; the numbers in generated code are indices into this. */
  readonly resources: readonly ResourceType[];
  /** Parameters hold both `own` and `borrow`: one call may be given the same handle as both. */
  readonly mayLendTaken: boolean;
  /** Parameters hold `own`. */
  readonly takes: boolean;
}

export function handleUse(type: FuncType): HandleUse {
  const params = handlesIn(type.params.map((param) => param.type));
  const results = handlesIn(type.result === undefined ? [] : [type.result]);
  const takes = params.some((handle) => handle.kind === "own");
  return {
    resources: [...new Set([...params, ...results].map((handle) => handle.resource))],
    mayLendTaken: takes && params.some((handle) => handle.kind === "borrow"),
    takes,
  };
}

function handlesIn(types: readonly ValueType[]): readonly HandleType[] {
  const seen = new Set<ValueType>();
  const found: HandleType[] = [];
  const pending = [...types];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    if (next.kind === "own" || next.kind === "borrow") found.push(next);
    pending.push(...childrenOf(next));
  }
  return found;
}

/** The handles of one bound function. */
export class NativeHandles {
  readonly #table: HandleTable;
  readonly #taken: TakenRep[];
  readonly #types: readonly ResourceType[];
  readonly #resources: readonly Resource[];
  readonly #mayLendTaken: boolean;
  readonly #lent: Handle[] = [];

  constructor(use: HandleUse, holder: HandleHolder, resources: readonly Resource[]) {
    this.#table = holder.handles;
    this.#taken = holder.taken;
    this.#types = use.resources;
    this.#resources = resources;
    this.#mayLendTaken = use.mayLendTaken;
  }

  /** `lift_own`: the rep moves to the library. */
  take(number: number, index: number): number {
    const resource = this.#resource(number);
    const rep = repOf(this.#table.take(index, resource), resource);
    this.#taken.push({ resource, rep });
    return rep;
  }

  /** `lift_borrow` */
  borrow(number: number, index: number): number {
    const resource = this.#resource(number);
    const handle = this.#table.get(index, resource);
    if (this.#mayLendTaken) {
      handle.lends += 1;
      this.#lent.push(handle);
    }
    return repOf(handle.rep, resource);
  }

  /** `lower_own`: the rep moves to the guest. */
  give(number: number, rep: number): number {
    const resource = this.#resource(number);
    try {
      return this.#table.add(resource, rep | 0, undefined);
    } catch (error) {
      // A table that is full is the guest's doing, and the rep has nobody else.
      if (error instanceof Violation) error.isGuestFault = true;
      this.#taken.push({ resource, rep: rep | 0 });
      throw error;
    }
  }

  /** The same, by the type, for what is compiled once for all functions. */
  lift({ kind, resource }: HandleType, index: number): number {
    const number = this.#types.indexOf(resource);
    return kind === "own" ? this.take(number, index) : this.borrow(number, index);
  }

  lower({ resource }: HandleType, rep: number): number {
    return this.give(this.#types.indexOf(resource), rep);
  }

  /** The call begins: what was taken is the library's now. */
  handOver(): void {
    this.#taken.length = 0;
    for (const handle of this.#lent) handle.lends -= 1;
    this.#lent.length = 0;
  }

  #resource(number: number): Resource {
    const resource = this.#resources[number];
    if (resource === undefined) throw new RangeError(`the function has no resource ${number}`);
    return resource;
  }
}

/** The link plan lets only handles come here whose reps the same library made. */
function repOf(rep: unknown, resource: Resource): number {
  if (typeof rep === "number") return rep;
  throw new HostbundleError("INTERNAL", `a ${resource.name} has no rep of a library`);
}
