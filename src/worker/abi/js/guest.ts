/**
 * One side of a call: the memory, allocator and handles of one instance, and what the call in flight needs. One per
 * bound function and side. A call can be made again while it runs (a component that calls itself): what lasts longer than
 * lifting or lowering its values is in `CallHandles`, one per call.
 */
import { HostbundleError } from "../../../shared/errors.ts";
import type { ComponentInstance } from "../../linker/component-instance.ts";
import type { BorrowScope, Handle } from "../../linker/handle-table.ts";
import { MAX_BYTE_LENGTH } from "../strings.ts";
import { Violation } from "../violation.ts";
import { createViews, type Views } from "../views.ts";
import { LinearMemory, type MemoryViews, NO_VIEWS } from "./linear-memory.ts";
import { lentStrings } from "./lent-strings.ts";
import { type StringCodec, stringCodec } from "./strings.ts";
import type { GuestOptions } from "./types.ts";

/**
 * What one call may make of strings and lists, in bytes: bounds the time and memory that lists naming the same memory
 * again and again can cost.
 */
const MAX_LIFTED_BYTES = 1024 ** 3;
/** Flat values that slots have room for: as many as there can be, of eight bytes each. */
const SLOTS_BYTES = 16 * 8;

/** The handles that one call borrows, and those that were lent to it. */
class CallHandles implements BorrowScope {
  borrows = 0;
  readonly lenders: Handle[] = [];
}

/** Of functions without borrows; nothing is ever written to it. */
const NO_CALL = new CallHandles();

export class Guest {
  readonly instance: ComponentInstance;
  readonly strings: StringCodec;
  /** The other guest of the call is the same component instance: what it allocates may change what is here. */
  readonly callsItself: boolean;
  /** The memory. Fetch it again after anything that may have called `allocate`. */
  views: MemoryViews = NO_VIEWS;
  /** Length of the string (with the encoding's tag) or list stored last: the second half of what storing gives. */
  storedLength = 0;
  /** Of the call in flight, where its parameters hold borrows. */
  call = NO_CALL;
  readonly #label: string;
  readonly #memory: LinearMemory | undefined;
  readonly #realloc: GuestOptions["realloc"];
  #lifted = 0;
  #slots: Views | undefined;

  /** `other`: of a call between guests, what is on the other side. */
  constructor(label: string, options: GuestOptions, other?: GuestOptions) {
    this.instance = options.instance;
    const lent = other === undefined ? undefined : lentStrings(options.encoding, other.encoding);
    this.strings = lent ?? stringCodec(options.encoding);
    this.callsItself = other?.instance === options.instance;
    this.#label = label;
    this.#memory = options.memory === undefined ? undefined : LinearMemory.of(options.memory);
    this.#realloc = options.realloc;
  }

  /** Begins a step of a call that touches memory: guest or host code may have run since the last. */
  begin(): void {
    if (this.#memory === undefined) throw this.#missing("memory");
    this.views = this.#memory.current();
    this.#lifted = 0;
  }

  /** Eight bytes for each flat value of a variant. */
  slots(): Views {
    return (this.#slots ??= createViews(new ArrayBuffer(SLOTS_BYTES), 0));
  }

  /** A string or list that is about to be lifted: inside the memory (`load_list_from_range`), and within the bounds of a call. */
  checkRange(what: "list" | "string", pointer: number, bytes: number, align: number): void {
    if (bytes > MAX_BYTE_LENGTH)
      throw new Violation(`a ${what} of ${bytes} bytes exceeds ${MAX_BYTE_LENGTH}`);
    this.checkBlock(what, pointer, bytes, align);
  }

  /** An aligned block inside the memory (the traps of `lift_flat_values` and `lower_flat_values`). */
  checkBlock(what: string, pointer: number, bytes: number, align: number): number {
    if ((pointer & (align - 1)) !== 0 || pointer + bytes > this.views.u8.length)
      throw misplaced(what, pointer, bytes, align, this.views.u8.length);
    return pointer;
  }

  /** Notes what lifting is about to allocate. */
  charge(bytes: number): void {
    this.#lifted += bytes;
    if (this.#lifted > MAX_LIFTED_BYTES)
      throw new Violation("the strings and lists of one call exceed 1 GiB");
  }

  /** The guest's `realloc` for fresh memory, checked (`cx.allocate`, and the traps after it). Updates `views`. */
  allocate(align: number, bytes: number): number {
    const { instance } = this;
    if (this.#realloc === undefined || this.#memory === undefined) throw this.#missing("realloc");
    instance.mayLeave = false;
    const pointer = this.#realloc(0, 0, align, bytes) >>> 0;
    // A call out of `realloc` is a trap also where the guest has caught what it threw.
    if (instance.failure !== undefined) throw instance.failure;
    instance.mayLeave = true;
    this.views = this.#memory.current();
    if ((pointer & (align - 1)) !== 0 || pointer + bytes > this.views.u8.length)
      throw badAllocation(pointer, bytes, align, this.views.u8.length);
    return pointer;
  }

  /**
   * Begins a call whose parameters hold borrows; gives what `endCall` wants. A component may call a function of its
   * own, and so this one again: each call keeps its own accounts.
   */
  beginCall(): CallHandles {
    const outer = this.call;
    this.call = new CallHandles();
    return outer;
  }

  /** Its result has been delivered (`deliver_resolve`). */
  endCall(outer: CallHandles): void {
    for (const handle of this.call.lenders) handle.lends -= 1;
    this.call = outer;
  }

  /** A handle that is lent to the call in flight (`add_lender`). */
  lend(handle: Handle): void {
    handle.lends += 1;
    this.call.lenders.push(handle);
  }

  #missing(what: string): HostbundleError {
    return new HostbundleError("INTERNAL", `${this.#label}: bound without the guest's ${what}`);
  }
}

// Apart from the checks, so that those stay short enough for the engine to inline.

function misplaced(
  what: string,
  pointer: number,
  bytes: number,
  align: number,
  memoryBytes: number,
): Violation {
  const place = `the ${what} at 0x${pointer.toString(16)}`;
  return (pointer & (align - 1)) === 0
    ? new Violation(`${place} of ${bytes} bytes exceeds the memory's ${memoryBytes}`)
    : new Violation(`${place} is not ${align}-aligned`);
}

function badAllocation(pointer: number, bytes: number, align: number, memoryBytes: number): Violation {
  const address = `0x${pointer.toString(16)}`;
  return (pointer & (align - 1)) === 0
    ? new Violation(`realloc gave ${bytes} bytes at ${address}, beyond the memory's ${memoryBytes}`)
    : new Violation(`realloc gave ${address}, which is not ${align}-aligned`);
}
