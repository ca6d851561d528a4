// Error rates of scores. Terms and formulas: ISO/IEC 19795-1:2021, Biometric performance testing
// and reporting, part 1; P. Grother, M. Ngan, K. Hanaoka, Face Recognition Technology Evaluation
// (FRTE) part 2: identification, NIST IR 8271. A score s is a match if s >= T, everywhere.

/** Share of the total weight with a score of at least T, for any T; NaN when there is no score. */
export type Tail = (threshold: number) => number;

/**
 * Sorts once and answers each threshold by bisections, one for each weight. FMR and FPIR are tails
 * of scores of different animals, 1 - tail is FNMR and FNIR of scores of the same animal (ISO/IEC
 * 19795-1).
 * @param scores may be -Infinity
 * @param weights default to 1
 * @example
 * makeTail([0.2, 0.5, 0.5])(0.5) // => 0.6667
 * makeTail([0.2, 0.5], [3, 1])(0.5) // => 0.25
 */
export function makeTail(scores: ArrayLike<number>, weights?: ArrayLike<number>): Tail {
  if (scores.length === 0) return () => Number.NaN;
  const groups = [...groupByWeight(scores, weights)].map(([weight, group]) => ({ weight, sorted: group.sort() }));
  const weigh = (counted: (sorted: Float64Array) => number): number => {
    let sum = 0;
    for (const { weight, sorted } of groups) sum += weight * counted(sorted);
    return sum;
  };
  const total = weigh((sorted) => sorted.length);
  return (threshold) => weigh((sorted) => sorted.length - firstAtLeast(sorted, threshold)) / total;
}

/** Scores of each weight, of which there are few: numbers alone are sorted many times faster. */
function groupByWeight(scores: ArrayLike<number>, weights?: ArrayLike<number>): Map<number, Float64Array> {
  if (weights === undefined) return new Map([[1, Float64Array.from(scores)]]);
  const sizes = new Map<number, number>();
  for (let i = 0; i < scores.length; i++) sizes.set(weights[i]!, (sizes.get(weights[i]!) ?? 0) + 1);
  const groups = new Map<number, Float64Array>();
  for (const [weight, size] of sizes) groups.set(weight, new Float64Array(size));
  for (let i = 0; i < scores.length; i++) {
    const left = sizes.get(weights[i]!)! - 1;
    sizes.set(weights[i]!, left);
    groups.get(weights[i]!)![left] = scores[i]!;
  }
  return groups;
}

/**
 * Index of the first value of an ascending list that is at least `threshold`; its length when there
 * is none (bisection).
 * @example
 * firstAtLeast([1, 2, 2, 3], 2) // => 1
 * firstAtLeast([1, 2], 5) // => 2
 */
export function firstAtLeast(sorted: ArrayLike<number>, threshold: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < threshold) low = middle + 1;
    else high = middle;
  }
  return low;
}

export interface Spread {
  count: number;
  mean: number | null;
  /** Standard deviation with n - 1; null below two scores. */
  sd: number | null;
  min: number | null;
  median: number | null;
  max: number | null;
}

/**
 * Count, mean, standard deviation with n - 1 (Bessel's correction), least, median and greatest.
 * @example
 * summarize([1, 2, 4]).sd // => 1.5275
 * summarize([1, 2, 4, 9]).median // => 3
 */
export function summarize(scores: ArrayLike<number>): Spread {
  const sorted = Float64Array.from(scores).sort();
  const n = sorted.length;
  if (n === 0) return { count: 0, mean: null, sd: null, min: null, median: null, max: null };
  const mean = sorted.reduce((a, b) => a + b, 0) / n;
  const squares = sorted.reduce((a, b) => a + (b - mean) ** 2, 0);
  const median = (sorted[(n - 1) >> 1]! + sorted[n >> 1]!) / 2;
  return {
    count: n,
    mean,
    sd: n > 1 ? Math.sqrt(squares / (n - 1)) : null,
    min: sorted[0]!,
    median,
    max: sorted[n - 1]!,
  };
}

export interface Separation {
  mated: Spread;
  nonMated: Spread;
  /**
   * Where FMR = FNMR, linear between neighboring observed thresholds, the last of which is
   * +Infinity. null without both kinds of scores.
   */
  eer: number | null;
  /** P(mated > non-mated) + P(equal) / 2. */
  auc: number | null;
  /**
   * abs(mean difference) / sqrt((var_mated + var_nonmated) / 2), variances with n - 1. null without
   * spread.
   */
  dPrime: number | null;
}

