/**
 * The state of a call in flight on behalf of one instance: its memory and allocator, the arena, and what is
 * to be released when the call ends. One per bound import; a call cannot be re-entered (`may_leave`).
 */
import { HostbundleError } from "../../shared/errors.ts";
import type { HandleType } from "../../shared/wit/types.ts";
import type { NativeLibrary } from "../native/types.ts";
import type { Arena } from "./arena.ts";
import type { Batch } from "./batch.ts";
import { GuestMemory } from "./guest-memory.ts";
import type { NativeHandles } from "./handles.ts";
import { type StringCodec, stringCodec } from "./strings.ts";
import type { Store } from "./store.ts";
import type { CanonOptions, InstanceState } from "./types.ts";
import { createViews, type Views } from "./views.ts";
import { Violation } from "./violation.ts";

/** What all functions of one library on one thread share. */
export interface Workspace {
  readonly library: NativeLibrary;
  readonly arena: Arena;
  readonly batch: Batch;
  /** The call that is converting values: arena, batch and frames are its own. */
  current: Call | undefined;
}

/** Strings and lists that one call may pass, in bytes: bounds the time that lists naming the same memory again and again can cost. */
const MAX_LIFTED_BYTES = 1024 ** 3;

/** A step of a call, for messages: which parameter, or the result. */
export interface StepPlace {
  readonly where: string;
  readonly isResult: boolean;
}

const NO_MEMORY = createViews(new ArrayBuffer(0), 0);

export class Call {
  readonly instance: InstanceState;
  readonly arena: Arena;
  readonly strings: StringCodec;
  /** Absent where the function deals in none. */
  readonly handles: NativeHandles | undefined;
  /** The guest's memory. Fetch it again after anything that may have called `allocate`. */
  guest: Views = NO_MEMORY;
  /** Length (with the encoding's tag) of the string stored last: the second half of what `strings.store` gives. */
  storedLength = 0;
  /** Bytes of strings and lists of the current call. */
  bytesIn = 0;
  bytesOut = 0;
  readonly #label: string;
  readonly #workspace: Workspace;
  readonly #memory: GuestMemory | undefined;
  readonly #realloc: CanonOptions["realloc"];
  /** Arguments are heap copies that the callee frees (`exports_` convention). */
  readonly #ownsArguments: boolean;
  /** Copies made for the callee, which are still ours until the call begins. */
  readonly #owned: number[] = [];
  /** Only while looking for a text that is bad: how many come before it, else -1. */
  #textsToPass = -1;
  #fault: Violation | undefined;

  constructor(spec: {
    readonly label: string;
    readonly workspace: Workspace;
    readonly options: CanonOptions;
    readonly instance: InstanceState;
    readonly ownsArguments: boolean;
    readonly handles: NativeHandles | undefined;
  }) {
    this.#label = spec.label;
    this.#workspace = spec.workspace;
    this.instance = spec.instance;
    this.arena = spec.workspace.arena;
    this.strings = stringCodec(spec.options.stringEncoding);
    const { memory, realloc } = spec.options;
    this.#memory =
      memory === undefined ? undefined : GuestMemory.of(memory, spec.workspace.library.memory.addressOf);
    this.#realloc = realloc;
    this.#ownsArguments = spec.ownsArguments;
    this.handles = spec.handles;
  }

  /** The guest called while it must not: from inside `realloc`, during the lowering of a result. */
  refuse(): never {
    if (this.instance.failure !== undefined) throw this.instance.failure;
    this.instance.failure = new HostbundleError(
      "TRAP",
      `${this.#label}: the guest called an import from inside its own realloc`,
      {
        function: this.#label,
        bundle: this.#workspace.library.bundle,
      },
    );
    throw this.instance.failure;
  }

