// How large an error rate may truly be when searches of one animal are not independent: the
// one-sided 95% Korn-Graubard bound, with animals as clusters.
//
// E. L. Korn, B. I. Graubard, Confidence intervals for proportions with small expected number of
// positive counts estimated from survey data, Survey Methodology 24 (1998) 193-201.
import { betaQuantile, tQuantile } from '../../distributions.ts';

/**
 * Searches with their best scores: an error at T is a score of at least T. `cluster` numbers the
 * animals 0 to m - 1; `weight` is 1 / inclusion probability. A search without a candidate has the
 * score -Infinity.
 */
export interface ClusteredScores {
  scores: ArrayLike<number>;
  cluster: ArrayLike<number>;
  weight: ArrayLike<number>;
  /** Number of the stratum that each was drawn in; absent where all were drawn alike. */
  stratum?: ArrayLike<number>;
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
 * animals in depth let the true rate exceed 5% in 7 to 19% of herds, because one error in one
 * animal makes clusters look independent; with it and 30 animals or more in at most 4.2%.
 */
const FLOOR = 0.1;

interface Tally {
  n: number;
  m: number;
  errors: number;
  p: number;
  nbar: number;
  /** Design effect v / (p (1 - p) / n); undefined at p = 0, p = 1 or with one cluster. */
  deff: number | undefined;
}

/** Searches sorted into clusters once, so that each threshold costs one pass. */
interface Clusters {
  n: number;
  m: number;
  weights: number;
  nbar: number;
  scores: Float64Array;
  cluster: Int32Array;
  weight: Float64Array;
  /** null: one stratum. */
  stratum: Int32Array | null;
  /** Sum of weights by cluster. */
  all: Float64Array;
}

function clusterSearches({ scores, cluster, weight, stratum }: ClusteredScores): Clusters {
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
    stratum: stratum === undefined ? null : Int32Array.from(stratum),
    all,
    n,
    m,
    weights,
    nbar: squares / n,
  };
}

/**
 * With W the sum of weights: p = sum w y / W, v = m / (m - 1) sum_c (sum_{i in c} w_i (y_i - p))^2
 * / W^2 and nbar = sum n_c^2 / n (Korn and Graubard 1998, section 3). With strata, their rates
 * take the place of p in v.
 */
function tally(clusters: Clusters, threshold: number): Tally {
  const { scores, cluster, weight, all, n, m, weights, nbar } = clusters;
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
  if (clusters.stratum === null || errors === 0)
    for (let c = 0; c < all.length; c++) between += (wrong[c]! - p * all[c]!) ** 2;
  else for (const sum of sumResiduals(clusters, clusters.stratum, threshold, p)) between += sum ** 2;
  const v = (m / (m - 1)) * (between / (weights * weights));
  return { n, m, errors, p, nbar, deff: p > 0 && p < 1 && m > 1 ? v / ((p * (1 - p)) / n) : undefined };
}

/**
 * By cluster, the sum of w (y - p_h) sqrt(n_h / (n_h - 1)) with p_h the rate of the stratum: what
 * differs between strata is known of the design and adds no variance. A stratum of one search is
 * compared with all.
 */
function sumResiduals(
  { scores, cluster, weight, all }: Clusters,
  stratum: Int32Array,
  threshold: number,
  p: number,
): Float64Array {
  const strata = new Map<number, { n: number; weights: number; wrong: number }>();
  for (const [i, h] of stratum.entries()) {
    const found = strata.get(h) ?? { n: 0, weights: 0, wrong: 0 };
    strata.set(h, found);
    found.n += 1;
    found.weights += weight[i]!;
    if (scores[i]! >= threshold) found.wrong += weight[i]!;
  }
  const sums = new Float64Array(all.length);
  for (const [i, h] of stratum.entries()) {
    const { n, weights, wrong } = strata.get(h)!;
    const [rate, factor] = n === 1 ? [p, 1] : [wrong / weights, Math.sqrt(n / (n - 1))];
    sums[cluster[i]!]! += weight[i]! * (Number(scores[i]! >= threshold) - rate) * factor;
  }
  return sums;
}

