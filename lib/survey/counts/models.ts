// Closed capture-recapture on identities as they are: no ghost is taken out here. Every function
// takes counts and gives numbers of animals; pure.
import type { ModelEstimate, ModelName } from './types.ts';

/**
 * What the models need of capture histories. `f[k]`: identities seen on k occasions (f[0] is
 * unused); `perOccasion[j]`: identities seen on occasion j; `first[j]`: of these, seen for the
 * first time.
 */
export interface Frequencies {
  t: number;
  n: number;
  f: ArrayLike<number>;
  perOccasion: readonly number[];
  first: readonly number[];
}

const Z = 1.96;
const { exp, log, sqrt } = Math;

/** Captures: the sum of k f_k. */
export function countCaptures(f: ArrayLike<number>): number {
  let sum = 0;
  for (let k = 1; k < f.length; k++) sum += k * f[k]!;
  return sum;
}

/**
 * The factor of the log-normal interval n + f0/C to n + f0 C (K. P. Burnham; A. Chao, Biometrics
 * 43 (1987) 783-791): C = exp(1.96 sqrt(ln(1 + var/f0^2))).
 * @param f0 animals that were not seen, above 0
 */
export const logNormalFactor = (f0: number, variance: number): number => exp(Z * sqrt(log(1 + variance / (f0 * f0))));

/**
 * M0, conditional on being seen: N = n / (1 - (1-p)^t) with c = n t p / (1 - (1-p)^t) (D. L. Otis
 * et al., Wildlife Monographs 62 (1978)). SE: sqrt(N / ((1-p)^-t - t/(1-p) + t - 1)).
 * @returns null where every identity was seen on one occasion: no finite N has that expectation
 */
export function estimateM0(n: number, captures: number, t: number): { estimate: number; se: number } | null {
  if (n === 0 || captures <= n) return null;
  if (captures >= n * t) return { estimate: n, se: 0 };
  let [low, high] = [0, 1];
  for (let i = 0; i < 200 && high - low > 1e-15; i++) {
    const p = (low + high) / 2;
    if ((n * t * p) / -Math.expm1(t * Math.log1p(-p)) < captures) low = p;
    else high = p;
  }
  const p = (low + high) / 2;
  const estimate = n / -Math.expm1(t * Math.log1p(-p));
  return { estimate, se: sqrt(estimate / ((1 - p) ** -t - t / (1 - p) + t - 1)) };
}

/**
 * Mt (J. N. Darroch, Biometrika 45 (1958) 343-359): prod(1 - n_j/N) = 1 - n/N; SE: (1/(N-n) +
 * (t-1)/N - sum 1/(N-n_j))^-1/2.
 * @returns null where the equation has no finite root above n
 */
export function estimateMt(n: number, perOccasion: readonly number[]): { estimate: number; se: number } | null {
  const captures = perOccasion.reduce((sum, nj) => sum + nj, 0);
  if (n === 0 || captures <= n) return null;
  // In logarithms, so that it stays exact where N is large; above 0 below the root.
  const off = (N: number): number => perOccasion.reduce((sum, nj) => sum + Math.log1p(-nj / N), 0) - Math.log1p(-n / N);
  let low = Math.max(n, ...perOccasion) * (1 + 1e-12);
  if (perOccasion.some((nj) => nj >= n) || off(low) <= 0) return { estimate: n, se: 0 };
  let high = 2 * low;
  while (off(high) > 0 && high < 1e12) high *= 2;
  for (let i = 0; i < 200 && high - low > 1e-12 * high; i++) {
    const middle = (low + high) / 2;
    if (off(middle) > 0) low = middle;
    else high = middle;
  }
  const N = (low + high) / 2;
  const information =
    1 / (N - n) + (perOccasion.length - 1) / N - perOccasion.reduce((sum, nj) => sum + 1 / (N - nj), 0);
  return { estimate: N, se: information > 0 ? 1 / sqrt(information) : Number.NaN };
}

/**
 * The animals that Chao's lower bound adds, bias-corrected: k f1 (f1-1) / (2 (f2+1)), k = (t-1)/t
 * (A. Chao, Biometrics 45 (1989) 427-438). Not below 0 where f1 is a fraction below 1.
 */
export const chaoUnseen = (f1: number, f2: number, t: number): number =>
  (((t - 1) / t) * Math.max(0, f1 * (f1 - 1))) / (2 * (f2 + 1));

/** Its variance (Chao 1987; as in R's vegan and iNEXT for the bias-corrected form). */
export function chaoVariance(f1: number, f2: number, t: number): number {
  const k = (t - 1) / t;
  const pairs = Math.max(0, f1 * (f1 - 1));
  const second = (pairs * (f1 * f1 + 4 * f1 * f2 + 3 * f1 - 6 * f2 - 6)) / (4 * (f2 + 1) ** 2 * (f2 + 2));
  return (k * pairs) / (2 * (f2 + 1)) + k * k * second;
}

