// Counts of scores by hundredths, and groups that the scores seem to form.
import { type Density, findValley, fitMixture, type Mixture } from '../statistics/mixture.ts';
import { type Spread, summarize } from '../statistics/rates.ts';

/** Bin i counts the scores with from + i / 100 <= s < from + (i + 1) / 100. */
export interface Histogram {
  from: number;
  width: 0.01;
  counts: number[];
  spread: Spread;
}

/** Scores of -Infinity (searches without a candidate) are not counted. */
export function makeHistogram(scores: ArrayLike<number>): Histogram {
  const finite = Float64Array.from(scores).filter(Number.isFinite);
  // Half a billionth keeps a score such as 0.29, which is 28.999999999999996 hundredths, in its own
  // bin.
  const bins = Array.from(finite, (score) => Math.floor(score * 100 + 5e-10));
  let [low, high] = [0, -1];
  for (const bin of bins) {
    if (bin < low) low = bin;
    if (bin > high) high = bin;
  }
  const counts = new Array<number>(Math.max(0, high - low + 1)).fill(0);
  for (const bin of bins) counts[bin - low]! += 1;
  return { from: low / 100, width: 0.01, counts, spread: summarize(finite) };
}

export interface NaturalGroups {
  note: 'model-based, unverified';
  mixture: Mixture | null;
  valley: number | null;
}

/** @param density of the same scores */
export const findNaturalGroups = (scores: readonly number[], density: Density | null): NaturalGroups => ({
  note: 'model-based, unverified',
  mixture: fitMixture(scores),
  valley: findValley(density),
});