/**
 * How well scores of the same animal and of different animals separate; unweighted. EER: ISO/IEC
 * 19795-1. AUC: J. A. Hanley, B. J. McNeil, Radiology 143 (1982). d': D. M. Green, J. A. Swets,
 * Signal detection theory and psychophysics (1966).
 * @example
 * measureSeparation([0.9, 0.8, 0.7, 0.6, 0.4], [0.5, 0.45, 0.3, 0.2, 0.1]).eer // => 0.2
 * measureSeparation([0.9, 0.8, 0.7, 0.6, 0.4], [0.5, 0.45, 0.3, 0.2, 0.1]).auc // => 0.92
 * measureSeparation([0.9, 0.8, 0.7, 0.6, 0.4], [0.5, 0.45, 0.3, 0.2, 0.1]).dPrime // => 2.0524
 */
export function measureSeparation(mated: ArrayLike<number>, nonMated: ArrayLike<number>): Separation {
  const [g, i] = [summarize(mated), summarize(nonMated)];
  if (g.count === 0 || i.count === 0) return { mated: g, nonMated: i, eer: null, auc: null, dPrime: null };
  const pooled = g.sd === null || i.sd === null ? 0 : Math.sqrt((g.sd ** 2 + i.sd ** 2) / 2);
  const dPrime = pooled > 0 ? Math.abs(g.mean! - i.mean!) / pooled : null;
  const [genuine, impostor] = [Float64Array.from(mated).sort(), Float64Array.from(nonMated).sort()];
  return { mated: g, nonMated: i, eer: equalErrorRate(genuine, impostor), auc: areaUnder(genuine, impostor), dPrime };
}

/** Distinct values of two ascending lists and +Infinity. */
function observed(a: Float64Array, b: Float64Array): number[] {
  const all = new Float64Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  const distinct: number[] = [];
  for (const value of all.sort()) if (value !== distinct.at(-1)) distinct.push(value);
  distinct.push(Number.POSITIVE_INFINITY);
  return distinct;
}

/**
 * Both lists ascending. At the lowest threshold FMR is 1 and FNMR 0, at +Infinity the reverse: they
 * meet once.
 */
function equalErrorRate(genuine: Float64Array, impostor: Float64Array): number {
  let before = { fmr: 1, off: 1 };
  for (const t of observed(genuine, impostor)) {
    const fmr = (impostor.length - firstAtLeast(impostor, t)) / impostor.length;
    const fnmr = firstAtLeast(genuine, t) / genuine.length;
    const off = fmr - fnmr;
    if (off <= 0) return before.fmr + (before.off / (before.off - off)) * (fmr - before.fmr);
    before = { fmr, off };
  }
  return before.fmr;
}

function areaUnder(genuine: Float64Array, impostor: Float64Array): number {
  let sum = 0;
  for (const s of genuine) {
    const below = firstAtLeast(impostor, s);
    let equal = below;
    while (equal < impostor.length && impostor[equal] === s) equal++;
    sum += below + (equal - below) / 2;
  }
  return sum / (genuine.length * impostor.length);
}

/**
 * FPIR if the comparisons of a search were independent: 1 - (1 - FMR)^N with N gated profiles per
 * search (NIST IR 8271).
 * @example
 * estimateFpir(0.05, 20) // => 0.6415
 */
export const estimateFpir = (fmr: number, profiles: number): number => 1 - (1 - fmr) ** profiles;

/**
 * FDP = (p0 FPIR + (1 - p0) MIS) / A: the share of wrong assignments among all, at most 1 (the
 * false discovery proportion of Y. Benjamini and Y. Hochberg, J. R. Stat. Soc. B 57, 1995, at one
 * threshold). null where a part is unknown or nothing is assigned.
 * @param p0 share of searches of strangers
 * @param assigned A, the share of events that are assigned
 * @example
 * falseDiscovery(0.4, 0.05, 0.02, 0.3) // => 0.1067
 */
export function falseDiscovery(
  p0: number | null,
  fpir: number | null,
  mis: number | null,
  assigned: number | null,
): number | null {
  if (p0 === null || (fpir === null && p0 > 0) || (mis === null && p0 < 1) || !assigned) return null;
  return Math.min(1, (p0 * (fpir ?? 0) + (1 - p0) * (mis ?? 0)) / assigned);
}
