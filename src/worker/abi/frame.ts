/** The fixed native memory of one compiled function: its flat slots, the structs it passes, the blocks it gets results in. */
import { MAX_FLAT_PARAMS } from "../../shared/canonical-abi/flatten.ts";
import { alignTo } from "../../shared/canonical-abi/layout.ts";
import { HostbundleError } from "../../shared/errors.ts";
import type { Source } from "./codegen.ts";
import { createViews, type Views } from "./views.ts";

/** Bytes of one flat value in the slots at the start of a frame; one more slot than parameters, for the result's pointer. */
export const SLOT_BYTES = 8;
const SLOTS_BYTES = (MAX_FLAT_PARAMS + 1) * SLOT_BYTES;

/** Fixed-length lists lie inline; they are the only way to a large frame. */
const MAX_FRAME_BYTES = 16 * 1024 * 1024;

/** Decides at compile time what lies where. */
export class FramePlan {
  /** Addresses that the generated code names, by offset. */
  readonly names = new Map<number, Source>();
  #size = SLOTS_BYTES;

  /** In bytes, a multiple of 8. */
  get size(): number {
    return alignTo(this.#size, 8);
  }

  /** Gives the offset of a block. */
  reserve(bytes: number, align: number): number {
    const at = alignTo(this.#size, align);
    this.#size = at + bytes;
    return at;
  }
}

/** Frames never move, and live as long as the code that names their addresses. */
export function openFrame(bytes: number, addressOf: (buffer: ArrayBuffer) => number): Views {
  if (bytes > MAX_FRAME_BYTES) {
    throw new HostbundleError(
      "WIT_INVALID",
      `the parameters and results of a function take ${bytes} bytes, more than ${MAX_FRAME_BYTES}`,
      {
        help: "pass large fixed-length lists as lists",
      },
    );
  }
  const buffer = new ArrayBuffer(bytes);
  return createViews(buffer, addressOf(buffer));
}
