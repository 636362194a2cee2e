/**
 * Which thread opens which image of a library.
 *
 * The file itself may be opened once per process: a second opening gives the same globals. So the first
 * thread to claim a library takes the file for good, every other thread opens a copy. A library that says
 * `threadsafe` is opened from the file by all of them; the first initialises it while the others wait, the
 * last to leave ends it.
 *
 * A slot is two Int32s in shared memory: a state and the number of threads that use the library.
 */
import type { LibraryHandle } from "koffi";
import { HostbundleError } from "../shared/errors.ts";
import type { LibraryPlan } from "../shared/protocol.ts";
import type { LibraryClaim } from "../shared/task.ts";
import { type ImagePlan, loadImage, openLibrary } from "./native/open.ts";
import { noteProcess } from "./native/process-state.ts";
import type { NativeLibrary } from "./native/types.ts";

const FREE = 0;
/** A thread opens or closes the library right now. */
const BUSY = 1;
/** Not threadsafe: taken for good. Threadsafe: open and initialised. */
const TAKEN = 2;

/** A failing `hostbundle_init` ends soon or never; who waits for it must not hang with it. */
const INIT_WAIT_MS = 60_000;

/** Opens a library for this thread by the rules above. Throws HOST_FAULT. */
export function openClaimed(plan: LibraryPlan, claim: LibraryClaim, slots: Int32Array): NativeLibrary {
  const library = open(plan, claim, slots);
  noteProcess();
  return library;
}

function open(plan: LibraryPlan, claim: LibraryClaim, slots: Int32Array): NativeLibrary {
  if (claim.slot === undefined) return openLibrary(plan, { copy: true });
  const state = claim.slot * 2;
  if (plan.threadsafe) return openShared(plan, slots, state);
  const first = Atomics.compareExchange(slots, state, FREE, TAKEN) === FREE;
  return openLibrary(plan, { copy: !first });
}

/**
 * Loads the library of an adapter: the adapter itself sees to what happens once per process, so a library that is
 * `threadsafe` is just opened. Throws HOST_FAULT.
 */
export function loadClaimed(
  plan: ImagePlan & Pick<LibraryPlan, "threadsafe">,
  claim: LibraryClaim,
  slots: Int32Array,
): LibraryHandle {
  const isShared =
    plan.threadsafe ||
    (claim.slot !== undefined && Atomics.compareExchange(slots, claim.slot * 2, FREE, TAKEN) === FREE);
  const handle = loadImage(plan, !isShared);
  noteProcess();
  return handle;
}

function openShared(plan: LibraryPlan, slots: Int32Array, state: number): NativeLibrary {
  const users = state + 1;
  const before = lock(slots, state, plan);
  try {
    const first = Atomics.load(slots, users) === 0;
    const library = openLibrary(
      { ...plan, hasInit: plan.hasInit && first, hasDeinit: false },
      { copy: false },
    );
    Atomics.add(slots, users, 1);
    unlock(slots, state, TAKEN);
    return { ...library, close: () => closeShared(plan, library, slots, state) };
  } catch (error) {
    unlock(slots, state, before);
    throw error;
  }
}

function closeShared(plan: LibraryPlan, library: NativeLibrary, slots: Int32Array, state: number): void {
  lock(slots, state, plan);
  const last = Atomics.sub(slots, state + 1, 1) === 1;
  try {
    if (last && plan.hasDeinit) library.func("hostbundle_deinit", "void", [])();
    library.close();
  } finally {
    unlock(slots, state, last ? FREE : TAKEN);
  }
}

function lock(slots: Int32Array, state: number, plan: LibraryPlan): number {
  const deadlineMs = Date.now() + INIT_WAIT_MS;
  for (;;) {
    const seen = Atomics.load(slots, state);
    if (seen !== BUSY && Atomics.compareExchange(slots, state, seen, BUSY) === seen) return seen;
    const leftMs = deadlineMs - Date.now();
    if (leftMs <= 0) {
      throw new HostbundleError("HOST_FAULT", "another thread has not finished initialising the library", {
        bundle: plan.bundle,
      });
    }
    if (seen === BUSY) Atomics.wait(slots, state, BUSY, leftMs);
  }
}

function unlock(slots: Int32Array, state: number, to: number): void {
  Atomics.store(slots, state, to);
  Atomics.notify(slots, state);
}
