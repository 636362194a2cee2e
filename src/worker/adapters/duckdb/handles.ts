/** Native objects of DuckDB: each is given back exactly once, after everything that was made from it. */
import type { Destroy, Native } from "./native.ts";

/** What was opened and what was closed, of one run or of one thread. */
export class Census {
  opened = 0;
  closed = 0;
  readonly #live = new Set<Handle>();

  get live(): number {
    return this.#live.size;
  }

  /** Called by handles only. */
  add(handle: Handle): void {
    this.opened += 1;
    this.#live.add(handle);
  }

  /** Called by handles only. */
  remove(handle: Handle): void {
    this.closed += 1;
    this.#live.delete(handle);
  }

  /** Closes what is left, the youngest first: a parent is older than what was made from it. */
  closeAll(): void {
    for (const handle of [...this.#live].toReversed()) handle.close();
  }
}

export interface Origin {
  readonly census: Census;
  /** What it was made from: kept until this one is closed. */
  readonly parent?: Handle | undefined;
}

export class Handle {
  readonly #address: number;
  #users = 1;
  #isClosed = false;
  readonly #native: Native;
  readonly #destroy: Destroy;
  readonly #origin: Origin;

  /** Some calls that fail make nothing: then `address` is 0, and there is nothing to destroy. */
  constructor(native: Native, address: number, destroy: Destroy, origin: Origin) {
    this.#native = native;
    this.#address = address;
    this.#destroy = destroy;
    this.#origin = origin;
    origin.parent?.retain();
    origin.census.add(this);
  }

  /** Nothing once it is closed. */
  get address(): number | undefined {
    return this.#isClosed ? undefined : this.#address;
  }

  retain(): this {
    this.#users += 1;
    return this;
  }

  /** The last one closes it. */
  release(): void {
    this.#users -= 1;
    if (this.#users === 0) this.close();
  }

  /** Whoever still uses it. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#native.destroy(this.#destroy, this.#address);
    this.#origin.census.remove(this);
    this.#origin.parent?.release();
  }
}
