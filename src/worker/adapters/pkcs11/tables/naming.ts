/** Numbers of the standard and the cases of our WIT that stand for them. */

/** The case for numbers without a name. */
type Rest = "other" | "vendor";

/** A variant whose cases are names, but for that one. */
type Open = { readonly tag: string } | { readonly tag: Rest; readonly val: bigint };

/** The numbers of all cases of such a variant. */
export type Numbers<V extends { readonly tag: string }> = Readonly<Record<Exclude<V["tag"], Rest>, number>>;

export interface Naming<V extends Open> {
  readonly numberOf: (value: V) => bigint;
  readonly variantOf: (number: bigint) => V;
}

export function naming<V extends Open>(numbers: Numbers<V>, rest: Rest & V["tag"]): Naming<V> {
  const byName = new Map(
    Object.entries<number>(numbers).map(([name, number]) => [name, BigInt(number)] as const),
  );
  const byNumber = new Map([...byName].map(([tag, number]) => [number, { tag }] as const));
  // The table has the names of V and no others.
  const isCase = (value: Open): value is V => value.tag === rest || byName.has(value.tag);
  return {
    numberOf: (value) => ("val" in value ? value.val : (byName.get(value.tag) ?? unknown(value.tag))),
    variantOf: (number) => {
      const value = byNumber.get(number) ?? { tag: rest, val: number };
      return isCase(value) ? value : unknown(rest);
    },
  };
}

function unknown(name: string): never {
  throw new RangeError(`the standard has no number for ${name}`);
}
