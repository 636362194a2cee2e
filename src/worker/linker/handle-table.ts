/**
 * The handles of one component instance (CanonicalABI.md, "Table State", "Resource State"). Indices begin at 1;
 * those given up are used again, last first.
 */
import { Violation } from "../abi/violation.ts";
import type { Rep, Resource } from "./resource.ts";

/** `Table.MAX_LENGTH` */
const MAX_HANDLES = 2 ** 28 - 1;

/** A call into an instance that was lent handles: they must be dropped before it returns. */
export interface BorrowScope {
  borrows: number;
}

export interface Handle {
  readonly resource: Resource;
  readonly rep: Rep;
  /** Absent: an owned handle. */
  readonly scope: BorrowScope | undefined;
  /** Calls that this handle is lent to. */
  lends: number;
}

export class HandleTable {
  /** Index 0 is never a handle. */
  readonly #entries: (Handle | undefined)[] = [undefined];
  readonly #free: number[] = [];

  /** `Table.add` */
  add(resource: Resource, rep: Rep, scope: BorrowScope | undefined): number {
    const handle: Handle = { resource, rep, scope, lends: 0 };
    const reused = this.#free.pop();
    if (reused !== undefined) {
      this.#entries[reused] = handle;
      return reused;
    }
    const index = this.#entries.length;
    if (index > MAX_HANDLES) throw new Violation("the instance has no room for another handle");
    this.#entries.push(handle);
    return index;
  }

  /** A live handle of that resource. `index` is unsigned. */
  get(index: number, resource: Resource): Handle {
    const handle = this.#entries[index];
    if (handle === undefined) throw new Violation(`unknown handle index ${index}`);
    if (handle.resource !== resource) {
      throw new Violation(
        `handle index ${index} is of resource ${handle.resource.name}, ${resource.name} is expected`,
      );
    }
    return handle;
  }

  /** `Table.remove`: a handle of that resource that is not lent. */
  remove(index: number, resource: Resource): Handle {
    const handle = this.get(index, resource);
    if (handle.lends !== 0) throw new Violation(`handle index ${index} is lent and cannot be given up now`);
    this.#entries[index] = undefined;
    this.#free.push(index);
    return handle;
  }

  /** `lift_own`: an owned handle leaves the table. */
  take(index: number, resource: Resource): Rep {
    if (this.get(index, resource).scope !== undefined)
      throw new Violation(`handle index ${index} is borrowed, an owned handle is expected`);
    return this.remove(index, resource).rep;
  }

  /** Handles alive. */
  get size(): number {
    return this.#entries.length - 1 - this.#free.length;
  }

  /** Empties the table; gives the handles that were left, the highest index first. */
  clear(): readonly Handle[] {
    if (this.size === 0) return [];
    this.#free.length = 0;
    const [, ...entries] = this.#entries.splice(0, this.#entries.length, undefined);
    return entries.filter((handle) => handle !== undefined).toReversed();
  }
}
