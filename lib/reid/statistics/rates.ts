// Error rates of scores. Terms and formulas: ISO/IEC 19795-1:2021, Biometric performance testing
// and reporting, part 1; P. Grother, M. Ngan, K. Hanaoka, Face Recognition Technology Evaluation
// (FRTE) part 2: identification, NIST IR 8271. A score s is a match if s >= T, everywhere.

/** Share of the total weight with a score of at least T, for any T; NaN when there is no score. */
export type Tail = (threshold: number) => number;

/** Scores that weigh the same each. */
export interface WeightedScores {
  weight: number;
  scores: Float64Array;
}

/**
 * FMR and FPIR are tails of scores of different animals, 1 - tail is FNMR and FNIR of scores of the
 * same animal (ISO/IEC 19795-1).
 * @param scores may be -Infinity
 * @param weights default to 1
 * @example
 * makeTail([0.2, 0.5, 0.5])(0.5) // => 0.6667
 * makeTail([0.2, 0.5], [3, 1])(0.5) // => 0.25
 */
export const makeTail = (scores: ArrayLike<number>, weights?: ArrayLike<number>): Tail =>
  makeWeightedTail(groupByWeight(scores, weights));

/**
 * The same, of scores that are apart by weight already.
 * @example
 * makeWeightedTail([{ weight: 2, scores: Float64Array.of(0.2, 0.5) }])(0.5) // => 0.5
 */
export function makeWeightedTail(groups: readonly WeightedScores[]): Tail {
  const counted = groups.map(({ weight, scores }) => ({ weight, all: scores.length, count: makeCounter(scores) }));
  const weigh = (of: (group: (typeof counted)[number]) => number): number => {
    let sum = 0;
    for (const group of counted) sum += group.weight * of(group);
    return sum;
  };
  const total = weigh(({ all }) => all);
  return (threshold) => weigh(({ count }) => count(threshold)) / total;
}

/** Scores of each weight, of which there are few. */
function groupByWeight(scores: ArrayLike<number>, weights?: ArrayLike<number>): WeightedScores[] {
  if (weights === undefined) return [{ weight: 1, scores: Float64Array.from(scores) }];
  const lists = new Map<number, number[]>();
  for (let i = 0; i < scores.length; i++) {
    const list = lists.get(weights[i]!);
    if (list === undefined) lists.set(weights[i]!, [scores[i]!]);
    else list.push(scores[i]!);
  }
  return [...lists].map(([weight, list]) => ({ weight, scores: Float64Array.from(list) }));
}

/** Scores in a bin of a counter, on average. */
const IN_BIN = 8;

/**
 * How many scores are at least T, for any T: scores lie in bins of equal width, and only those of
 * the bin of T are looked at. Sorting millions of them would take many times as long.
 */
function makeCounter(scores: Float64Array): (threshold: number) => number {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const score of scores) {
    if (score > high) high = score;
    if (score < low && score !== Number.NEGATIVE_INFINITY) low = score;
  }
  const bins = Math.max(1, Math.ceil(scores.length / IN_BIN));
  const scale = high > low ? (bins - 1) / (high - low) : 0;
  // Never falls as the score rises, whatever the rounding.
  const findBin = (score: number): number => (score > low ? Math.min(bins - 1, Math.floor((score - low) * scale)) : 0);
  const ends = new Uint32Array(bins + 1);
  for (const score of scores) ends[findBin(score) + 1]!++;
  for (let bin = 0; bin < bins; bin++) ends[bin + 1]! += ends[bin]!;
  const next = ends.slice();
  const ordered = new Float64Array(scores.length);
  for (const score of scores) ordered[next[findBin(score)]!++] = score;
  return (threshold) => {
    if (!(threshold <= high)) return 0;
    const bin = findBin(threshold);
    const end = ends[bin + 1]!;
    let count = ordered.length - end;
    for (let i = ends[bin]!; i < end; i++) count += Number(ordered[i]! >= threshold);
    return count;
  };
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
export const summarize = (scores: ArrayLike<number>): Spread => summarizeSorted(Float64Array.from(scores).sort());

function summarizeSorted(sorted: Float64Array): Spread {
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
  const [genuine, impostor] = [Float64Array.from(mated).sort(), Float64Array.from(nonMated).sort()];
  const [g, i] = [summarizeSorted(genuine), summarizeSorted(impostor)];
  if (g.count === 0 || i.count === 0) return { mated: g, nonMated: i, eer: null, auc: null, dPrime: null };
  const pooled = g.sd === null || i.sd === null ? 0 : Math.sqrt((g.sd ** 2 + i.sd ** 2) / 2);
  const dPrime = pooled > 0 ? Math.abs(g.mean! - i.mean!) / pooled : null;
  return { mated: g, nonMated: i, eer: equalErrorRate(genuine, impostor), auc: areaUnder(genuine, impostor), dPrime };
}

/** Distinct values of two ascending lists, ascending, and +Infinity. */
function* mergeDistinct(a: Float64Array, b: Float64Array): Generator<number> {
  let [i, j, before] = [0, 0, Number.NaN];
  while (i < a.length || j < b.length) {
    const value = j >= b.length || a[i]! <= b[j]! ? a[i++]! : b[j++]!;
    if (value !== before) yield value;
    before = value;
  }
  yield Number.POSITIVE_INFINITY;
}

/**
 * Both lists ascending. At the lowest threshold FMR is 1 and FNMR 0, at +Infinity the reverse: they
 * meet once.
 */
function equalErrorRate(genuine: Float64Array, impostor: Float64Array): number {
  let before = { fmr: 1, off: 1 };
  for (const t of mergeDistinct(genuine, impostor)) {
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
