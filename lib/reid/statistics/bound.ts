// How sure one can be of an error rate when searches of one animal are not independent: the
// one-sided 95 % Korn-Graubard bound.
import { betaQuantile, tQuantile } from '../../distributions.ts';

/**
 * Searches with scores: an error at T is a score of at least T. `cluster` numbers the animals
 * 0..m-1; `weight` is 1 / inclusion probability. A search without a candidate has score -Infinity.
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
 * The least design effect is 1 + FLOOR (nbar - 1). Found by simulation: without it, reviewing few
 * animals in depth let the true rate exceed 5 % in 7-19 % of herds, because one error in one animal
 * makes clusters look independent; with it and 30 animals or more in at most 4.2 %.
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

/** Searches sorted into clusters once, so that each threshold costs one pass. */
interface Prepared extends Omit<Tally, 'errors' | 'p' | 'raw'> {
  scores: Float64Array;
  cluster: Int32Array;
  weight: Float64Array;
  /** Sum of weights by cluster. */
  all: Float64Array;
}

function prepare({ scores, cluster, weight }: ClusteredScores): Prepared {
  const n = scores.length;
  const numbers = Int32Array.from(cluster);
  let highest = -1;
  for (const c of numbers) if (c > highest) highest = c;
  const all = new Float64Array(highest + 1);
  const size = new Int32Array(highest + 1);
  for (let i = 0; i < n; i++) {
    all[numbers[i]!]! += weight[i]!;
    size[numbers[i]!]! += 1;
  }
  let [m, weights, squares] = [0, 0, 0];
  for (let c = 0; c <= highest; c++) {
    m += size[c]! > 0 ? 1 : 0;
    weights += all[c]!;
    squares += size[c]! * size[c]!;
  }
  return {
    scores: Float64Array.from(scores),
    cluster: numbers,
    weight: Float64Array.from(weight),
    all,
    n,
    m,
    weights,
    nbar: squares / n,
  };
}

function tally({ scores, cluster, weight, all, n, m, weights, nbar }: Prepared, threshold: number): Tally {
  const wrong = new Float64Array(all.length);
  let [errors, sum] = [0, 0];
  for (let i = 0; i < n; i++) {
    if (scores[i]! < threshold) continue;
    wrong[cluster[i]!]! += weight[i]!;
    sum += weight[i]!;
    errors += 1;
  }
  const p = errors === 0 ? 0 : errors === n ? 1 : sum / weights;
  let between = 0;
  for (let c = 0; c < all.length; c++) between += (wrong[c]! - p * all[c]!) ** 2;
  const v = (m / (m - 1)) * (between / (weights * weights));
  return { n, m, errors, weights, p, nbar, raw: p > 0 && p < 1 && m > 1 ? v / ((p * (1 - p)) / n) : undefined };
}

/** (t_{n-1} / t_{m-1})^2: the price of few animals. */
const fewClusterFactor = ({ n, m }: { n: number; m: number }): number =>
  m < 2 ? 1 : (tQuantile(LEVEL, n - 1) / tQuantile(LEVEL, m - 1)) ** 2;

function finish(of: Tally, floor: number, borrowed: number | undefined, few: number): Bound {
  const { n, m, errors, p, nbar, raw } = of;
  if (n === 0) return { n, m, errors, p: null, deff: null, nEff: 0, upper: 1 };
  if (p === 1 || m < 2) return { n, m, errors, p, deff: null, nEff: m, upper: 1 };
  const found = p === 0 ? borrowed : raw;
  if (found === undefined)
    return { n, m, errors, p, deff: null, nEff: m, upper: betaQuantile(LEVEL, p * m + 1, m - p * m) };
  const deff = Math.max(1 + floor * (nbar - 1), found);
  const nEff = Math.min(n, (n / deff) * few);
  return { n, m, errors, p, deff, nEff, upper: betaQuantile(LEVEL, p * nEff + 1, nEff - p * nEff) };
}

/**
 * The bound at one threshold (Korn and Graubard 1998, with individuals as clusters; no Kish
 * factor).
 * @param borrowed the design effect to use when no search is in error; without it the number of
 *   animals is the effective size.
 */
export function computeBound(
  searches: ClusteredScores,
  threshold: number,
  { floor = FLOOR, borrowed }: { floor?: number; borrowed?: number } = {},
): Bound {
  const prepared = prepare(searches);
  return finish(tally(prepared, threshold), floor, borrowed, fewClusterFactor(prepared));
}

/**
 * Bounds at many thresholds. Where no search is in error the design effect of the nearest threshold
 * of `grid` (ascending) with 0 < p < 1 is borrowed (tie: the lower), so that a bound never depends
 * on which other thresholds were asked for.
 */
export function computeBounds(
  searches: ClusteredScores,
  thresholds: readonly number[],
  grid: readonly number[],
  floor = FLOOR,
): Bound[] {
  const prepared = prepare(searches);
  const few = fewClusterFactor(prepared);
  const lenders = grid.flatMap((at) => {
    const { raw } = tally(prepared, at);
    return raw === undefined ? [] : [{ at, raw }];
  });
  return thresholds.map((threshold) => {
    const of = tally(prepared, threshold);
    if (of.errors > 0) return finish(of, floor, undefined, few);
    let nearest: { at: number; raw: number } | undefined;
    for (const lender of lenders) {
      // Differences of hundredths are compared as such: 0.30 - 0.29 and 0.31 - 0.30 differ in
      // binary.
      if (nearest === undefined || Math.abs(lender.at - threshold) < Math.abs(nearest.at - threshold) - 1e-9)
        nearest = lender;
    }
    return finish(of, floor, nearest?.raw, few);
  });
}

/**
 * The least effective number of error-free searches whose bound lies below `rate`: 1 - 0.05^(1/n) <
 * rate. 59 for 5 %.
 */
export const searchesNeeded = (rate: number): number => Math.floor(Math.log(1 - LEVEL) / Math.log1p(-rate)) + 1;
