/**
 * How much each memory or table of an instantiation may grow to, so that all together stay within a limit whatever the
 * guest does: what is left above their first sizes is shared out, equally among those that can take it.
 */

/** A memory or a table that modules define; sizes in one unit. */
export interface Growable {
  /** How many of it an instantiation makes. */
  readonly count: number;
  readonly min: number;
  /** Absent: what the format allows. */
  readonly max: number;
}

/** Gives the maximum of each; nothing where their first sizes alone are more than `limit`. */
export function shareLimit(items: readonly Growable[], limit: number): readonly number[] | undefined {
  const first = items.reduce((sum, { count, min }) => sum + count * min, 0);
  if (first > limit) return undefined;
  const maxima = items.map(({ max }) => max);
  let rest = limit - first;
  let open = items.map((item, index) => ({ ...item, index })).filter(({ count }) => count > 0);
  for (;;) {
    const takers = open.reduce((sum, { count }) => sum + count, 0);
    const share = Math.floor(rest / Math.max(takers, 1));
    const content = open.filter(({ min, max }) => max - min <= share);
    if (content.length === 0) {
      for (const { index, min } of open) maxima[index] = min + share;
      return maxima;
    }
    // They take what they can, the others share what is left.
    for (const { count, min, max } of content) rest -= count * (max - min);
    open = open.filter((item) => !content.includes(item));
  }
}
