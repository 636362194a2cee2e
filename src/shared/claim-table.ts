/** Hands out the slots by which threads decide who opens a library's file itself and who opens a copy (`src/worker/claims.ts`). */
import type { LibraryPlan, LinkPlan } from "./protocol.ts";
import type { LibraryClaim, PlanClaims } from "./task.ts";

/** More libraries than anyone opens; beyond it every thread opens copies. */
const MAX_SLOTS = 4096;

/** A library as far as it matters who opens it. */
type ClaimedLibrary = Pick<LibraryPlan, "bundle" | "path" | "threadsafe" | "configJson" | "freeSymbol">;

/** One per process, because the images of libraries are per process too. */
export class ClaimTable {
  /** Two Int32s per slot. */
  readonly slots = new SharedArrayBuffer(MAX_SLOTS * 8);
  /** By path: the slot, and for whom it is. */
  readonly #known = new Map<string, { readonly index: number; readonly user: string }>();

  claimsFor({ libraries, adapters }: Pick<LinkPlan, "libraries" | "adapters">): PlanClaims {
    return {
      claims: libraries.map((plan) => this.claimFor(plan)),
      adapterClaims: adapters.map(({ library, ...plan }) =>
        library === undefined ? {} : this.claimFor({ ...plan, path: library }),
      ),
    };
  }

  claimFor(plan: ClaimedLibrary): LibraryClaim {
    // One file under two names or with two configurations must not be one image.
    const user = JSON.stringify([plan.bundle, plan.configJson, plan.threadsafe, plan.freeSymbol]);
    const known = this.#known.get(plan.path);
    if (known !== undefined) return known.user === user ? { slot: known.index } : {};
    if (this.#known.size === MAX_SLOTS) return {};
    const index = this.#known.size;
    this.#known.set(plan.path, { index, user });
    return { slot: index };
  }
}

/** Whether one thread that opens all of these opens one of their files twice. */
export function needsCopies(plan: Pick<LinkPlan, "libraries" | "adapters">): boolean {
  const { claims, adapterClaims } = new ClaimTable().claimsFor(plan);
  const opened = plan.adapters.map(({ library }) => library !== undefined);
  return (
    claims.some(({ slot }) => slot === undefined) ||
    adapterClaims.some(({ slot }, index) => slot === undefined && opened[index])
  );
}
