/** `flags` as bits, and as labels or an object of booleans (CanonicalABI.md, `unpack_flags_from_int`). */
import type { FlagsType } from "../../../shared/wit/types.ts";
import { objectOf } from "./checks.ts";
import { type Conversion, type Memo, memoised } from "./conversion.ts";
import { misfit } from "./misfit.ts";

interface FlagsForm {
  readonly lift: (bits: number) => unknown;
  readonly lower: (value: unknown) => number;
}

const memo: Memo<FlagsForm> = new WeakMap();

/** Not for style `wire`, where flags are their bits. */
export function compileFlags(type: FlagsType, conversion: Conversion): FlagsForm {
  return memoised(memo, type, conversion, (flags, home) =>
    home.style === "value" ? asLabels(flags.labels) : asObject(flags, home),
  );
}

function asLabels(labels: readonly string[]): FlagsForm {
  const positions = new Map<unknown, number>(labels.map((label, index) => [label, index]));
  return {
    lift: (bits) => labels.filter((_, index) => ((bits >>> index) & 1) === 1),
    lower(value) {
      if (!Array.isArray(value)) return misfit("an array of flags", value);
      let bits = 0;
      for (const label of value) bits |= 1 << (positions.get(label) ?? misfit("a label of the flags", label));
      return bits;
    },
  };
}

function asObject({ labels }: FlagsType, conversion: Conversion): FlagsForm {
  const keys = labels.map((label, index) => conversion.keyOf(label, index));
  return {
    lift: (bits) => Object.fromEntries(keys.map((key, index) => [key, ((bits >>> index) & 1) === 1])),
    lower(value) {
      const flags = objectOf(value);
      let bits = 0;
      for (const [index, key] of keys.entries()) {
        const set: unknown = Reflect.get(flags, key);
        if (set === true) bits |= 1 << index;
        else if (set !== false && set !== undefined) misfit(`a boolean for the flag ${key}`, set);
      }
      return bits;
    },
  };
}
