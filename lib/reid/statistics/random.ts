// Random numbers of an analysis: the same on every machine for one seed and purpose.

export interface Dice {
  /** Uniform in [0, 1). */
  next(): number;
  /** `count` different items in random order; all of them when there are fewer. */
  draw<T>(items: readonly T[], count: number): T[];
}

/**
 * splitmix32, the 32-bit form of the generator of G. L. Steele, D. Lea, C. H. Flood, Fast
 * splittable pseudorandom number generators, OOPSLA 2014, started from a seed and the name of its
 * purpose.
 * Items are drawn by the shuffle of R. A. Fisher and F. Yates (1938).
 * @example
 * dice(1, 'trial').next() // => 0.6765
 * dice(1, 'trial').draw(['a', 'b', 'c', 'd'], 2) // => ['c', 'd']
 */
export function dice(seed: number, purpose: string): Dice {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x9e3779b9) | 0;
    let t = state ^ (state >>> 16);
    t = Math.imul(t, 0x21f0aaad);
    t ^= t >>> 15;
    t = Math.imul(t, 0x735a2d97);
    return ((t ^ (t >>> 15)) >>> 0) / 4_294_967_296;
  };
  for (const letter of purpose) {
    state = Math.imul(state ^ letter.charCodeAt(0), 0x01000193);
    next();
  }
  return {
    next,
    draw: (items, count) => {
      const pool = [...items];
      const drawn = Math.min(count, pool.length);
      for (let i = 0; i < drawn; i++) {
        const j = i + Math.floor(next() * (pool.length - i));
        [pool[i], pool[j]] = [pool[j]!, pool[i]!];
      }
      return pool.slice(0, drawn);
    },
  };
}
