/** Moves values without pointers between two memories by their bytes, in words as wide as their alignment allows. */
import type { Layout } from "../../shared/canonical-abi/layout.ts";
import type { Views } from "./views.ts";

export type Copy = (from: Views, fromAt: number, to: Views, toAt: number) => void;

export function compileCopy(layout: Layout): Copy {
  const { size, align } = layout;
  if (align === 1) return copyBytes(size);
  return align === 2 ? copyHalves(size / 2) : copyWords(size / 4);
}

function copyBytes(count: number): Copy {
  if (count === 1) {
    return (from, fromAt, to, toAt) => {
      to.u8[toAt] = from.u8[fromAt] ?? 0;
    };
  }
  return (from, fromAt, to, toAt) => {
    for (let index = 0; index < count; index += 1) to.u8[toAt + index] = from.u8[fromAt + index] ?? 0;
  };
}

function copyHalves(count: number): Copy {
  return (from, fromAt, to, toAt) => {
    const source = fromAt >>> 1;
    const target = toAt >>> 1;
    for (let index = 0; index < count; index += 1) to.u16[target + index] = from.u16[source + index] ?? 0;
  };
}

function copyWords(count: number): Copy {
  return (from, fromAt, to, toAt) => {
    const source = fromAt >>> 2;
    const target = toAt >>> 2;
    for (let index = 0; index < count; index += 1) to.i32[target + index] = from.i32[source + index] ?? 0;
  };
}