  /** Begins a call that touches memory. */
  enter(): Views {
    if (this.#workspace.current !== undefined) this.refuse();
    this.#workspace.current = this;
    this.bytesIn = 0;
    this.bytesOut = 0;
    if (this.#memory !== undefined) this.guest = this.#memory.current();
    return this.guest;
  }

  /**
   * Ends it, however it went: everything of the library's result that was found is released. A guest that has used
   * up the stack can make any function call in here throw: then the next binding calls it again, so what is
   * released is forgotten first.
   */
  leave(): void {
    if (this.#owned.length > 0) this.#disown();
    if (!this.#workspace.batch.isEmpty) this.#workspace.batch.release();
    this.arena.reset();
    this.#fault = undefined;
    this.#workspace.current = undefined;
  }

  /** An address the callee may have: the same, or of a copy where it owns its arguments. `bytes` may be 0. */
  lend(address: number, bytes: number): number {
    this.bytesIn += bytes;
    if (this.bytesIn > MAX_LIFTED_BYTES)
      throw new Violation("the strings and lists of one call exceed 1 GiB");
    return this.#ownsArguments && bytes > 0 ? this.#copyForCallee(address, bytes) : address;
  }

  /** Whether so many bytes of several strings may be lent as they lie: then the caller counts them in `bytesIn`. */
  lendsInPlace(bytes: number): boolean {
    return !this.#ownsArguments && this.bytesIn + bytes <= MAX_LIFTED_BYTES;
  }

  /** The call begins: what was copied for the callee is now the callee's. */
  handOver(): void {
    this.#owned.length = 0;
  }

  /** Notes a native allocation of the result, whose address lies at `at`, to be released when the call ends. */
  adopt(native: Views, at: number): void {
    this.#workspace.batch.adopt(native, at);
  }

  /**
   * Notes a copy from native memory, by the address that lies at `at`, to `pointer` in the guest's; text is checked
   * there. It is made by `settle`, when nothing is allocated any more.
   */
  copyLater(pointer: number, bytes: number, native: Views, at: number, isText: boolean): void {
    if (this.#textsToPass >= 0) {
      if (!isText) return;
      if (this.#textsToPass === 0) throw new Violation("the string is not well-formed UTF-8");
      this.#textsToPass -= 1;
    } else if (bytes > 0) {
      this.#workspace.batch.copy(pointer, bytes, native, at, isText, this.guest);
    }
  }

  /**
   * Makes the copies that were put off and releases the result. Where a text is bad, `store` goes over the same
   * result again without a guest, up to that text: its violation knows where it is.
   */
  settle(store: Store, native: Views, from: number): void {
    const bad = this.#workspace.batch.settle(this.guest);
    if (bad < 0) return;
    this.#textsToPass = bad;
    this.guest = NO_MEMORY;
    try {
      store(native, from, 0, this);
    } finally {
      this.#textsToPass = -1;
    }
  }

  /** Notes what is wrong with a result; only the first is kept. True where this was the first. */
  note(message: string): boolean {
    if (this.#fault !== undefined) return false;
    this.#fault = new Violation(message);
    return true;
  }

  /** Adds an outer segment to the path of what was just noted; gives true, for the caller to pass on. */
  locate(segment: string): true {
    if (this.#fault !== undefined) this.#fault.path = segment + this.#fault.path;
    return true;
  }

  /** Throws what was noted about the result, once all of it has been seen. */
  checkResult(): void {
    if (this.#fault !== undefined) throw this.#fault;
  }

  /** Copies native bytes into the arena, where JavaScript can read them; -1 where they are too many. */
  fetch(address: number, bytes: number): number {
    let at: number;
    try {
      at = this.arena.reserve(bytes);
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      return -1;
    }
    this.#workspace.library.memory.memcpy(this.arena.views.base + at, address, bytes);
    return at;
  }

  copy(to: number, from: number, bytes: number): void {
    if (this.#textsToPass >= 0) return;
    this.#workspace.library.memory.memcpy(to, from, bytes);
  }

  /** The guest's `realloc` for fresh memory, checked (`cx.allocate`, and the traps after it). Updates `guest`. */
  allocate(align: number, bytes: number): number {
    if (this.#textsToPass >= 0) return 0;
    if (this.#realloc === undefined || this.#memory === undefined) throw this.#missing("realloc");
    this.instance.mayLeave = false;
    const pointer = this.#realloc(0, 0, align, bytes) >>> 0;
    // A call out of `realloc` is a trap also where the guest has caught what it threw.
    if (this.instance.failure !== undefined) throw this.instance.failure;
    this.instance.mayLeave = true;
    if (this.guest.u8.length === 0) this.guest = this.#memory.current();
    if ((pointer & (align - 1)) !== 0) {
      throw guestViolation(`realloc gave 0x${pointer.toString(16)}, which is not ${align}-aligned`);
    }
    if (pointer + bytes > this.guest.u8.length) {
      throw guestViolation(
        `realloc gave ${bytes} bytes at 0x${pointer.toString(16)}, beyond the memory's ${this.guest.u8.length}`,
      );
    }
    return pointer;
  }

  /** `lift_own`, `lift_borrow`: the rep behind a guest's handle. */
  liftHandle(type: HandleType, index: number): number {
    return this.#handles().lift(type, index);
  }

  /** `lower_own`: a handle for a rep of the library's. */
  giveHandle(type: HandleType, rep: number): number {
    return this.#handles().lower(type, rep);
  }

  /** The error for what went wrong at a step: the guest's fault for its arguments, the library's for its result. */
  explain(error: unknown, places: readonly StepPlace[], step: number): unknown {
    const explained = error instanceof Violation ? this.#name(error, places, step) : error;
    this.instance.mayLeave = false;
    this.instance.failure ??= explained;
    return explained;
  }

  #name(error: Violation, places: readonly StepPlace[], step: number): HostbundleError {
    const place = places[step];
    const text = `${this.#label}: ${place?.where ?? ""}${error.path}: ${error.message}`;
    const { bundle } = this.#workspace.library;
    const context = { function: this.#label, bundle };
    if (place?.isResult !== true || error.isGuestFault) return new HostbundleError("TRAP", text, context);
    return new HostbundleError("HOST_FAULT", `host bundle "${bundle}" returned a bad value: ${text}`, {
      ...context,
      help: "the library breaks the native ABI; see docs/native-abi.md",
    });
  }

  #missing(what: string): HostbundleError {
    return new HostbundleError("INTERNAL", `${this.#label}: bound without the guest's ${what}`);
  }

  #handles(): NativeHandles {
    if (this.handles === undefined) throw this.#missing("handles");
    return this.handles;
  }

  #copyForCallee(address: number, bytes: number): number {
    const { malloc, memcpy } = this.#workspace.library.memory;
    const copy = malloc(bytes);
    if (copy === 0) {
      throw new HostbundleError(
        "HOST_FAULT",
        `${this.#label}: out of native memory for a copy of ${bytes} bytes`,
        {
          function: this.#label,
          bundle: this.#workspace.library.bundle,
        },
      );
    }
    this.#owned.push(copy);
    memcpy(copy, address, bytes);
    return copy;
  }

  #disown(): void {
    const { free } = this.#workspace.library.memory;
    for (let address = this.#owned.pop(); address !== undefined; address = this.#owned.pop()) free(address);
  }
}

function guestViolation(message: string): Violation {
  const violation = new Violation(message);
  violation.isGuestFault = true;
  return violation;
}
