// The thresholds that are tried: a grid over the range of the scores, fine enough for networks
// whose scores lie close together.

/** The spread of the scores is divided into at least so many steps. */
const STEPS = 200;
/** No step is larger, and none smaller than what scores are exact to. */
const [LARGEST, SMALLEST] = [0.01, 1e-6];

/** A step is `digit / scale`, with a scale that is a power of ten: so every threshold is exact. */
function chooseStep(spread: number): { digit: number; scale: number } {
  const most = Math.min(LARGEST, Math.max(SMALLEST, spread / STEPS));
  for (let scale = 100; ; scale *= 10) {
    // A billionth keeps a spread of exactly 200 steps at that step.
    const digit = [5, 2, 1].find((candidate) => candidate / scale <= most * (1 + 1e-9));
    if (digit !== undefined) return { digit, scale };
  }
}

/**
 * Ascending thresholds from the lowest to one step beyond the highest finite score, inside [-1, 1].
 * The step is the spread of the scores / 200 rounded down to 1, 2 or 5 times a power of ten, at
 * most 0.01.
 * @example
 * makeGrid([0.1, 0.11]) // => [0.1, 0.10005, ...], 0.00005 apart
 * makeGrid([]) // => []
 */
export function makeGrid(scores: readonly number[]): number[] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const score of scores) {
    if (!Number.isFinite(score)) continue;
    low = Math.min(low, score);
    high = Math.max(high, score);
  }
  if (low > high) return [];
  const { digit, scale } = chooseStep(high - low);
  const perUnit = scale / digit;
  const [from, to] = [Math.max(-perUnit, Math.floor(low * perUnit)), Math.min(perUnit, Math.floor(high * perUnit) + 1)];
  return Array.from({ length: to - from + 1 }, (_, i) => ((from + i) * digit) / scale);
}
