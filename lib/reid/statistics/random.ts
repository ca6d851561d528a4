// Seeded dice of the analysis: the same on every machine for one seed and purpose.

export interface Dice {
  /** Uniform in [0, 1). */
  next(): number;
  /** `count` different items in random order; all of them when there are fewer. */
  draw<T>(items: readonly T[], count: number): T[];
}

/**
 * splitmix32 (public-domain mixing constants) started from a seed and the name of what it is for.
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
