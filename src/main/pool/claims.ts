/**
 * Hands out the slots by which threads decide who opens a library's file itself and who opens a copy
 * (`src/worker/claims.ts`). One table per process, because the images of libraries are per process too.
 */
import { isMainThread } from "node:worker_threads";
import type { LibraryPlan } from "../../shared/protocol.ts";
import type { LibraryClaim } from "../../shared/task.ts";

/** More libraries than anyone opens; beyond it every thread opens copies. */
const MAX_SLOTS = 4096;

/** Two Int32s per slot. */
export const claimSlots = new SharedArrayBuffer(MAX_SLOTS * 8);

/** By path: the slot, and for whom it is. */
const slots = new Map<string, { readonly index: number; readonly user: string }>();

/** A library as far as it matters who opens it. */
export type ClaimedLibrary = Pick<
  LibraryPlan,
  "bundle" | "path" | "threadsafe" | "configJson" | "freeSymbol"
>;

export function claimFor(plan: ClaimedLibrary): LibraryClaim {
  // Another thread of this process may use hostbundle too, with a table of its own.
  if (!isMainThread) return {};
  // One file under two names or with two configurations must not be one image.
  const user = JSON.stringify([plan.bundle, plan.configJson, plan.threadsafe, plan.freeSymbol]);
  const known = slots.get(plan.path);
  if (known !== undefined) return known.user === user ? { slot: known.index } : {};
  if (slots.size === MAX_SLOTS) return {};
  const index = slots.size;
  slots.set(plan.path, { index, user });
  return { slot: index };
}