/**
 * The jackknife of order 1 to 3 (K. P. Burnham, W. S. Overton, Biometrika 65 (1978) 625-633):
 * N = sum a_k f_k with a_k the weight of k occasions; variance: sum a_k^2 f_k - N.
 * @param t above 2 for order 2 and 3
 */
function estimateJackknife(
  order: 1 | 2 | 3,
  n: number,
  f: ArrayLike<number>,
  t: number,
): { estimate: number; se: number } {
  const added = [
    [(t - 1) / t],
    [(2 * t - 3) / t, -((t - 2) ** 2) / (t * (t - 1))],
    [(3 * t - 6) / t, -(3 * t * t - 15 * t + 19) / (t * (t - 1)), (t - 3) ** 3 / (t * (t - 1) * (t - 2))],
  ][order - 1]!;
  let [estimate, squares] = [n, n];
  added.forEach((weight, i) => {
    const found = f[i + 1] ?? 0;
    estimate += weight * found;
    squares += ((1 + weight) ** 2 - 1) * found;
  });
  return { estimate, se: sqrt(Math.max(0, squares - estimate)) };
}

/**
 * Schnabel (Z. E. Schnabel, American Mathematical Monthly 45 (1938) 348-352): sum C_j M_j / sum
 * R_j, with C_j seen on occasion j, M_j known before it and R_j of them seen again.
 * @returns null without an animal that was seen again
 */
export function estimateSchnabel(perOccasion: readonly number[], first: readonly number[]): number | null {
  let [known, above, again] = [0, 0, 0];
  perOccasion.forEach((seen, j) => {
    above += seen * known;
    again += seen - first[j]!;
    known += first[j]!;
  });
  return again === 0 ? null : above / again;
}

/**
 * Chapman, two samples (D. G. Chapman 1951; variance of G. A. F. Seber 1970): (n1+1)(n2+1)/(m+1) -
 * 1; SE sqrt((n1+1)(n2+1)(n1-m)(n2-m)/((m+1)^2(m+2))).
 * @param m seen in both
 */
export function estimateChapman(n1: number, n2: number, m: number): { estimate: number; se: number } {
  const product = (n1 + 1) * (n2 + 1);
  return {
    estimate: product / (m + 1) - 1,
    se: sqrt((product * (n1 - m) * (n2 - m)) / ((m + 1) ** 2 * (m + 2))),
  };
}

/** A model with its log-normal interval: n + f0/C to n + f0 C, f0 = N - n. */
function withInterval(model: ModelName, n: number, estimate: number, se: number | null): ModelEstimate {
  if (se === null || !Number.isFinite(se)) return { model, estimate, se: null, lower: null, upper: null };
  const f0 = estimate - n;
  // Two samples may say fewer than were seen.
  if (f0 < -1e-9) return { model, estimate, se, lower: null, upper: null };
  if (f0 <= 1e-9) return { model, estimate, se, lower: n, upper: n };
  const factor = logNormalFactor(f0, se * se);
  return { model, estimate, se, lower: n + f0 / factor, upper: n + f0 * factor };
}

const NO_AGAIN = 'nothing was seen on two occasions';

/**
 * All models on one set of histories.
 * @param halves identities seen in the first and in the second half of the occasions, and in both:
 *   the two samples of Chapman
 */
export function estimateModels(
  { t, n, f, perOccasion, first }: Frequencies,
  halves: { first: number; second: number; both: number },
): ModelEstimate[] {
  const none = (model: ModelName, reason: string): ModelEstimate => ({
    ...{ model, estimate: null, se: null, lower: null, upper: null, reason },
  });
  const give = (model: ModelName, found: { estimate: number; se: number | null } | null): ModelEstimate =>
    found === null ? none(model, NO_AGAIN) : withInterval(model, n, found.estimate, found.se);
  const [f1, f2] = [f[1] ?? 0, f[2] ?? 0];
  const chao = { estimate: n + chaoUnseen(f1, f2, t), se: sqrt(Math.max(0, chaoVariance(f1, f2, t))) };
  const schnabel = estimateSchnabel(perOccasion, first);
  return [
    give('M0', estimateM0(n, countCaptures(f), t)),
    give('Mt (Darroch)', estimateMt(n, perOccasion)),
    give('Mh (Chao)', chao),
    ...([1, 2, 3] as const).map((order) => give(`Mh (jackknife ${order})`, estimateJackknife(order, n, f, t))),
    give('Schnabel', schnabel === null ? null : { estimate: schnabel, se: null }),
    give('Chapman', halves.both === 0 ? null : estimateChapman(halves.first, halves.second, halves.both)),
  ];
}
