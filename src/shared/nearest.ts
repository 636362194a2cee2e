/**
 * "Did you mean": the one helper behind every hint, so that TOML keys, flags, WIT names and symbols are
 * compared by the same rule.
 */

/** Longer words are nobody's typing mistake, and the distance costs their product. */
const MAX_WORD_LENGTH = 256;

/**
 * The candidate closest to `word`, if it is close enough to be what was meant: at most a third of the
 * longer word edited, or the same but for case and `-`/`_`. Of equals, the first.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > MAX_WORD_LENGTH) return undefined;
  const plain = simplify(word);
  let best: string | undefined;
  let bestDistance = Infinity;
  for (const candidate of candidates) {
    if (candidate.length > MAX_WORD_LENGTH || candidate === word) continue;
    const other = simplify(candidate);
    const allowed = Math.max(1, Math.floor(Math.max(plain.length, other.length) / 3));
    if (Math.abs(plain.length - other.length) > allowed) continue;
    const distance = editDistance(plain, other);
    if (distance > allowed || distance >= bestDistance) continue;
    // One edit turns any single letter into any other: such a hint would be noise.
    if (distance > 0 && Math.min(plain.length, other.length) < 2) continue;
    best = candidate;
    bestDistance = distance;
  }
  return best;
}

function simplify(word: string): string {
  return word.toLowerCase().replaceAll("_", "-");
}

/** Optimal string alignment distance: insert, delete, replace, and swap two neighbours, each for 1. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let cost = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
      );
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) cost = Math.min(cost, (beforeLast[column - 2] ?? 0) + 1);
      current.push(cost);
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length] ?? 0;
}
