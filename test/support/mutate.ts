/** A small generator of pseudo-random numbers: the same seed gives the same faults on every machine. */
export function createRandom(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    // Numerical Recipes' linear congruential generator; its high bits are good enough here.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** One to three faults: another byte, a byte off by one, a cut, a copied stretch, a missing byte. */
export function mutate(bytes: Uint8Array, random: (below: number) => number): Uint8Array {
  let mutated = Uint8Array.from(bytes);
  for (let left = 1 + random(3); left > 0 && mutated.length > 0; left--) {
    const at = random(mutated.length);
    const kind = random(10);
    if (kind < 5) mutated[at] = random(256);
    else if (kind < 7) mutated[at] = (mutated[at] ?? 0) + (random(2) === 0 ? 1 : 255);
    else if (kind < 8) mutated = mutated.slice(0, at);
    else if (kind < 9) mutated.copyWithin(at, random(mutated.length), random(mutated.length));
    else mutated = Uint8Array.from([...mutated.subarray(0, at), ...mutated.subarray(at + 1)]);
  }
  return mutated;
}
