// How sure one can be of an error rate when searches of one animal are not independent: the one-sided 95 % Korn-Graubard bound.
import { betaQuantile, tQuantile } from './beta.ts';

/**
 * Searches with scores: an error at T is a score of at least T. `cluster` numbers the animals 0..m-1; `weight` is 1 / inclusion probability.
 * A search without a candidate has score -Infinity.
 */
export interface ClusteredScores {
  scores: ArrayLike<number>;
  cluster: ArrayLike<number>;
  weight: ArrayLike<number>;
}

export interface Bound {
  /** Searches and animals (clusters). */
  n: number;
  m: number;
  /** Searches in error, unweighted. */
  errors: number;
  /** Weighted share of errors; null without searches. */
  p: number | null;
  /** Design effect used; null where none could be found or borrowed. */
  deff: number | null;
  /** Effective number of independent searches. */
  nEff: number;
  /** Upper end of the interval; 1 where nothing can be said. */
  upper: number;
}

const LEVEL = 0.95;
/**
 * The least design effect is 1 + FLOOR (nbar - 1). Found by simulation: without it, reviewing few animals in depth let the true rate exceed 5 % in
 * 7-19 % of herds, because one error in one animal makes clusters look independent; with it and 30 animals or more in at most 4.2 %.
 */
export const FLOOR = 0.1;

interface Tally {
  n: number;
  m: number;
  errors: number;
  weights: number;
  p: number;
  nbar: number;
  /** v / (p (1 - p) / n); undefined at p = 0, p = 1 or with one cluster. */
  raw: number | undefined;
}

function tally({ scores, cluster, weight }: ClusteredScores, threshold: number): Tally {
  const n = scores.length;
  const size: number[] = [];
  const all: number[] = [];
  const wrong: number[] = [];
  let errors = 0;
  for (let i = 0; i < n; i++) {
    const c = cluster[i]!;
    const w = weight[i]!;
    size[c] = (size[c] ?? 0) + 1;
    all[c] = (all[c] ?? 0) + w;
    wrong[c] ??= 0;
    if (scores[i]! < threshold) continue;
    wrong[c] += w;
    errors += 1;
  }
  const clusters = Object.keys(size).map(Number);
  const m = clusters.length;
  let [weights, sum, squares] = [0, 0, 0];
  for (const c of clusters) {
    weights += all[c]!;
    sum += wrong[c]!;
    squares += size[c]! ** 2;
  }
  const p = errors === 0 ? 0 : errors === n ? 1 : sum / weights;
  let between = 0;
  for (const c of clusters) between += (wrong[c]! - p * all[c]!) ** 2;
  const v = (m / (m - 1)) * (between / weights ** 2);
  return { n, m, errors, weights, p, nbar: squares / n, raw: p > 0 && p < 1 && m > 1 ? v / ((p * (1 - p)) / n) : undefined };
}

function finish(of: Tally, floor: number, borrowed: number | undefined): Bound {
  const { n, m, errors, p, nbar, raw } = of;
  if (n === 0) return { n, m, errors, p: null, deff: null, nEff: 0, upper: 1 };
  if (p === 1 || m < 2) return { n, m, errors, p, deff: null, nEff: m, upper: 1 };
  const found = p === 0 ? borrowed : raw;
  if (found === undefined) return { n, m, errors, p, deff: null, nEff: m, upper: betaQuantile(LEVEL, p * m + 1, m - p * m) };
  const deff = Math.max(1 + floor * (nbar - 1), found);
  const nEff = Math.min(n, (n / deff) * (tQuantile(LEVEL, n - 1) / tQuantile(LEVEL, m - 1)) ** 2);
  return { n, m, errors, p, deff, nEff, upper: betaQuantile(LEVEL, p * nEff + 1, nEff - p * nEff) };
}

/**
 * The bound at one threshold (Korn and Graubard 1998, with individuals as clusters; no Kish factor).
 * @param borrowed the design effect to use when no search is in error; without it the number of animals is the effective size.
 */
export function boundAt(
  searches: ClusteredScores,
  threshold: number,
  { floor = FLOOR, borrowed }: { floor?: number; borrowed?: number } = {},
): Bound {
  return finish(tally(searches, threshold), floor, borrowed);
}

/**
 * Bounds at many thresholds. Where no search is in error the design effect of the nearest threshold of `grid` (ascending) with 0 < p < 1 is borrowed
 * (tie: the lower), so that a bound never depends on which other thresholds were asked for.
 */
export function boundsAt(searches: ClusteredScores, thresholds: readonly number[], grid: readonly number[], floor = FLOOR): Bound[] {
  const lenders = grid.flatMap((at) => {
    const { raw } = tally(searches, at);
    return raw === undefined ? [] : [{ at, raw }];
  });
  return thresholds.map((threshold) => {
    const of = tally(searches, threshold);
    if (of.errors > 0) return finish(of, floor, undefined);
    let nearest: { at: number; raw: number } | undefined;
    for (const lender of lenders) {
      // Differences of hundredths are compared as such: 0.30 - 0.29 and 0.31 - 0.30 differ in binary.
      if (nearest === undefined || Math.abs(lender.at - threshold) < Math.abs(nearest.at - threshold) - 1e-9) nearest = lender;
    }
    return finish(of, floor, nearest?.raw);
  });
}

/** The least effective number of error-free searches whose bound lies below `rate`: 1 - 0.05^(1/n) < rate. 59 for 5 %. */
export const searchesNeeded = (rate: number): number => Math.floor(Math.log(1 - LEVEL) / Math.log1p(-rate)) + 1;