/** (t_{n-1} / t_{m-1})^2: fewer animals make the effective number of searches smaller. */
const fewClusterFactor = ({ n, m }: Clusters): number =>
  m < 2 ? 1 : (tQuantile(LEVEL, n - 1) / tQuantile(LEVEL, m - 1)) ** 2;

/**
 * n_eff = min(n, n / deff x factor), upper = BetaInv(0.95; p n_eff + 1, n_eff - p n_eff).
 * @param lent design effect to use without errors
 */
function finish(of: Tally, floor: number, lent: number | undefined, factor: number): Bound {
  const { n, m, errors, p, nbar } = of;
  if (n === 0) return { n, m, errors, p: null, deff: null, nEff: 0, upper: 1 };
  if (p === 1 || m < 2) return { n, m, errors, p, deff: null, nEff: m, upper: 1 };
  const found = p === 0 ? lent : of.deff;
  if (found === undefined)
    return { n, m, errors, p, deff: null, nEff: m, upper: betaQuantile(LEVEL, p * m + 1, m - p * m) };
  const deff = Math.max(1 + floor * (nbar - 1), found);
  const nEff = Math.min(n, (n / deff) * factor);
  return { n, m, errors, p, deff, nEff, upper: betaQuantile(LEVEL, p * nEff + 1, nEff - p * nEff) };
}

/**
 * The bound at one threshold.
 * @param floor the least design effect is 1 + floor (nbar - 1), nbar = sum n_c^2 / n
 * @param borrowed design effect to use when no search is in error; without it the number of animals
 *   is the effective number of searches
 * @example
 * computeBound(
 *   { scores: Array(59).fill(0), cluster: [...Array(59).keys()], weight: Array(59).fill(1) },
 *   0.5,
 * ).upper // => 0.0495
 */
export function computeBound(
  searches: ClusteredScores,
  threshold: number,
  { floor = FLOOR, borrowed }: { floor?: number; borrowed?: number } = {},
): Bound {
  const clusters = clusterSearches(searches);
  return finish(tally(clusters, threshold), floor, borrowed, fewClusterFactor(clusters));
}

/**
 * Bounds at many thresholds. Where no search is in error the design effect of the nearest threshold
 * of `grid` (ascending) with 0 < p < 1 is used (tie: the lower), so that a bound never depends on
 * which other thresholds were asked for.
 * @example
 * computeBounds(
 *   { scores: [0.8, 0.1, 0.7, 0.2], cluster: [0, 0, 1, 2], weight: [1, 1, 1, 1] },
 *   [0.5, 0.9],
 *   [0.4, 0.6],
 * ).map(({ errors }) => errors) // => [2, 0]
 */
export function computeBounds(
  searches: ClusteredScores,
  thresholds: readonly number[],
  grid: readonly number[],
): Bound[] {
  const clusters = clusterSearches(searches);
  const factor = fewClusterFactor(clusters);
  const lenders = grid.flatMap((at) => {
    const { deff } = tally(clusters, at);
    return deff === undefined ? [] : [{ at, deff }];
  });
  return thresholds.map((threshold) => {
    const found = tally(clusters, threshold);
    if (found.errors > 0) return finish(found, FLOOR, undefined, factor);
    let nearest: { at: number; deff: number } | undefined;
    for (const lender of lenders) {
      // Differences of hundredths are compared as such: 0.30 - 0.29 and 0.31 - 0.30 differ in
      // binary.
      if (nearest === undefined || Math.abs(lender.at - threshold) < Math.abs(nearest.at - threshold) - 1e-9)
        nearest = lender;
    }
    return finish(found, FLOOR, nearest?.deff, factor);
  });
}

/**
 * The least effective number of error-free searches whose bound is below `rate`: the smallest n
 * with 1 - 0.05^(1/n) < rate (Clopper and Pearson 1934, without errors).
 * @param rate above 0 and below 1
 * @example
 * searchesNeeded(0.05) // => 59
 */
export const searchesNeeded = (rate: number): number => Math.floor(Math.log(1 - LEVEL) / Math.log1p(-rate)) + 1;
