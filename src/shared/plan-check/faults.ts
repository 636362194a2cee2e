/** What is wrong between a plan and its core modules. */
export interface PlanFault {
  /** The outermost place first, then what was expected and found. */
  readonly message: string;
  /** Byte of the component, where one is known. */
  readonly offset?: number;
}

/** A component with more faults than this is told the first ones. */
const MAX_FAULTS = 20;

/** Collects faults. What many instances share is told once. */
export class Faults {
  readonly #faults = new Map<string, PlanFault>();

  add(message: string, offset: number | undefined): void {
    if (this.isFull || this.#faults.has(message)) return;
    this.#faults.set(message, offset === undefined ? { message } : { message, offset });
  }

  get isFull(): boolean {
    return this.#faults.size >= MAX_FAULTS;
  }

  list(): readonly PlanFault[] {
    return [...this.#faults.values()];
  }
}
