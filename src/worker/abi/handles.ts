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

/**
 * A rep between a library and a table, where no call is safe: the guest may have used up the stack. It is noted by stores to
 * these properties, which need none, and forgotten once it has arrived; the instance drops it otherwise.
 */
export interface RepOnItsWay {
  resourceOnItsWay: Resource | undefined;
  repOnItsWay: number;
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
  /** The result holds `own`. */
  readonly gives: boolean;
}

export function handleUse(type: FuncType): HandleUse {
  const params = handlesIn(type.params.map((param) => param.type));
  const results = handlesIn(type.result === undefined ? [] : [type.result]);
  const takes = params.some((handle) => handle.kind === "own");
  return {
    resources: [...new Set([...params, ...results].map((handle) => handle.resource))],
    mayLendTaken: takes && params.some((handle) => handle.kind === "borrow"),
    takes,
    gives: results.length > 0,
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

  /** The one that generated code knows by a number. */
  resource(number: number): Resource {
    const resource = this.#resources[number];
    if (resource === undefined) throw new RangeError(`the function has no resource ${number}`);
    return resource;
  }

  /** `lift_own`: the rep moves to the library. */
  take(number: number, index: number): number {
    const resource = this.resource(number);
    const rep = repOf(this.#table.take(index, resource), resource);
    this.#taken.push({ resource, rep });
    return rep;
  }

  /** `lift_borrow` */
  borrow(number: number, index: number): number {
    const resource = this.resource(number);
    const handle = this.#table.get(index, resource);
    if (this.#mayLendTaken) {
      handle.lends += 1;
      this.#lent.push(handle);
    }
    return repOf(handle.rep, resource);
  }

  /** `lower_own`: the rep moves to the guest. */
  give(number: number, rep: number): number {
    try {
      return this.#table.add(this.resource(number), rep | 0, undefined);
    } catch (error) {
      // A table that is full is the guest's doing.
      if (error instanceof Violation) error.isGuestFault = true;
      throw error;
    }
  }

  /** The same, by the type, for what is compiled once for all functions. */
  lift({ kind, resource }: HandleType, index: number): number {
    const number = this.#types.indexOf(resource);
    return kind === "own" ? this.take(number, index) : this.borrow(number, index);
  }

  lower({ resource }: HandleType, rep: number): number {
    const number = this.#types.indexOf(resource);
    try {
      return this.give(number, rep);
    } catch (error) {
      // The rep has nobody else.
      this.#taken.push({ resource: this.resource(number), rep: rep | 0 });
      throw error;
    }
  }

  /** The call begins: what was taken is the library's now. */
  handOver(): void {
    this.#taken.length = 0;
    for (const handle of this.#lent) handle.lends -= 1;
    this.#lent.length = 0;
  }
}

function ignore(): void {}

/** 64 KiB of stack, and 8: what arguments take. */
const MANY = Array.from({ length: 8192 }, () => 0);
const SOME = MANY.slice(0, 1024);
/** By then everything is compiled. */
const COLD_CALLS = 256;
let calls = 0;

/**
 * Throws the engine's RangeError where the stack would not last for what follows a call whose result holds handles: once the
 * library has given reps, they must become handles.
 */
export function ensureStack(): void {
  calls += 1;
  Reflect.apply(ignore, undefined, calls > COLD_CALLS ? SOME : MANY);
}

/** The link plan lets only handles come here whose reps the same library made. */
function repOf(rep: unknown, resource: Resource): number {
  if (typeof rep === "number") return rep;
  throw new HostbundleError("INTERNAL", `a ${resource.name} has no rep of a library`);
}
